"""Fixtures of `grow-array-once`."""

WINS = '''"""Steps of a walk."""

import numpy as np


def places(steps):
    """Return the places that a walker comes by, half-way ones too (»Zwischenhalte«)."""
    found = np.array([0.0])
    at = 0.0
    # one after the other
    for step in steps:
        half = at + step / 2
        at += step
        found = np.append(found, [half, at])   # two at once
    return found


def workload():
    found = places([number % 9 - 4 for number in range(6000)])
    return len(found), float(found.max()), float(found.sum())
'''

TRAP = '''"""Readings of a gauge."""

import numpy as np


def column(readings):
    """Return the readings as they are printed under each other."""
    found = np.array([0.5])
    for reading in readings:
        found = np.append(found, reading)
    return found


def workload():
    return column([2, 3]).tolist(), column([4, "dry", 5]).tolist()
'''

TRAP_WHY = "texts among the numbers: those before were floats when they became texts"
TRAP_STAGE = "same answer"

NEVER = '''"""Arrays that are looked at while they grow, or made of what changes meanwhile."""

import numpy as np


def doubled(count):
    found = np.array([1])
    for _ in range(count):
        found = np.append(found, found[-1] * 2)
    return found.tolist()


def rows(count):
    found = np.zeros(0)
    row = np.zeros(2)
    for number in range(count):
        row[0] = number
        found = np.append(found, row)
    return found.tolist()


def backwards(numbers):
    found = np.array([0])
    for number in numbers:
        found = np.concatenate([[number], found])
    return found.tolist()


def workload():
    return doubled(4), rows(2), backwards([1, 2])
'''
