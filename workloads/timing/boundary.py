"""How small a p-value has to be at each look, so that all looks together err as often as promised.

Looking after every pair with a 1 % test each time errs far more often than 1 % (Armitage,
McPherson & Rowe, "Repeated significance tests on accumulating data", JRSS A 1969). Pocock's
boundary (Biometrika 1977) uses one smaller level at every look. His constants are for normal values
of known variance; with Student's t of four and more degrees of freedom they err too often, so the
levels below were simulated for the trimmed t of `interval.locate`, 400,000 sequences of normal
values each (100,000 beyond 30 pairs). Heavier tails make t err less, not more (simulated in
benchmarks/measurement.md).
"""

from __future__ import annotations

import bisect
import functools
import math

from .interval import FEWEST

MOST_PAIRS = 120
"""More pairs than this are not planned for."""

_EVERY_PAIR_UNTIL = 30
_LOOKS_BEYOND = 26
_OVERALL = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2)
_NOMINAL = {
    5: (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2),
    6: (3.00e-4, 6.19e-4, 1.52e-3, 3.12e-3, 6.46e-3, 0.0171, 0.0358, 0.0748, 0.158),
    7: (2.21e-4, 4.43e-4, 1.14e-3, 2.37e-3, 5.03e-3, 0.0133, 0.0287, 0.0620, 0.135),
    8: (1.47e-4, 3.18e-4, 8.21e-4, 1.68e-3, 3.65e-3, 0.0102, 0.0225, 0.0503, 0.114),
    10: (9.48e-5, 2.14e-4, 5.85e-4, 1.26e-3, 2.76e-3, 7.90e-3, 0.0179, 0.0416, 0.0969),
    12: (7.43e-5, 1.68e-4, 4.63e-4, 1.02e-3, 2.26e-3, 6.58e-3, 0.0152, 0.0358, 0.0853),
    15: (5.87e-5, 1.29e-4, 3.72e-4, 8.24e-4, 1.83e-3, 5.46e-3, 0.0126, 0.0302, 0.0740),
    20: (4.60e-5, 1.01e-4, 2.98e-4, 6.28e-4, 1.44e-3, 4.39e-3, 0.0104, 0.0249, 0.0624),
    25: (3.95e-5, 8.40e-5, 2.48e-4, 5.42e-4, 1.23e-3, 3.78e-3, 9.01e-3, 0.0218, 0.0553),
    30: (3.35e-5, 7.01e-5, 2.14e-4, 4.88e-4, 1.11e-3, 3.40e-3, 8.12e-3, 0.0198, 0.0506),
    60: (3.30e-5, 7.00e-5, 1.94e-4, 4.09e-4, 9.61e-4, 2.81e-3, 6.73e-3, 0.0162, 0.0414),
    120: (3.20e-5, 6.30e-5, 1.64e-4, 3.89e-4, 8.46e-4, 2.52e-3, 5.90e-3, 0.0144, 0.0358),
}


@functools.cache
def looks_until(most: int) -> tuple[int, ...]:
    """Return the numbers of pairs after which the data are looked at, when `most` are planned.

    After every pair up to 30; for longer plans at 26 sizes in even ratios.
    """
    if most <= _EVERY_PAIR_UNTIL:
        return tuple(range(FEWEST, most + 1))
    steps = _LOOKS_BEYOND - 1
    sizes = {round(FEWEST * (most / FEWEST) ** (step / steps)) for step in range(_LOOKS_BEYOND)}
    return tuple(sorted(sizes))


@functools.cache
def nominal_level(overall: float, most: int) -> float:
    """Return the one-sided p-value to ask for at each look of `looks_until(most)`.

    Args:
        overall: How often all looks together may err, one-sided, 0-0.2. Below 0.0005 the level is
            scaled down in proportion.
        most: Pairs planned, FEWEST to MOST_PAIRS. Between those simulated the level is that of the
            next longer plan, which is the smaller one.

    Raises:
        ValueError: One of them is out of range.
    """
    if not (0 < overall <= _OVERALL[-1] and FEWEST <= most <= MOST_PAIRS):
        raise ValueError(f"no level for an error of {overall} and {most} pairs")
    planned = sorted(_NOMINAL)
    levels = _NOMINAL[planned[bisect.bisect_left(planned, most)]]
    if overall <= _OVERALL[0]:
        return levels[0] * overall / _OVERALL[0]
    above = bisect.bisect_left(_OVERALL, overall)
    left, right = _OVERALL[above - 1], _OVERALL[above]
    share = math.log(overall / left) / math.log(right / left)
    return levels[above - 1] ** (1 - share) * levels[above] ** share
