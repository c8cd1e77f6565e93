"""Evaluate a lab's measurements with their uncertainties."""

from uncertainties import ufloat
from uncertainties.umath import exp, sin, sqrt


def workload():
    """Return each result as it goes into the report."""
    shown = []
    for number in range(1, 240):
        length = ufloat(number / 3, 0.02)
        time = ufloat(2.0 + number / 100, 0.01)
        speed = length / time
        energy = 0.5 * 1.3 * speed**2
        angle = sin(speed / 10) + exp(-time) + sqrt(length)
        total = sum((energy * part for part in range(5)), angle)
        shown += [f"{total:.2u}", f"{energy:.1uP}", f"{speed:.3e}", str(angle - total)]
    return shown
