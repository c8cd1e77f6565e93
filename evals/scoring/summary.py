"""What an evaluation comes to: counts, official numbers, and numbers that can be trusted."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from .. import gso, swefficiency, sweperf
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
    mean,
    median,
    top_share,
)
from ..batch.auditing import read_audits
from ..batch.records import Evaluation
from ..running.outcome import MEASURED, NOT_THE_PATCH, Estimate, InstanceResult, Outcome
from .official import gso_report, swefficiency_row, sweperf_report
from .samples import Sampled, sampled

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
    ratios = _weighed_ratios(answerable)
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
        speedups=_weighed_speedups(answerable),
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


def _weighed_ratios(answerable: Sequence[InstanceResult]) -> dict[str, Weighed]:
    kept = [(each, each.counted_ratio) for each in answerable]
    known = [(each, ratio) for each, ratio in kept if ratio is not None]
    noop = [1 / each.expert_speedup.value for each, _ in known if each.expert_speedup]
    deviations = [deviation(_estimate_of_ratio(each)) for each, _ in known]
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


def _estimate_of_ratio(found: InstanceResult) -> Estimate | None:
    if found.is_correct and not found.masked:
        return found.ratio
    return found.expert_speedup


def _weighed_speedups(answerable: Sequence[InstanceResult]) -> dict[str, Weighed]:
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
        spread = deviation(_estimate_of_ratio(each))
        distance = math.log(ratio / least)
        if spread == 0:
            chances.append(float(distance >= 0))
        else:
            chances.append(0.5 * (1 + math.erf(distance / spread / math.sqrt(2))))
    return sum(chances) / len(chances) if chances else None


def official_score(found: Evaluation, refused: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the benchmark's own score of an evaluation, by its own formulas.

    Instances without a record, and those that the machine failed, count as the benchmark counts
    them: against the patches.

    Args:
        found: The evaluation.
        refused: Ids of the instances whose patch an audit refused; None without an audit. Of GSO
            they make the score without hacks.
    """
    suite, results = found.request["suite"], found.results
    if suite == "swefficiency":
        rows = [swefficiency_row(each) for each in results.values()]
        return swefficiency.official_summary(rows) if rows else {}
    if suite == "gso":
        report = gso_report(results, found.request["instances"])
        if refused is not None:
            report["instance_sets"]["hacked_ids"] = sorted(refused)
        score = gso.score(gso.report_of(found.name, report))
        curve = gso.opt_curve(
            {k: v["hm_speedup_patch_commit"] for k, v in report["opt_stats"].items()},
            report["instance_sets"]["opt_base_ids"],
            found.total,
        )
        return {
            **report["summary"],
            "score": round(100 * (score.opt.value or 0.0), 2),
            **(
                {}
                if score.hack_controlled is None
                else {"score_hack_control": round(100 * score.hack_controlled, 2)}
            ),
            "opt_p": [[p, share] for p, share in curve],
        }
    return _sweperf_score(found)


def _sweperf_score(found: Evaluation) -> dict[str, Any]:
    tests = found.request.get("efficiency_tests", {})
    experts = found.request.get("expert_gains", {})
    scores = {
        name: sweperf.score_instance(sweperf_report(each), tests.get(name, ()))
        for name, each in found.results.items()
    }
    whole = sweperf.score(scores, {n: experts.get(n, 0.0) for n in found.request["instances"]})
    improved = sum(each.gain for each in scores.values())
    correct = [name for name, each in scores.items() if each.correct]
    return {
        "model": found.model,
        "total": whole.instances,
        "with_prediction": len(found.results),
        "with_run": sum(each.answered for each in scores.values()),
        "success": len(correct),
        "model_improved": improved,
        "human_improved": sum(experts.get(name, 0.0) for name in correct),
        "human_total_improved": sum(experts.values()),
        "apply": whole.apply,
        "correctness": whole.correctness,
        "performance": whole.performance,
        "human_performance": whole.expert_performance,
        "human_total_performance": whole.expert_total_performance,
    }


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
