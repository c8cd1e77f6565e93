"""Fixtures of `scalar-math`."""

WINS = '''"""Readings of a thermometer."""

import numpy as np


def is_usable(reading: float) -> bool:
    """Return whether there is a reading (»°C«)."""
    # Gaps are NaN.
    return not np.isnan( reading )   # none at night


def workload():
    readings = [float("nan") if number % 7 == 0 else number / 10 for number in range(20000)]
    return sum(map(is_usable, readings))
'''

TRAP = '''"""Courses of ships."""

import numpy as np


def is_steady(turn: float) -> bool:
    """Return whether a ship turns little."""
    if np.abs(turn) < 20:
        return True
    return False


def workload():
    from .scalar_math_beside import Angle

    return [is_steady(turn) for turn in (5.0, -30.0, Angle(350.0), Angle(90.0))]
'''

TRAP_WHY = "another module's subclass of float with an absolute value of its own, unknown to numpy"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Angles in degrees."""


class Angle(float):
    def __abs__(self):
        return min(self % 360, -self % 360)
'''

NEVER = '''"""What may be an array, answers whose type is seen, and roots that may fail."""

import numpy as np


def is_gap(value) -> int:
    return 1 if np.isnan(value) else 2


def gap(value: float):
    return np.isnan(value)


def is_large(area: float) -> int:
    return 1 if np.sqrt(area) > 2 else 2


def workload():
    return is_gap(np.array([1.0])), bool(gap(1.0)), is_large(9.0)
'''
