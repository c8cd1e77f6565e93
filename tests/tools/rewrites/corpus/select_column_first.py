"""Fixtures of `select-column-first`."""

WINS = '''"""Trees of a town."""

import pandas as pd


def tall(trees, metres):
    """Return how much the tall trees measure around, in all."""
    return trees[ trees["height"] > metres ]["girth"].sum()   # »Umfang« in centimetres


def workload():
    count = 3000
    columns = {f"note {number}": ["x"] * count for number in range(8)}
    columns["height"] = [number * 7 % 300 / 10 for number in range(count)]
    columns["girth"] = [number * 11 % 400 for number in range(count)]
    trees = pd.DataFrame(columns)
    return [int(tall(trees, metres)) for metres in range(30)]
'''

TRAP = '''"""Payments of a club's members."""

import pandas as pd


def owed(members, least):
    """Return the names of those who owe something."""
    assert isinstance(members, pd.DataFrame)
    return members[members["debt"] > least]["name"].tolist()


def workload():
    from .select_column_first_beside import Register

    members = Register({"name": ["Ida", "Jo", "Kim"], "debt": [0, 12, 30]})
    return owed(members, 0), owed(members, 20), members.attrs["looked up"]
'''

TRAP_WHY = "a frame of another module's class, which counts what is looked up in it"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Registers, which may be read, but not without a note of it."""

import pandas as pd


class Register(pd.DataFrame):
    """A frame that counts how often a column of it, or of some rows of it, is asked for."""

    @property
    def _constructor(self):
        return Register

    def __getitem__(self, key):
        if isinstance(key, str):
            self.attrs["looked up"] = self.attrs.get("looked up", 0) + 1
        return super().__getitem__(key)
'''

NEVER = '''"""Rows that are written to, masks of something else, and tables that are no frames."""

import pandas as pd


def masked(frame, mask):
    return frame[mask]["name"].tolist()


def of_another(frame, other):
    return frame[other["age"] > 1]["name"].tolist()


def from_place(frame, place):
    return frame[frame["age"] > 1][place].tolist()


def workload():
    frame = pd.DataFrame({"name": ["a", "b"], "age": [1, 2]})
    return masked(frame, [True, False]), of_another(frame, frame), from_place(frame, "name")
'''
