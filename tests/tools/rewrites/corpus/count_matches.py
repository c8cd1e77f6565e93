"""Fixtures of `count-matches`."""

WINS = '''"""Days of frost."""

import numpy as np


def frosty(lows: np.ndarray, limit: float) -> int:
    """Return on how many days it was colder than a limit in °C."""
    return len( lows[lows < limit] ) * 1   # »Frosttage«


def workload():
    lows = np.arange(200000) * 37 % 9001 / 300 - 10
    return [frosty(lows, limit) for limit in range(-10, 20)]
'''

TRAP = '''"""Votes that are counted."""

import numpy as np


def yes_votes(votes: np.ndarray):
    """Return how many are in favour."""
    return (votes > 0).sum()


def workload():
    valid = np.array([1, 0, 1, 1])
    votes = np.ma.masked_array([1, 0, 1, 1], mask=[False, False, True, True])
    return int(yes_votes(valid)), int(yes_votes(votes))
'''

TRAP_WHY = "a masked array, a subclass whose sums leave out what is masked"
TRAP_STAGE = "same answer"

NEVER = '''"""Lengths and sums of what is no mask."""

import numpy as np


def length(values: list, wanted):
    return len(values[values == wanted])


def total(values: np.ndarray):
    return (values * 2).sum(), (values > 1).sum(axis=0)


def workload():
    return length(["ab", "c"], 0), [int(each) for each in total(np.array([1, 2]))]
'''
