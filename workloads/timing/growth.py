"""How the times of two versions grow with the input: exponents, and where they cross."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .interval import t_quantile


@dataclass(frozen=True, kw_only=True)
class AtSize:
    """Both versions at one size.

    Attributes:
        size: As the workload declares it, > 0.
        baseline: What the base measured, in the metric's unit: the median of its launches, > 0.
        candidate: What the patched version measured.
        speedup: Baseline over candidate; None with too few pairs to say.
        ci_low: Lower bound of its interval, None likewise.
        ci_high: Upper bound.
        pairs: Pairs of launches.
        regime: "cold" (first calls) or "warm" (later ones), as the base's calls are long or short.
    """

    size: float
    baseline: float
    candidate: float
    speedup: float | None
    ci_low: float | None
    ci_high: float | None
    pairs: int
    regime: str

    @property
    def is_slower(self) -> bool:
        """Whether the patched version is surely slower at this size."""
        return self.ci_high is not None and self.ci_high < 1

    @property
    def is_faster(self) -> bool:
        """Whether it is surely faster."""
        return self.ci_low is not None and self.ci_low > 1


@dataclass(frozen=True, kw_only=True)
class Exponent:
    """The k of time = a * size ** k, by least squares on logarithms.

    Attributes:
        value: k: 1 for time in proportion to size, 2 for its square, 0 for time that stays.
        low: Lower bound of its interval.
        high: Upper bound. Where times do not lie on one power, the interval is wide.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Crossover:
    """Below which size the patched version is slower.

    Attributes:
        size: Where both are as fast, between two measured sizes; None when it is faster at none.
        low: The largest measured size at which the patched version is surely slower.
        high: The smallest measured size at which it is surely faster; None likewise.
    """

    size: float | None
    low: float
    high: float | None


def exponent(
    sizes: Sequence[float], values: Sequence[float], confidence: float = 0.95
) -> Exponent | None:
    """Return how values grow with sizes.

    Args:
        sizes: Sizes, > 0, one for each value.
        values: What was measured, > 0.
        confidence: Of the interval, 0-1. It is that of Student's t for the slope of a line through
            one point a size, so both noise and what is no power of the size widen it.

    Returns:
        None for fewer than three sizes.
    """
    count = len(sizes)
    if count < 3:
        return None
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in values]
    mean_x, mean_y = math.fsum(xs) / count, math.fsum(ys) / count
    spread = math.fsum((x - mean_x) ** 2 for x in xs)
    slope = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    errors = (y - mean_y - slope * (x - mean_x) for x, y in zip(xs, ys, strict=True))
    squares = math.fsum(error**2 for error in errors)
    half = t_quantile(count - 2, (1 + confidence) / 2) * math.sqrt(squares / (count - 2) / spread)
    return Exponent(value=slope, low=slope - half, high=slope + half)


def crossover(points: Sequence[AtSize]) -> Crossover | None:
    """Return below which size the patched version is slower.

    Between the last size at which it is surely slower and the next at which it is surely faster,
    the speedup is taken to be a power of the size.

    Args:
        points: The smallest size first.

    Returns:
        None when the patched version is nowhere surely slower, or only above sizes at which it is
        surely faster.
    """
    slower = [point for point in points if point.is_slower]
    faster = [point for point in points if point.is_faster]
    if not slower or (faster and faster[0].size < slower[-1].size):
        return None
    below = slower[-1]
    if not faster:
        return Crossover(size=None, low=below.size, high=None)
    above = faster[0]
    from_, to = math.log(below.speedup or 1.0), math.log(above.speedup or 1.0)
    share = -from_ / (to - from_)
    size = below.size * (above.size / below.size) ** share
    return Crossover(size=size, low=below.size, high=above.size)
