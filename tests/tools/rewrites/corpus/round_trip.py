"""Fixtures of `round-trip`."""

WINS = '''"""Levels of a river."""

import numpy as np


def kept(levels: np.ndarray) -> np.ndarray:
    """Return a copy, in which gaps may be filled."""
    return np.array( levels.tolist() )   # »eigene Kopie«


def workload():
    levels = np.arange(20000) % 997 / 100
    return [float(kept(levels[day:])[0]) for day in range(20)]
'''

TRAP = '''"""Prices of shares."""

import numpy as np


def shown(prices: np.ndarray):
    """Return the prices as they are shown."""
    return np.array(list(prices))


def workload():
    from . import round_trip_beside as newspaper

    prices = np.array([10.127, 3.5])
    before = shown(prices).tolist()
    with newspaper.printed():
        return before, shown(prices).tolist()
'''

TRAP_WHY = "another module gives this one a function named as the builtin, which rounds"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Prices as a newspaper prints them."""

from contextlib import contextmanager

from . import round_trip as shares


@contextmanager
def printed():
    shares.list = lambda prices: [round(float(price), 2) for price in prices]
    try:
        yield
    finally:
        del shares.list
'''

NEVER = '''"""Lists that are no arrays, and conversions between two types."""

import numpy as np


def made(values: list) -> np.ndarray:
    return np.array(list(values))


def rounded(values: np.ndarray) -> np.ndarray:
    return values.astype(int).astype(float)


def workload():
    return made([1, 2]).tolist(), rounded(np.array([1.5, 2.5])).tolist()
'''
