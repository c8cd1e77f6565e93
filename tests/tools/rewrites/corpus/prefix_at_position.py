"""Fixtures of `prefix-at-position`."""

WINS = '''"""Notes that programmers leave to themselves."""


def notes(text: str):
    """Return where notes begin (»später«)."""
    found = []
    for at in range(len(text)):
        # at each place
        if text[ at: ].startswith(("TODO", "FIXME")):   # one of them
            found.append(at)
    return found


def workload():
    return notes("x = 1  # TODO: größer\\ny = 2  # FIXME\\n" * 400)[-1]
'''

TRAP = '''"""Records of which each column means something."""


def kind(record: str, column: int):
    """Return what a record is about, by what stands at a column."""
    if record[column:].startswith("IN"):
        return "income"
    return "other"


def workload():
    from .prefix_at_position_beside import Card

    return kind(Card("2024 IN 300"), 6), kind("2024 IN 300", 5), kind(Card("2024 EX 100"), 6)
'''

TRAP_WHY = "a subclass of str whose columns are counted from 1 when it is cut"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Cards, whose columns have the numbers that are printed on them."""


class Card(str):
    __slots__ = ()

    def __getitem__(self, columns):
        if isinstance(columns, slice) and columns.start:
            columns = slice(columns.start - 1, columns.stop, columns.step)
        return super().__getitem__(columns)
'''

NEVER = '''"""Parts that are looked for something that may be empty, or that are no text."""


def begins(text: str, at: int, start):
    return text[at:].startswith(start)


def is_there(names, at: int):
    return "a" in names[at:]


def backwards(text: str, at: int):
    return text[at::-1].startswith("a")


def place(text: str, at: int):
    return text[at:].find("a")


def workload():
    return begins("abc", 9, ""), is_there(["ab", "a"], 1), backwards("ba", 1), place("bab", 1)
'''
