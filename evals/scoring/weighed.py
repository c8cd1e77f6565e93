"""Numbers for many instances, and what each rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..aggregates import (
    Aggregate,
    Statistic,
    aggregate,
    clipped_mean,
    deviation_of,
    floored_harmonic_mean,
    geometric_mean,
    harmonic_mean,
    influences,
    median,
    top_share,
)
from ..running.outcome import Estimate, InstanceResult

HEAVY = 0.5
"""Share of a number that ten instances may carry before it is flagged."""

_STATISTICS: Mapping[str, Statistic] = {
    "harmonic": harmonic_mean,
    "harmonic floored": floored_harmonic_mean,
    "geometric": geometric_mean,
    "median": median,
    "clipped": clipped_mean,
}


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A number for many instances, and what it rests on.

    Attributes:
        number: With its interval, over instances and over measuring them again.
        noop: The same of a run that changes nothing; None where the experts are not known.
        expert: The same of the experts' patches.
        top_ten: Share that the ten heaviest instances have in it (0-1).
        heavy: Whether ten of more than twenty carry more than half.
        weights: By instance, its share, heaviest first.
    """

    number: Aggregate
    noop: float | None
    expert: float | None
    top_ten: float
    heavy: bool
    weights: Mapping[str, float]


def weighed_ratios(answerable: Sequence[InstanceResult]) -> dict[str, Weighed]:
    """Return SR by statistic, over the instances whose expert was measured."""
    kept = [(each, each.counted_ratio) for each in answerable]
    known = [(each, ratio) for each, ratio in kept if ratio is not None]
    noop = [1 / each.expert_speedup.value for each, _ in known if each.expert_speedup]
    deviations = [deviation(ratio_estimate(each)) for each, _ in known]
    return {
        name: _weighed(
            statistic,
            [each.instance_id for each, _ in known],
            [ratio for _, ratio in known],
            deviations,
            noop,
        )
        for name, statistic in _STATISTICS.items()
        if known
    }


def ratio_estimate(found: InstanceResult) -> Estimate | None:
    """Return the measurement that a result's counted SR rests on; None where there is none."""
    if found.is_correct and not found.masked:
        return found.ratio
    return found.expert_speedup


def weighed_speedups(answerable: Sequence[InstanceResult]) -> dict[str, Weighed]:
    """Return the speedups that count, by statistic."""
    known = [(each, each.counted) for each in answerable]
    kept = [(each, counted) for each, counted in known if counted is not None]
    experts = [each.expert_speedup.value for each, _ in kept if each.expert_speedup]
    names = [each.instance_id for each, _ in kept]
    values = [counted for _, counted in kept]
    deviations = [deviation(each.speedup if counted != 1.0 else None) for each, counted in kept]
    found: dict[str, Weighed] = {}
    for name in ("harmonic", "geometric", "median"):
        statistic = _STATISTICS[name]
        if not kept:
            continue
        weighed = _weighed(statistic, names, values, deviations, [1.0] * len(kept))
        expert = aggregate(statistic, experts).value if len(experts) == len(kept) else None
        found[name] = Weighed(
            number=weighed.number,
            noop=1.0,
            expert=expert,
            top_ten=weighed.top_ten,
            heavy=weighed.heavy,
            weights=weighed.weights,
        )
    return found


def _weighed(
    statistic: Statistic,
    names: Sequence[str],
    values: Sequence[float],
    deviations: Sequence[float],
    noop: Sequence[float],
) -> Weighed:
    weights = influences(statistic, values)
    top = top_share(weights)
    ordered = sorted(zip(names, weights, strict=True), key=lambda pair: -pair[1])
    return Weighed(
        number=aggregate(statistic, values, deviations=deviations),
        noop=aggregate(statistic, noop).value if len(noop) == len(values) else None,
        expert=1.0,
        top_ten=top,
        heavy=len(values) > 20 and top > HEAVY,
        weights=dict(ordered),
    )


def deviation(found: Estimate | None) -> float:
    """Return the standard error of a ratio's logarithm; 0 where it is not known."""
    return 0.0 if found is None else deviation_of(found.ci_low, found.ci_high)
