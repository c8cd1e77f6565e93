"""What an evaluation comes to: counts, official numbers, and numbers that can be trusted."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .. import gso
from ..aggregates import Aggregate, aggregate, geometric_mean, mean
from ..batch.auditing import read_audits
from ..batch.records import Evaluation
from ..running.outcome import MEASURED, NOT_THE_PATCH, InstanceResult, Outcome
from .official import official_score
from .samples import Sampled, sampled
from .weighed import Weighed, deviation, ratio_estimate, weighed_ratios, weighed_speedups


@dataclass(frozen=True, kw_only=True)
class Shares:
    """Shares of the instances that the patches are to answer for, 0 to 1.

    Attributes:
        of: How many these are: all but those whose base is broken or whose machine failed.
        correct: The work is done as before.
        faster: A gain is proven.
        slower: It is proven to be slower.
        at_expert: Mean chance that SR is at least 1, given the measurement.
        near_expert: Likewise at least 0.95.
    """

    of: int
    correct: Aggregate
    faster: Aggregate
    slower: Aggregate
    at_expert: float | None
    near_expert: float | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What an evaluation comes to.

    Attributes:
        name: Its run id.
        model: Who made the patches.
        suite: The benchmark.
        protocol: "official" when the benchmark's own samples were taken too.
        instances: How many were asked for.
        finished: How many have a record.
        counts: By outcome, how many; outcomes that never came are left out.
        ratios: By statistic, SR over the instances that the patches are to answer for and whose
            expert was measured.
        speedups: By statistic, the speedups that count.
        shares: See there.
        savings: How many times less CPU time ("cpu") and memory ("memory") than the base correct
            patches use, and their experts ("expert cpu", "expert memory"): geometric means.
        provable: The smallest gain that could be proven, as a share: the middle one of the
            instances, and the largest; None where nothing was measured.
        official: The benchmark's own score, in its own terms.
        refused: Ids of the instances whose patch an audit refused; None where none was made.
        seconds: By step, what all instances took together.
        notes: What the reader should know.
        sampled: What several samples per instance come to; None where each has one.
        results: Each instance's result, of its first sample.
    """

    name: str
    model: str
    suite: str
    protocol: str
    instances: int
    finished: int
    counts: Mapping[str, int]
    ratios: Mapping[str, Weighed]
    speedups: Mapping[str, Weighed]
    shares: Shares
    savings: Mapping[str, Aggregate]
    provable: tuple[float, float] | None
    official: Mapping[str, Any]
    refused: tuple[str, ...] | None
    seconds: Mapping[str, float]
    notes: tuple[str, ...]
    sampled: Sampled | None
    results: tuple[InstanceResult, ...] = field(repr=False)


def summarize(found: Evaluation, beside: Sequence[Evaluation] = ()) -> Summary:
    """Return what an evaluation comes to, from its records alone.

    Args:
        found: The evaluation.
        beside: Others of the same instances, whose correct patches beyond@k compares with.
    """
    results = tuple(found.results.values())
    answerable = [each for each in results if each.outcome not in NOT_THE_PATCH]
    counts = Counter(each.outcome for each in results)
    seconds: Counter[str] = Counter()
    for each in (sample for samples in found.samples.values() for sample in samples):
        if not each.kept:
            seconds.update(each.seconds)
    ratios = weighed_ratios(answerable)
    audits = read_audits(found.directory)
    refused = tuple(e.instance_id for e in audits if e.holds is False and e.sample == 1)
    return Summary(
        name=found.name,
        model=found.model,
        suite=found.request["suite"],
        protocol=found.request["protocol"],
        instances=found.total,
        finished=len(results),
        counts={name: counts[name] for name in get_args(Outcome) if counts[name]},
        ratios=ratios,
        speedups=weighed_speedups(answerable),
        shares=_shares(answerable),
        savings=_savings(answerable),
        provable=_provable(answerable),
        official=official_score(found, refused if audits else None),
        refused=refused if audits else None,
        seconds={name: round(value, 1) for name, value in seconds.items()},
        notes=(*found.request.get("notes", ()), *_notes(found, results, ratios)),
        sampled=sampled(found, beside),
        results=results,
    )


def summarize_all(found: Sequence[Evaluation]) -> list[Summary]:
    """Return what evaluations come to that are reported together."""
    return [summarize(each, [other for other in found if other is not each]) for each in found]


def _shares(answerable: Sequence[InstanceResult]) -> Shares:
    def share(outcomes: frozenset[str]) -> Aggregate:
        return aggregate(mean, [float(each.outcome in outcomes) for each in answerable])

    return Shares(
        of=len(answerable),
        correct=share(MEASURED),
        faster=share(frozenset({"faster"})),
        slower=share(frozenset({"slower"})),
        at_expert=_chance(answerable, 1.0),
        near_expert=_chance(answerable, gso.EXPERT_SHARE),
    )


_SAVINGS: tuple[tuple[str, Literal["cpu_s", "peak_rss_bytes"], str], ...] = (
    ("cpu", "cpu_s", "candidate"),
    ("memory", "peak_rss_bytes", "candidate"),
    ("expert cpu", "cpu_s", "expert"),
    ("expert memory", "peak_rss_bytes", "expert"),
)


def _savings(answerable: Sequence[InstanceResult]) -> dict[str, Aggregate]:
    found: dict[str, Aggregate] = {}
    for name, what, arm in _SAVINGS:
        values = [each.saving(what, arm) for each in answerable if each.is_correct]
        known = [each for each in values if each is not None]
        if known:
            found[name] = aggregate(geometric_mean, known)
    return found


def _provable(answerable: Sequence[InstanceResult]) -> tuple[float, float] | None:
    known = [each.provable_gain for each in answerable if each.provable_gain is not None]
    return (statistics.median(known), max(known)) if known else None


def _chance(answerable: Sequence[InstanceResult], least: float) -> float | None:
    """Return the mean chance that SR is at least so much, by the normal law of its logarithm."""
    chances: list[float] = []
    for each in answerable:
        ratio = each.counted_ratio
        if ratio is None:
            continue
        spread = deviation(ratio_estimate(each))
        distance = math.log(ratio / least)
        if spread == 0:
            chances.append(float(distance >= 0))
        else:
            chances.append(0.5 * (1 + math.erf(distance / spread / math.sqrt(2))))
    return sum(chances) / len(chances) if chances else None


def _notes(
    found: Evaluation, results: Sequence[InstanceResult], ratios: Mapping[str, Weighed]
) -> list[str]:
    lines: list[str] = []
    if any(len(each) > 1 for each in found.samples.values()):
        lines.append("scores are of each instance's first sample, unless they say of how many")
    if len(results) < found.total:
        lines.append(f"{found.total - len(results)} of {found.total} instances have no record yet")
    aside = [each for each in results if each.outcome in NOT_THE_PATCH]
    if aside:
        lines.append(
            f"{len(aside)} instances are in no score of ours, since the patch is not to blame "
            f"(base broken, or the machine failed): {', '.join(e.instance_id for e in aside[:3])}"
        )
    without = [e for e in results if e.outcome not in NOT_THE_PATCH and e.expert_speedup is None]
    if without:
        lines.append(f"{len(without)} instances have no SR: their expert was not measured")
    return lines + _doubtful(found, ratios)


def _doubtful(found: Evaluation, ratios: Mapping[str, Weighed]) -> list[str]:
    lines: list[str] = []
    refused = [
        e.instance_id if e.sample == 1 else f"{e.instance_id}, sample {e.sample}"
        for e in read_audits(found.directory)
        if e.holds is False
    ]
    if refused:
        lines.append(
            f"an audit refused {len(refused)} patches ({'; '.join(refused[:3])}): `eval audit` "
            "says why"
        )
    heavy = [name for name, each in ratios.items() if each.heavy]
    if heavy:
        lines.append(f"ten instances carry more than half of SR ({', '.join(heavy)})")
    return lines
