"""Fixtures of `hoist-constant`."""

WINS = '''"""Dates in words."""


def month(name):
    """Return the number of a month, 0 for none (»Jänner« is Austrian)."""
    numbers = {
        "Januar": 1, "Jänner": 1, "Februar": 2, "Feber": 2, "März": 3, "April": 4,
        "Mai": 5, "Juni": 6, "Juli": 7, "August": 8, "September": 9, "Oktober": 10,
        "November": 11, "Dezember": 12,   # the year ends here
    }
    return numbers.get( name, 0 )


def workload():
    return sum(month(name) for name in ["März", "Mai", "Jänner", "Brumaire"] * 12000)
'''

TRAP = '''"""Options of a report."""

from collections import ChainMap


def options(report, chosen):
    """Return the width and indent of a report, with what was chosen for it."""
    usual = {"width": 80, "indent": 4, "tab": 8, "gap": 1}
    scope = ChainMap(usual)
    for name, value in chosen:
        scope[name] = value
    return report, scope["width"], scope["indent"]


def workload():
    return [options("year", [("width", 120)]), options("week", [("indent", 2)])]
'''

TRAP_WHY = "a ChainMap around the table, through which one call changes it for the next"
TRAP_STAGE = "same answer"

NEVER = '''"""Tables that the function changes or hands on."""


def counted(letters):
    counts = {"a": 0, "b": 0, "c": 0, "d": 0}
    for letter in letters:
        counts[letter] += 1
    return counts


def levels():
    names = ["low", "middle", "high", "highest"]
    return names


def workload():
    return counted("abba"), levels()
'''
