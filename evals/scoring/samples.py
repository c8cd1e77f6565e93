"""Several samples per instance: what k of them come to, over instances, without bias."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..aggregates import Aggregate, aggregate, mean
from ..batch.records import Evaluation
from ..running.outcome import NOT_THE_PATCH, InstanceResult
from .estimators import beyond_at_k, eff_at_k, pass_at_k
from .official import gso_report

_KS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, kw_only=True)
class AtK:
    """What k samples of an instance come to: means over instances, each with its interval.

    Attributes:
        k: How many samples are drawn of those there are.
        instances: Those with so many samples that the patches are to answer for.
        correct: Chance that one of k is a patch that is correct (pass@k); none at all is none.
        faster: Chance that one of k is proven to be faster.
        speedup: Expected best speedup (eff@k), a wrong patch's being 0.
        ratio: Likewise SR, over the instances whose expert was measured.
        beyond: Expected best share of known solutions that a sample is at least as fast as
            (beyond@k); these are the expert's and the correct patches of the other evaluations
            in the report.
    """

    k: int
    instances: int
    correct: Aggregate
    faster: Aggregate
    speedup: Aggregate
    ratio: Aggregate
    beyond: Aggregate


@dataclass(frozen=True, kw_only=True)
class Sampled:
    """What an evaluation with several samples per instance comes to.

    Attributes:
        samples: How many samples have a record.
        at_k: For growing k, up to the most samples that an instance has.
        opt_at_k: GSO's own Opt@K in percent, by K: the union of the first K samples of each
            instance, over all instances; {} for the other benchmarks.
    """

    samples: int
    at_k: tuple[AtK, ...]
    opt_at_k: Mapping[str, float]


def sampled(found: Evaluation, beside: Sequence[Evaluation] = ()) -> Sampled | None:
    """Return what an evaluation's samples come to; None when each instance has one.

    Args:
        found: The evaluation.
        beside: Other evaluations, whose correct patches are known solutions too.
    """
    most = max((len(each) for each in found.samples.values()), default=0)
    if most < 2:
        return None
    answerable = {name: _answerable(each) for name, each in found.samples.items()}
    known = {name: _solutions(name, samples, beside) for name, samples in answerable.items()}
    at_k = (_at_k(answerable, known, k) for k in [*(k for k in _KS if k < most), most])
    return Sampled(
        samples=sum(len(each) for each in found.samples.values()),
        at_k=tuple(each for each in at_k if each.instances),
        opt_at_k=_opt_at_k(found, most) if found.request["suite"] == "gso" else {},
    )


def _answerable(samples: Sequence[InstanceResult]) -> list[InstanceResult]:
    return [each for each in samples if each.outcome not in NOT_THE_PATCH]


def _solutions(
    name: str, samples: Sequence[InstanceResult], beside: Sequence[Evaluation]
) -> list[float]:
    """Return the speedups of an instance's known solutions.

    The expert was measured beside each sample; the middle of what came out stands for it.
    """
    others = [_speedup(each) for other in beside for each in other.samples.get(name, ())]
    experts = sorted(each.expert_speedup.value for each in samples if each.expert_speedup)
    return [*(value for value in others if value), *experts[len(experts) // 2 :][:1]]


def _at_k(
    answerable: Mapping[str, Sequence[InstanceResult]], known: Mapping[str, Sequence[float]], k: int
) -> AtK:
    enough = {name: each for name, each in answerable.items() if len(each) >= k}
    speedups = {name: _values(samples, _speedup) for name, samples in enough.items()}
    ratios = [_values(samples, _ratio) for samples in enough.values()]
    return AtK(
        k=k,
        instances=len(enough),
        correct=_chance(enough.values(), k, lambda e: e.is_correct and e.outcome != "empty"),
        faster=_chance(enough.values(), k, lambda each: each.outcome == "faster"),
        speedup=aggregate(mean, [eff_at_k(each, k) for each in speedups.values() if each]),
        ratio=aggregate(mean, [eff_at_k(each, k) for each in ratios if each]),
        beyond=aggregate(
            mean,
            [
                beyond_at_k(values, known[name], k)
                for name, values in speedups.items()
                if values and known[name]
            ],
        ),
    )


def _chance(
    samples: Iterable[Sequence[InstanceResult]], k: int, passes: Callable[[InstanceResult], bool]
) -> Aggregate:
    return aggregate(mean, [pass_at_k(len(each), sum(map(passes, each)), k) for each in samples])


def _values(
    samples: Sequence[InstanceResult], value: Callable[[InstanceResult], float | None]
) -> list[float]:
    """Return one value a sample; [] where a sample has none, since an estimate needs them all."""
    found = [value(each) for each in samples]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else []


def _speedup(found: InstanceResult) -> float | None:
    if found.outcome in NOT_THE_PATCH:
        return None
    return found.counted if found.is_correct else 0.0


def _ratio(found: InstanceResult) -> float | None:
    return found.counted_ratio if found.is_correct else 0.0


def _opt_at_k(found: Evaluation, most: int) -> dict[str, float]:
    """Return GSO's Opt@K, for which a sample is a run: its union with those before it."""
    solved: set[str] = set()
    curve: dict[str, float] = {}
    for k in range(1, most + 1):
        every = (each for samples in found.samples.values() for each in samples)
        run = {each.instance_id: each for each in every if each.sample == k}
        report = gso_report(run, found.request["instances"])
        solved.update(report["instance_sets"]["opt_commit_ids"])
        curve[str(k)] = round(100 * len(solved) / found.total, 2)
    return curve
