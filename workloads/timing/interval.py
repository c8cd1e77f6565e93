"""A robust location of paired log ratios, with what is needed for its confidence interval."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

TRIMMED_EVERY = 8
"""One value is set aside at each end for every so many values."""

FEWEST = 5
"""Below so many values no interval is given: at four, Student's t needs a standard error seven
times smaller than the difference for an error of 1 % at many looks, and one spike decides."""

_LARGEST_LOG = 40.0
"""Between a nanosecond and seven years; what is beyond is no measurement, nor readable."""


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where values lie, and how well that is known.

    Attributes:
        center: Their trimmed mean.
        standard_error: Of the center, > 0.
        freedom: Degrees of freedom of the standard error.
    """

    center: float
    standard_error: float
    freedom: int

    def half_width(self, level: float) -> float:
        """Return half the width of the interval that misses the truth in `level` (0-1) of cases."""
        return t_quantile(self.freedom, 1 - level / 2) * self.standard_error


def locate(values: Sequence[float], *, resolution: float = 0.0) -> Location | None:
    """Return the trimmed mean of `values`; None for fewer than FEWEST of them.

    From eight values on, an eighth of them (rounded down) is set aside at either end, so that a
    spike or two do not move the mean; the standard error then comes from the winsorized variance
    (Tukey & McLaughlin, "Less vulnerable confidence and significance procedures for location",
    Sankhya 1963; Yuen, Biometrika 1974). Below eight values it is the mean and Student's t: setting
    aside two of five leaves two degrees of freedom, which costs more pairs than spikes do. A spike
    among so few widens the interval and so never makes a difference look clearer.

    Differences between two arms in random order are symmetric about zero whenever the arms are
    alike, however skewed the times themselves are; that is why t holds its coverage here.

    Args:
        values: Independent values, in any order.
        resolution: The smallest standard error to believe. Coarse clocks give equal values, whose
            spread of zero is not certainty.
    """
    count = len(values)
    if count < FEWEST:
        return None
    cut = count // TRIMMED_EVERY
    ordered = sorted(values)
    kept = ordered[cut : count - cut]
    center = math.fsum(kept) / len(kept)
    winsorized = [kept[0]] * cut + kept + [kept[-1]] * cut
    mean = math.fsum(winsorized) / count
    squares = math.fsum((value - mean) ** 2 for value in winsorized)
    error = math.sqrt(squares / (len(kept) * (len(kept) - 1)))
    return Location(center=center, standard_error=max(error, resolution), freedom=freedom_of(count))


def freedom_of(count: int) -> int:
    """Return the degrees of freedom of `locate` for so many values."""
    return count - 2 * (count // TRIMMED_EVERY) - 1


def factor(log_ratio: float) -> float:
    """Return the factor that a log ratio stands for, at most some 2e17 either way."""
    return math.exp(max(-_LARGEST_LOG, min(_LARGEST_LOG, log_ratio)))


@functools.lru_cache(maxsize=4096)
def t_quantile(freedom: int, probability: float) -> float:
    """Return the quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))
