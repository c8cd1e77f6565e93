"""Fixtures of `rows-as-arrays`."""

WINS = '''"""Invoices of a frame of orders."""

import pandas as pd


def lines(orders):
    """Return a line for each order: »3 mal café«."""
    found = []
    # In the order of the frame.
    for number, order in orders.iterrows():
        found.append( f"{number}: {order['count']} mal {order['what']}" )   # text
    return found


def workload():
    numbers = range(400)
    orders = pd.DataFrame({"count": numbers, "what": [f"thing {each % 7}" for each in numbers]})
    return lines(orders)[::50]
'''

TRAP = '''"""Members of a club."""

import pandas as pd


def names(members):
    """Return what the members are called."""
    return [member["name"] for _, member in members.iterrows()]


def workload():
    from . import rows_as_arrays_beside as club

    members = {"name": ["Ida", "Jo", "Kim"], "left": [False, True, False]}
    return names(pd.DataFrame(members)), names(club.Members(members))
'''

TRAP_WHY = "another module's subclass of frames, which leaves rows out"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Frames of members, in which those who left stay for the books."""

import pandas as pd


class Members(pd.DataFrame):
    def iterrows(self):
        return (pair for pair in super().iterrows() if not pair[1]["left"])
'''

NEVER = '''"""Rows that are more than read."""

import pandas as pd


def sums(frame):
    return [int(row["a"] + row.sum()) for _, row in frame.iterrows()]


def last(frame):
    for _, row in frame.iterrows():
        row["a"] += 1
    return int(row["a"])


def workload():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    return sums(frame), last(frame)
'''
