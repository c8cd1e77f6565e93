"""Fixtures of `array-of-elements`."""

WINS = '''"""Loudness of sounds."""

import numpy as np


def loudness(samples: np.ndarray, gain: float) -> np.ndarray:
    """Return how loud each sample is (»laut«)."""
    return np.array([ abs(sample) * gain + 1 for sample in samples ])   # one by one


def workload():
    samples = np.arange(-20000, 20000) / 7
    return loudness(samples, 0.5).tolist()[::1000]
'''

TRAP = '''"""Distances that are measured, some of them badly."""

import numpy as np


def sides(areas: np.ndarray):
    """Return the sides of squares."""
    return np.array([np.sqrt(area) for area in areas])


def workload():
    complaints = []
    with np.errstate(invalid="call", call=lambda kind, flag: complaints.append(kind)):
        known = sides(np.array([4.0, -1.0, 9.0, -4.0]))
    return [str(each) for each in known], complaints
'''

TRAP_WHY = "numpy is told to call a function on each invalid operation: once for each element"
TRAP_STAGE = "same answer"

NEVER = '''"""Elements that are chosen, or whose type depends on them."""

import numpy as np


def above(values: np.ndarray):
    return np.array([value * 2 for value in values if value > 1])


def clipped(values: np.ndarray):
    return np.array([value if value > 0 else 0 for value in values])


def doubled(values: list):
    return [value * 2 for value in values]


def workload():
    values = np.array([-1.5, 1.0, 2.5])
    return above(values).tolist(), clipped(values).tolist(), doubled([1, 2])
'''
