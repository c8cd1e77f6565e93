"""Fixtures of `first-match`."""

WINS = '''"""When a machine got too hot."""

import numpy as np


def first_above(heat: np.ndarray, limit: float) -> int:
    """Return the first second at which it was hotter than a limit in °C."""
    return int( np.where(heat > limit)[0][0] )   # »zum ersten Mal«


def workload():
    heat = np.arange(200000) * 37 % 9001 / 10
    return [first_above(heat, limit) for limit in range(100, 800, 25)]
'''

TRAP = '''"""Where something is in a store."""

import numpy as np
from numpy import flatnonzero


def shelf_of(shelves, article):
    """Return the first shelf with an article."""
    return flatnonzero(shelves == article)[0]


def workload():
    from . import first_match_beside as survey

    shelves = np.array([3, 5, 5, 7])
    with survey.counted() as searches:
        found = [int(shelf_of(shelves, article)) for article in (5, 7)]
    return found, len(searches)
'''

TRAP_WHY = "another module counts the searches: it puts a function of its own in numpy's place"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""A survey of how often something is searched."""

from contextlib import contextmanager

from . import first_match as store


@contextmanager
def counted():
    usual, searches = store.flatnonzero, []

    def search(mask):
        searches.append(mask)
        return usual(mask)

    store.flatnonzero = search
    try:
        yield searches
    finally:
        store.flatnonzero = usual
'''

NEVER = '''"""Later matches, and matches of many arrays."""

import numpy as np


def second(values):
    return int(np.where(values > 1)[0][1])


def firsts(rows):
    return [int(np.where(row > 1)[0][0]) for row in rows]


def workload():
    values = np.array([1, 2, 3])
    return second(values), firsts([values, values[1:]])
'''
