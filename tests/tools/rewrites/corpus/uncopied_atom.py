"""Fixtures of `uncopied-atom`."""

WINS = '''"""A board that can be put back to where it was."""

import copy


def snapshot(fields):
    """Return a copy of the fields: texts and numbers mostly, and a few lists."""
    return {name: copy.deepcopy(value)  for name, value in fields.items()}   # »vorher«


def workload():
    fields = {f"field {number}": number * 0.5 for number in range(400)}
    fields["moves"] = ["e2", "e4"]
    taken = [snapshot(fields) for _ in range(40)]
    fields["moves"].append("e5")
    return len(taken), taken[-1]["moves"], taken[0]["field 7"]
'''

TRAP = '''"""Records that are handed to a customer."""

import copy


def handed_over(record):
    """Return a copy of each part of a record that may be changed at will."""
    parts = []
    for part in record:
        parts.append(copy.deepcopy(part))
    return parts


def workload():
    from . import uncopied_atom_beside as meter

    with meter.copies_counted() as counts:
        parts = handed_over(["name", 12, [1, 2], 0.5])
    return parts, counts
'''

TRAP_WHY = "another module puts a function that counts in the place of deepcopy, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Copies are paid for by the piece."""

import copy
from contextlib import contextmanager


@contextmanager
def copies_counted():
    """Count what is copied meanwhile, by the name of its type."""
    usual = copy.deepcopy
    counts = {}

    def counted(value):
        kind = type(value).__name__
        counts[kind] = counts.get(kind, 0) + 1
        return usual(value)

    copy.deepcopy = counted
    try:
        yield counts
    finally:
        copy.deepcopy = usual
'''

NEVER = '''"""Copies of what is known to be a container, and of one thing alone."""

import copy


def rows_kept(rows: list[list[int]]):
    return [copy.deepcopy(row) for row in rows]


def heads(pages):
    kept = []
    for page in pages:
        head = copy.deepcopy(page)
        kept.append((page["title"], head))
    return kept


def kept(value):
    return copy.deepcopy(value)


def workload():
    return rows_kept([[1], [2, 3]]), heads([{"title": "a"}]), kept("x")
'''
