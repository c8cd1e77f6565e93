"""Fixtures of `specialize`."""

SEEN = {"shown": {"value": {"str": 0.95, "int": 0.05}}}

WINS = '''"""Values as they stand in a file."""

from collections.abc import Mapping, Sequence
from numbers import Number


def shown(value):
    """Return a value as text; »texts« in quotes."""
    if value is None:
        return "-"
    elif isinstance(value, Number):   # as it is
        return str(value)
    elif isinstance(value, Mapping):
        return "{" + ", ".join(map(shown, value)) + "}"
    elif isinstance(value, str):
        return f"'{value}'"
    elif isinstance(value, Sequence):
        return "[" + ", ".join(map(shown, value)) + "]"
    return "?"


def workload():
    names = [f"Straße {number}" for number in range(4000)]
    return [shown(name) for name in [*names, 7, None, {"a": 1}, ("b", 2.5)]][-6:]
'''

TRAP = '''"""Cells of a table, as they are shown."""

from collections.abc import Mapping
from numbers import Number


def shown(value):
    """Return a cell as text: numbers to the right."""
    if isinstance(value, Number):
        return f"{value:>8}"
    elif isinstance(value, Mapping):
        return ", ".join(value)
    elif isinstance(value, str):
        return f"{value:<8}"
    return "?"


def workload():
    from . import specialize_beside as lenient

    cells = ["wind", "12", "rain", 3]
    before = [shown(cell) for cell in cells]
    with lenient.numerals_are_numbers():
        return before, [shown(cell) for cell in cells]
'''

TRAP_WHY = "another module has texts pass the test in front of theirs, for a while"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""In old files numbers come as texts."""

from contextlib import contextmanager

from . import specialize as cells


class Numeral(type):
    def __instancecheck__(cls, value):
        return str(value).isdecimal()


class NumberOrNumeral(metaclass=Numeral):
    """A number, or its digits as text."""


@contextmanager
def numerals_are_numbers():
    usual = vars(cells)["Number"]
    cells.Number = NumberOrNumeral
    try:
        yield
    finally:
        cells.Number = usual
'''

NEVER = '''"""Chains in which a text does not surely come to its branch, or comes to it soon."""

from collections.abc import Mapping
from decimal import Decimal
from numbers import Number


class Label:
    pass


def shown(value):
    if isinstance(value, (Label, Mapping, Number)):
        return "label"
    elif isinstance(value, str):
        return value
    return "?"


def heard(value):
    if isinstance(value, Mapping):
        return "table"
    elif isinstance(value, str):
        return value
    return "?"


def workload():
    return shown("a"), shown(Label()), heard("b"), shown(Decimal(1))
'''
