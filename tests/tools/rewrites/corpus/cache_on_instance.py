"""Fixtures of `cache-on-instance`."""

WINS = '''"""Walks across a map."""

import math
from itertools import pairwise


class Walk:
    """A walk along points, in metres."""

    def __init__(self, name, points):
        self.name = name
        self._points = tuple(points)

    def length(self) -> float:
        """Return how long the walk is."""
        total = 0.0
        for (x, y), (to_x, to_y) in pairwise(self._points):
            total += math.hypot(to_x - x,  to_y - y)  # as the crow flies
        return total

    def __repr__(self):
        return f"Walk({self.name!r})"


def alike(walks, tolerance):
    """Return the names of walks that are about as long as each other."""
    return [
        (first.name, second.name)
        for first in walks
        for second in walks
        if first.name < second.name and abs(first.length() - second.length()) < tolerance
    ]


def workload():
    walks = [
        Walk(f"Höhenweg {number}", [(number % 7 * step, step) for step in range(40)])
        for number in range(60)
    ]
    return alike(walks, 30.0)
'''

TRAP = '''"""Invoices."""

from .cache_on_instance_beside import Record


class Invoice(Record):
    """Lines of (count, cents), and the rate of the tax in percent."""

    def __init__(self, lines, rate):
        self._lines = tuple(lines)
        self._rate = rate

    @property
    def total(self) -> int:
        """What is to be paid, in cents."""
        net = 0
        for count, cents in self._lines:
            net += count * cents
        return net + net * self._rate // 100


def workload():
    invoices = [Invoice([(2, 1999), (1, 450)], rate=19), Invoice([(1, 99)], rate=7)]
    return [invoice.total for invoice in invoices]
'''

TRAP_WHY = "a base class of another module compares all that an instance holds; a test does"
TRAP_STAGE = "covering tests"

TRAP_BESIDE = '''"""What all records have in common."""


class Record:
    """Two records are equal when they hold the same."""

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash(type(self))
'''

TRAP_TEST = """from traps.cache_on_instance import Invoice


def test_an_invoice_equals_its_copy_after_it_was_added_up():
    paid, copied = (Invoice([(3, 100)], rate=10) for _ in range(2))
    assert paid.total == 330
    assert paid == copied
"""

NEVER = '''"""A basket that is filled as one goes."""


class Basket:
    def __init__(self):
        self._cents = []

    def add(self, cents):
        self._cents.append(cents)

    @property
    def total(self) -> int:
        return sum(self._cents)


class Cursor:
    __slots__ = ("_names",)

    def __init__(self, names):
        self._names = tuple(names)

    def longest(self) -> int:
        return max(len(name) for name in self._names)


def workload():
    basket = Basket()
    totals = []
    for cents in range(5):
        basket.add(cents)
        totals.append(basket.total)
    return totals, Cursor(["a", "bc"]).longest()
'''
