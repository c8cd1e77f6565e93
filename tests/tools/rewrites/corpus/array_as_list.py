"""Fixtures of `array-as-list`."""

WINS = '''"""A thermostat that switches late."""

import numpy as np


def switched(rooms: np.ndarray, low: float, high: float) -> int:
    """Return how often the heating is switched on (»an«)."""
    is_on = False
    times = 0
    # What it does depends on what it did before.
    for i in range(len(rooms)):
        if is_on:
            is_on = not  rooms[ i ] > high   # in °C
        elif rooms[i] < low:
            is_on = True
            times += 1
    return times


def workload():
    rooms = 20 + 5 * np.sin(np.arange(30000) / 100)
    return [switched(rooms, low, 21.0) for low in (15.5, 18.0, 20.0)]
'''

TRAP = '''"""Energies of particles, from their speeds."""

import numpy as np


def fast(speeds: np.ndarray, least: int) -> int:
    """Return how many particles have more than some energy."""
    count = 0
    for speed in speeds:
        if speed**2 > least:
            count += 1
    return count


def workload():
    with np.errstate(over="ignore"):
        return fast(np.array([3, 20, 3_037_000_500]), 100)
'''

TRAP_WHY = "a square that 64 bits do not hold: numpy's is negative, Python's is right"
TRAP_STAGE = "same answer"

NEVER = '''"""Elements whose type is seen, and arrays that change."""

import numpy as np


def kept(values: np.ndarray) -> list:
    found = []
    for value in values:
        if value > 1:
            found.append(value)
    return found


def thinned(values: np.ndarray) -> np.ndarray:
    for i in range(1, len(values)):
        if values[i - 1] > 1:
            values[i] = 0
    return values


def inverted(values: np.ndarray) -> np.ndarray:
    out = np.zeros(len(values))
    for i in range(1, len(values)):
        out[i] = 1 / values[i] + out[i - 1]
    return out


def workload():
    values = np.array([1.0, 2.0, 4.0])
    return len(kept(values)), inverted(values).tolist(), thinned(values).tolist()
'''
