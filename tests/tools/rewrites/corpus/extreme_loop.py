"""Fixtures of `extreme-loop`."""

WINS = '''"""The highest point of a walk."""

import numpy as np


def summit(heights: np.ndarray):
    """Return the greatest height in metres, and where it is reached first."""
    best = -1.0
    place = -1
    # »Gipfel«
    for at, height in enumerate(heights):
        if height > best:   # higher than all before
            best = height
            place = at
    return float(best), place


def workload():
    heights = np.arange(30000) * 37 % 9001 / 10
    return [summit(heights[first:]) for first in range(20)]
'''

TRAP = '''"""Signals of stations at several distances."""

import numpy as np


def strongest(distances: np.ndarray):
    """Return how strong the best signal is."""
    best = 0.0
    for distance in distances:
        if 1.0 / distance > best:
            best = 1.0 / distance
    return float(best)


def workload():
    complaints = []
    with np.errstate(divide="call", call=lambda kind, flag: complaints.append(kind)):
        best = strongest(np.array([4.0, 0.0, 2.0, 0.0]))
    return str(best), complaints
'''

TRAP_WHY = "numpy is told to call a function on each division by zero: once for each element"
TRAP_STAGE = "same answer"

NEVER = '''"""The last of equals, and the best of a list."""

import numpy as np


def last_best(values: np.ndarray):
    best = 0
    for value in values:
        if value >= best:
            best = value + 0
    return float(best)


def best_of(values: list):
    best = 0
    for value in values:
        if value > best:
            best = value
    return best


def workload():
    return last_best(np.array([1.0, 3.0, 3.0])), best_of([2, 5])
'''
