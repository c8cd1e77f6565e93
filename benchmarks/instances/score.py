"""The speedup ratio SR of one instance and of many.

SR is the speedup of the patch over that of the expert, both over one base. A run without a patch
leaves the base as it is: a speedup of 1, so SR is one over the expert's. The score of many is the
harmonic mean, N / sum(1 / SR), as SWE-fficiency defines it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..trials.trial import Record

DRAWS = 10_000
_CONFIDENCE = 0.95
_HALF_WIDTH = 1.959963984540054
"""Standard deviations on each side of a normal distribution's middle 95%."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A ratio of two speeds with its interval; the ends are None where there is none."""

    value: float
    low: float | None
    high: float | None

    @property
    def deviation(self) -> float:
        """The standard error of the logarithm; 0 where it is not known."""
        if self.low is None or self.high is None:
            return 0.0
        return math.log(self.high / self.low) / (2 * _HALF_WIDTH)


def expert_of(record: Record) -> Ratio | None:
    """Return the expert's speedup; None where it was not measured."""
    found = record["report"]["expert"] or {}
    return _ratio(found.get("speedup"), found.get("ci_low"), found.get("ci_high"))


def ratio_of(record: Record) -> Ratio | None:
    """Return the instance's SR; None where the expert was not measured."""
    found = record["report"]["expert"] or {}
    low, high = found.get("speedup_ratio_ci_low"), found.get("speedup_ratio_ci_high")
    measured = _ratio(found.get("speedup_ratio"), low, high)
    expert = expert_of(record)
    if measured is not None or expert is None:
        return measured
    return Ratio(
        value=1 / expert.value,
        low=1 / expert.high if expert.high else None,
        high=1 / expert.low if expert.low else None,
    )


def _ratio(value: float | None, low: float | None, high: float | None) -> Ratio | None:
    return None if value is None else Ratio(value=value, low=low, high=high)


def harmonic_mean(values: Sequence[float]) -> float:
    """Return N / sum(1 / value) of positive values."""
    return len(values) / sum(1 / value for value in values)


def overall(ratios: Sequence[Ratio], seed: int = 1) -> Ratio:
    """Return the harmonic mean of SR with a bootstrap interval of 95%.

    Each of `DRAWS` samples draws as many instances as there are, with replacement, and of each an
    SR from the normal distribution of its logarithm, so the interval covers both which instances
    there happen to be and what measuring them leaves open. Its ends are percentiles.

    Args:
        ratios: Of the instances; at least one.
        seed: Decides what is drawn.
    """
    draw = random.Random(seed)
    means = sorted(
        harmonic_mean(
            [
                each.value * math.exp(draw.gauss(0.0, each.deviation))
                for each in draw.choices(ratios, k=len(ratios))
            ]
        )
        for _ in range(DRAWS)
    )
    beyond = round(DRAWS * (1 - _CONFIDENCE) / 2)
    return Ratio(
        value=harmonic_mean([each.value for each in ratios]),
        low=means[beyond],
        high=means[-1 - beyond],
    )
