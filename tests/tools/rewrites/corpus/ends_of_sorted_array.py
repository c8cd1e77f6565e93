"""Fixtures of `ends-of-sorted-array`."""

WINS = '''"""Noise of a road."""

import numpy as np


def quietest(levels: np.ndarray) -> np.ndarray:
    """Return the five lowest levels, in dB."""
    return np.sort( levels )[:5]   # »Grundpegel«


def workload():
    levels = np.arange(1, 40001) * 7919 % 20011 / 8 + 30
    return [quietest(levels[first:]).tolist() for first in range(20)]
'''

TRAP = '''"""A thermometer on a roof."""

import numpy as np


def coldest(station):
    """Return the lowest of the temperatures that a station sends."""
    return np.sort(station.temperatures)[0]


def workload():
    from . import ends_of_sorted_array_beside as roof

    station = roof.Station([4.5, 3.25, 7.0])
    return [float(coldest(station)) for _ in range(3)], station.sent
'''

TRAP_WHY = "a property of another module's class that measures anew each time it is read"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Stations that measure when they are asked."""

import numpy as np


class Station:
    def __init__(self, first):
        self._last = np.array(first)
        self.sent = 0

    @property
    def temperatures(self):
        """What it measures now; it cools down."""
        self.sent += 1
        self._last = self._last - 0.5
        return self._last
'''

NEVER = '''"""Sorted arrays of which most is used, and orders in which equals show."""

import numpy as np


def inner(values):
    return np.sort(values)[1:], np.sort(values)[:-1]


def by_row(table):
    return np.sort(table, axis=0)[0]


def places(values):
    return np.argsort(values)[:2]


def fixed_up(values):
    ranked = np.sort(values)
    ranked[0] = 0
    return ranked


def workload():
    values = np.array([3, 1, 2])
    kept = [each.tolist() for each in inner(values)]
    row, order = by_row(values.reshape(3, 1)), places(values)
    return kept, row.tolist(), order.tolist(), fixed_up(values).tolist()
'''
