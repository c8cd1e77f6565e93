"""How much of the allowed error each look at the growing sample may use.

Looking six times with a 95 % interval each time is wrong far more often than 5 %. A
group-sequential test spends its error over the looks so that the sum is what was promised (Lan &
DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 1983; Jennison & Turnbull,
"Group Sequential Methods with Applications to Clinical Trials", 2000, chapters 7 and 9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def spent(alpha: float, fraction: float) -> float:
    """Return the error that may have been used when `fraction` (0-1) of the sample is in.

    This is Lan and DeMets' Pocock-type function. It gives a quarter of the error to a first look
    at 5 of 30 pairs, so that a clear case can end there; an O'Brien-Fleming-type one would give
    it a few millionths, for which no real difference is clear enough at five pairs.
    """
    return alpha * math.log1p((math.e - 1) * min(1.0, max(0.0, fraction)))


def level_at(alpha: float, looks: Sequence[int], planned: int, *, final: bool = False) -> float:
    """Return the two-sided level of the interval at the last of `looks`.

    It is the error spent since the look before. The levels add up to `alpha`, so by Boole's
    inequality all the intervals together hold the truth in 1 - alpha of cases, whatever the
    dependence between looks. Solving for the joint distribution instead would make the intervals
    a tenth narrower, but the solution for sums of normal values lets a t statistic of two to nine
    degrees of freedom err a third more often than promised (simulated).

    Args:
        alpha: The overall two-sided error, 0-1.
        looks: Sample sizes at the looks so far, increasing.
        planned: Sample size of the last look that is planned.
        final: No look follows, so all the error that is left is used now. That must not depend on
            how the comparison stands.
    """
    before = spent(alpha, looks[-2] / planned) if len(looks) > 1 else 0.0
    now = alpha if final else spent(alpha, looks[-1] / planned)
    return now - before
