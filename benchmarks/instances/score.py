"""The speedup ratio SR of one instance and of many.

SR is the speedup of the patch over that of the expert, both over one base. A run without a patch
leaves the base as it is: a speedup of 1, so SR is one over the expert's. The score of many is the
harmonic mean, N / sum(1 / SR), as SWE-fficiency defines it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perfagent.evals.aggregates import aggregate, deviation_of, harmonic_mean

from ..trials.trial import Record


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
        return deviation_of(self.low, self.high)


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


def overall(ratios: Sequence[Ratio]) -> Ratio | None:
    """Return the harmonic mean of SR with a bootstrap interval of 95%; None for no instance.

    The interval covers both which instances there happen to be and what measuring them leaves
    open; one instance has none.
    """
    found = aggregate(
        harmonic_mean,
        [each.value for each in ratios],
        deviations=[each.deviation for each in ratios],
    )
    if found.value is None:
        return None
    return Ratio(value=found.value, low=found.ci_low, high=found.ci_high)
