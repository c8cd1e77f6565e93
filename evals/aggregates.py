"""One number for many instances, with its interval and what each instance weighs in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.001
"""The least speedup ratio that counts in SWE-fficiency's later score."""

RESAMPLES = 2_000
"""Of the bootstrap. The bounds of a 95 % interval then rest on the 50 outermost of either side."""

_HALF_WIDTH = 1.959963984540054
"""Standard deviations on each side of a normal distribution's middle 95 %."""

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""Takes values along the last axis to one number each."""


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """A number for a set of instances.

    Attributes:
        value: None when there was no instance, or no such number.
        ci_low: Lower bound of the 95 % percentile bootstrap interval over instances; None where
            `value` is, and for fewer than two instances.
        ci_high: Upper bound, likewise.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None


def harmonic_mean(values: Values) -> Values:
    """Return n / sum(1/x) along the last axis; 0 where a value is 0."""
    with np.errstate(divide="ignore"):
        return values.shape[-1] / np.sum(1 / values, axis=-1)


def floored_harmonic_mean(values: Values) -> Values:
    """Return the harmonic mean of values of which none counts as less than `FLOOR`."""
    return harmonic_mean(np.maximum(values, FLOOR))


def geometric_mean(values: Values) -> Values:
    """Return exp(mean(log x)) along the last axis; 0 where a value is 0."""
    with np.errstate(divide="ignore"):
        return np.exp(np.mean(np.log(values), axis=-1))


def median(values: Values) -> Values:
    """Return the middle value along the last axis."""
    return np.median(values, axis=-1)


def clipped_mean(values: Values) -> Values:
    """Return the mean of values of which none counts as more than 1: beating does not make up."""
    return np.mean(np.minimum(values, 1.0), axis=-1)


def mean(values: Values) -> Values:
    """Return the mean along the last axis; of zeros and ones it is a share."""
    return np.mean(values, axis=-1)


def aggregate(
    statistic: Statistic,
    values: Sequence[float],
    *,
    deviations: Sequence[float] | None = None,
    seed: int = 0,
) -> Aggregate:
    """Return a statistic of the values with its bootstrap interval over them.

    Instances are drawn again with replacement, as many as there are (B. Efron, The Annals of
    Statistics 7, 1979); the bounds are the 2.5 % and 97.5 % quantiles of what comes out. It says
    how the number would vary with other instances of the same kind and, where `deviations` are
    given, with another measurement.

    Args:
        statistic: One of those above.
        values: One an instance, each at least 0.
        deviations: Standard errors of the values' logarithms; None: the values are exact.
        seed: Decides which instances are drawn.
    """
    if not values:
        return Aggregate(value=None, ci_low=None, ci_high=None)
    known = np.asarray(values, dtype=np.float64)
    value = float(statistic(known))
    if len(values) == 1:
        return Aggregate(value=value, ci_low=None, ci_high=None)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(known), size=(RESAMPLES, len(known)))
    samples = known[drawn]
    if deviations is not None:
        spread = np.asarray(deviations, dtype=np.float64)[drawn]
        samples = samples * np.exp(spread * rng.standard_normal(drawn.shape))
    low, high = np.quantile(statistic(samples), (0.025, 0.975))
    return Aggregate(value=value, ci_low=float(low), ci_high=float(high))


def deviation_of(low: float, high: float) -> float:
    """Return the standard error of a ratio's logarithm from its 95 % interval."""
    return math.log(high / low) / (2 * _HALF_WIDTH)


def harmonic_weights(values: Sequence[float]) -> list[float]:
    """Return the share of each value in the harmonic mean: of the sum of the inverses (0-1).

    A value of 0 has an infinite inverse: those share everything among themselves.
    """
    zeros = sum(value == 0 for value in values)
    if zeros:
        return [1 / zeros if value == 0 else 0.0 for value in values]
    total = math.fsum(1 / value for value in values)
    return [1 / value / total for value in values]


def top_share(weights: Sequence[float], count: int = 10) -> float:
    """Return what the heaviest `count` weights hold together (0-1)."""
    return math.fsum(sorted(weights, reverse=True)[:count])


def influences(statistic: Statistic, values: Sequence[float]) -> list[float]:
    """Return how much each value decides of a statistic, as shares that add up to 1.

    It is by how much the statistic changes without the value, in absolute terms, over the sum of
    these changes (the jackknife's pseudo-influence); equal shares where nothing changes, and all
    of it for a single value.
    """
    count = len(values)
    if count < 2:
        return [1.0] * count
    known = np.asarray(values, dtype=np.float64)
    without = np.stack([np.delete(known, place) for place in range(count)])
    changes = np.abs(statistic(without) - statistic(known))
    total = float(np.sum(changes))
    if not math.isfinite(total) or total <= 1e-12:
        return [1 / count] * count
    return [float(change / total) for change in changes]
