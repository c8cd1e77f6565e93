"""Fixtures of `pattern-method`."""

WINS = '''"""Lines of a log."""

import re

STAMP = re.compile(r"\\[(\\d+):(\\d+)\\] ")


def minutes(lines):
    """Return the minute of the day of each line that has one."""
    found = []
    for line in lines:
        # »[07:30] …«
        match = re.match( STAMP, line )   # at the start alone
        if match:
            found.append(int(match[1]) * 60 + int(match[2]))
    return found


def workload():
    lines = [f"[{at // 60 % 24:02}:{at % 60:02}] »started«" for at in range(9000)]
    return sum(minutes(["no time", *lines]))
'''

TRAP = '''"""Tables of text."""

import re


class Table:
    def __init__(self):
        self.border = re.compile(r" *\\| *")

    def cells(self, line):
        """Return what stands between the borders of a line."""
        return re.split(self.border, line)


def workload():
    from . import pattern_method_beside as others

    return [Table().cells("tea |  milk|rice"), others.CommaTable().cells("tea, milk,rice")]
'''

TRAP_WHY = "another module's subclass has text for a pattern, and text has a method of that name"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Other tables."""

from .pattern_method import Table


class CommaTable(Table):
    def __init__(self):
        self.border = ", ?"
'''

NEVER = '''"""Patterns that may be text, and calls with flags."""

import re

WORD = "[a-z]+"
NUMBER = re.compile("[0-9]+")


def words(text):
    return re.findall(WORD, text)


def found(pattern, text):
    return re.findall(pattern, text)


def numbers(text, *rest):
    return re.findall(NUMBER, *rest, text)


def workload():
    return words("a 1 b"), found("[0-9]", "a 1 b"), numbers("12 c 3")
'''
