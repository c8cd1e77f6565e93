"""Fixtures of `hoist-text`."""

WINS = '''"""Sensors whose readings are kept under the name of the place and the year."""


def readings(rows: list[dict], place: str, year: int) -> list[float]:
    """Return what was measured at a place in a year."""
    found = []
    for row in rows:
        # Not every sensor was there.
        if f"{place}_{year}" in row:   # e.g. »Köln_1999«
            found.append( row[f"{place}_{year}"] )
    return found


def workload():
    rows = [{f"Köln_{1990 + number % 20}": number / 8} for number in range(20000)]
    return readings(rows, "Köln", 1999)[::50]
'''

TRAP = '''"""Lists of results, with how many took part."""

import math


def printed(names: list[str], percent: float) -> list[str]:
    """Return a line for each name, with the share of those who took part."""
    lines = []
    for name in names:
        lines.append(name + " of %d %%" % percent)
    return lines


def workload():
    told = []
    for names, percent in ((["Ida", "Jo"], 62.5), ([], math.nan)):
        try:
            told.append(printed(names, percent))
        except ValueError as error:
            told.append(str(error))
    return told
'''

TRAP_WHY = "nan is no whole number, and nothing was to be printed"
TRAP_STAGE = "same answer"

NEVER = '''"""Texts of what varies, of what may write itself anew, and with formats."""


class Ticket:
    def __init__(self):
        self.number = 0

    def __str__(self):
        self.number += 1
        return f"t{self.number}"


def joined(names: list[str], end: str):
    return [f"{name}{end}" for name in names]


def numbered(names, ticket):
    return [name + f"{ticket}" for name in names]


def padded(names, start: str):
    return [name for name in names if f"{start:>2}" in name]


def growing(names: list[str], text: str):
    told = []
    for name in names:
        told.append(f"{text}/")
        text = name
    return told


def workload():
    names = ["a", " b"]
    return joined(names, "!"), numbered(names, Ticket()), padded(names, "b"), growing(names, "x")
'''
