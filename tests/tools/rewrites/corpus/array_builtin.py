"""Fixtures of `array-builtin`."""

WINS = '''"""Rain at a weather station."""

import numpy as np


def wettest(rain: np.ndarray) -> float:
    """Return the most that fell on a day, in mm."""
    return float(max( rain ))   # »Höchstwert«


def workload():
    days = np.arange(30000) * 37 % 9001 / 10
    return [wettest(days[first:]) for first in range(20)]
'''

TRAP = '''"""A ledger."""

import numpy as np


def balance(entries: np.ndarray):
    """Return what is left."""
    return sum(entries)


def workload():
    from . import array_builtin_beside as accountant

    entries = np.array([1e16, 3.0, -1e16])
    before = float(balance(entries))
    with accountant.exact():
        return before, float(balance(entries))
'''

TRAP_WHY = "another module gives this one a function named as the builtin, which adds without loss"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Sums without loss, for an audit."""

import math
from contextlib import contextmanager

from . import array_builtin as ledger


@contextmanager
def exact():
    ledger.sum = math.fsum
    try:
        yield
    finally:
        del ledger.sum
'''

NEVER = '''"""Builtins that are asked something else, or about a list."""

import numpy as np


def total(values: list):
    return sum(values)


def nearest(values: np.ndarray):
    return min(values, key=abs)


def workload():
    return total([1, 2]), float(nearest(np.array([3.0, -0.5])))
'''
