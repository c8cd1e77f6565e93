"""Fixtures of `fill-by-comprehension`."""

WINS = '''"""Cells of a table."""


def cells(rows):
    """Return the cells of a table (»Zellen«), row by row."""
    found = []
    for row in rows:
        for cell in row:   # from left to right
            found.append( cell )
    return found


def workload():
    rows = [("Köln", "50667", "NW", "", "1.1")] * 2000
    return sum(len(cells(rows)) for _ in range(100))
'''

TRAP = '''"""Invitations."""

import string

TEXT = string.Template("$count guests; the last one is $guest")


def summary(names):
    """Return what the kitchen must know."""
    plates = []
    for guest in names:
        plates.append(guest.strip().title())
    count = len(plates)
    return TEXT.safe_substitute(locals())


def workload():
    return summary([" ada", "ben ", "cleo"])
'''

TRAP_WHY = "a text made of locals(), which the loop's variable belongs to and a comprehension's not"
TRAP_STAGE = "same answer"

NEVER = '''"""Loops whose variable or list is needed otherwise."""


def last_and_all(words):
    found = []
    for word in words:
        found.append(word.upper())
    return found, word


def numbered(words):
    found = []
    for word in words:
        found.append(f"{len(found)} {word}")
    return found


def workload():
    return last_and_all(["a", "b"]), numbered(["a", "b"])
'''
