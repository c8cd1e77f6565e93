"""A robust location with its confidence interval, and the error that each look at it may use.

Looking six times with a 95 % interval each time is wrong far more often than 5 %. A
group-sequential test spends its error over the looks so that the sum is what was promised (Lan &
DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 1983; Jennison & Turnbull,
"Group Sequential Methods with Applications to Clinical Trials", 2000, chapters 7 and 9).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

TRIMMED_SHARE = 0.2
"""The share of values that is set aside at each end."""

FEWEST = 5
"""Below so many values nothing is left to trim and no interval is given."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where values lie, and how well that is known.

    Attributes:
        center: Their 20 % trimmed mean.
        standard_error: Of the center, > 0.
        freedom: Degrees of freedom of the standard error.
    """

    center: float
    standard_error: float
    freedom: int

    def half_width(self, level: float) -> float:
        """Return half the width of the interval that misses the truth in `level` (0-1) of cases."""
        return _t_quantile(self.freedom, 1 - level / 2) * self.standard_error


def locate(values: Sequence[float], *, resolution: float = 0.0) -> Location | None:
    """Return the trimmed mean of `values`; None for fewer than FEWEST of them.

    The mean of the middle 60 % does not move when a fifth of the values at either side is
    arbitrarily wrong, and its standard error comes from the winsorized variance (Tukey &
    McLaughlin, "Less vulnerable confidence and significance procedures for location", Sankhya
    1963; Yuen, Biometrika 1974): for values symmetric about their center the t interval keeps its
    coverage from five values on, and errs to the wide side when tails are heavy. Differences
    between two arms run in random order are symmetric about zero whenever the arms are alike,
    however skewed the times themselves are; that is why it is applied to those.

    Args:
        values: Independent values, in any order.
        resolution: The smallest standard error to believe. Coarse clocks give equal values, whose
            spread of zero is not certainty.
    """
    count = len(values)
    if count < FEWEST:
        return None
    cut = int(TRIMMED_SHARE * count)
    ordered = sorted(values)
    kept = ordered[cut : count - cut]
    center = math.fsum(kept) / len(kept)
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    mean = math.fsum(winsorized) / count
    squares = math.fsum((value - mean) ** 2 for value in winsorized)
    error = math.sqrt(squares / (len(kept) * (len(kept) - 1)))
    return Location(center=center, standard_error=max(error, resolution), freedom=len(kept) - 1)


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


@functools.lru_cache(maxsize=4096)
def _t_quantile(freedom: int, probability: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))
