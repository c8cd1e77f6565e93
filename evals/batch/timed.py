"""Times patches beside base and expert, and says what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...agent.runs.plain import from_plain, to_plain
from ...errors import InfrastructureError
from ...workloads.failure import WorkloadFailed
from ...workloads.timing.session import EXPERT
from ..official.protocol import official_blocks
from ..running.correctness import Finding, failure, required
from ..running.ground import content_key
from ..running.lane import Watch
from ..running.outcome import Blocks, Estimate, InstanceResult, Outcome, PartTimes, combined
from ..running.paired import is_masked, measure, median_s, plan_of
from .bench import Bench
from .trial import Ready, Trial, blamed, result_of


def time_together(bench: Bench, ready: Sequence[Ready]) -> None:
    """Time patches beside base and expert in one session, and keep what comes of each."""
    trials = [each.trial for each in ready]
    with blamed(*trials):
        watch = Watch()
        measured = _measured(bench, {each.tree.name: each.tree for each in ready})
        share_s = watch.spent_s / len(ready)
        for each in ready:
            each.trial.seconds["timing"] = round(share_s, 3)
            if len(ready) > 1:
                each.trial.notes.append(f"timed in one session of {len(ready)} patches")
            with blamed(each.trial):
                found = _timed(bench, each, measured[each.tree.name])
                bench.keep(each.trial, found)


def _measured(
    bench: Bench, trees: Mapping[str, Path]
) -> dict[str, tuple[PartTimes, ...] | WorkloadFailed]:
    seed = ":".join(trees)
    try:
        try:
            return measure(bench.ground, trees, bench.expert, seed=seed)
        except WorkloadFailed as error:
            if error.arm != EXPERT:
                raise
            bench.give_up_expert(f"the expert's patch was not measured: {error.summary}")
            return measure(bench.ground, trees, None, seed=seed)
    except WorkloadFailed as error:
        raise InfrastructureError(f"a version that ran before fails now: {error}") from error


def _timed(
    bench: Bench, ready: Ready, parts: tuple[PartTimes, ...] | WorkloadFailed
) -> InstanceResult:
    """Return what the times of a patch, or its failure while it was timed, say of it."""
    trial, patch, ground = ready.trial, ready.patch, bench.ground
    if isinstance(parts, WorkloadFailed):
        return refused(bench, trial, failure(parts), patch.diff, ready.rung)
    trial.notes += bench.expert_notes
    blocks = official(bench, ready, "")
    speedup = combined([part.speedup for part in parts])
    masked = any(is_masked(part, ground.settings.min_effect) for part in parts)
    outcome, reason = _decided(parts, speedup, masked, ground.settings.min_effect)
    if trial.job.kind == "prediction" and patch.is_empty:
        outcome, reason = "empty", "there is no patch; the base was measured against itself"
    trial.doubts += [d for part in parts for d in part.doubts if d not in trial.doubts]
    return result_of(
        trial,
        outcome=outcome,
        reason=reason,
        patch=patch.diff,
        rung=ready.rung,
        speedup=speedup,
        expert_speedup=combined([part.expert_speedup for part in parts]),
        ratio=combined([part.ratio for part in parts]),
        masked=masked,
        baseline_s=_total(parts),
        tests_required=len(required(ground)),
        parts=parts,
        blocks=blocks,
    )


def official(bench: Bench, ready: Ready, outcome: str) -> Blocks | None:
    """Take the benchmark's own samples, which it does of a patch whose answer is wrong as well."""
    wanted = ready.trial.job.protocol == "official"
    if not wanted or outcome not in ("", "wrong_answer", "wrong_tests"):
        return None
    expert = bench.expert
    with ready.trial.step("official"):
        return official_blocks(bench.ground, ready.tree, expert)


def _decided(
    parts: tuple[PartTimes, ...], speedup: Estimate | None, masked: bool, min_effect: float
) -> tuple[Outcome, str]:
    if len(parts) == 1:
        decision, reason = parts[0].decision, parts[0].reason
        if decision == "not_faster" and speedup and speedup.ci_high < 1:
            return "slower", reason
        known: dict[str, Outcome] = {"faster": "faster", "not_faster": "no_gain"}
        return known.get(decision, "inconclusive"), reason
    if speedup is None:
        return "inconclusive", "too few pairs of some of the tests fit into the time"
    told = f"{speedup.value:.3f}x ({speedup.ci_low:.3f}-{speedup.ci_high:.3f}) over the tests"
    if speedup.ci_high < 1:
        return "slower", told
    if masked:
        return "no_gain", next(p.reason for p in parts if is_masked(p, min_effect))
    if speedup.ci_low > 1 + min_effect:
        return "faster", told
    return ("no_gain" if speedup.ci_high < 1 + min_effect else "inconclusive"), told


def refused(
    bench: Bench, trial: Trial, found: Finding, patch: str, rung: str = ""
) -> InstanceResult:
    """Return the result of a patch that is out, with the expert's speedup, which SR needs."""
    parts = _expert_alone(bench, trial)
    trial.notes += bench.expert_notes
    return result_of(
        trial,
        outcome=found.outcome,
        reason=found.reason,
        evidence=found.evidence,
        patch=patch,
        rung=rung,
        expert_speedup=combined([part.speedup for part in parts]),
        baseline_s=_total(parts),
        tests_required=len(required(bench.ground)),
        tests_lost=found.lost,
    )


def _expert_alone(bench: Bench, trial: Trial) -> tuple[PartTimes, ...]:
    """Return the expert beside the base, measured once for all patches that are out."""
    ground = bench.ground
    name = f"expert-{content_key(plan=to_plain(plan_of(ground)))}.json"
    if ground.directory.has(name):
        return tuple(from_plain(PartTimes, each) for each in ground.directory.read_json(name))
    expert = bench.expert
    if expert is None:
        return ()
    with trial.step("timing"):
        try:
            made = measure(ground, {"alone": expert}, None, seed="expert")["alone"]
        except WorkloadFailed as error:
            made = error
    if isinstance(made, WorkloadFailed):
        bench.give_up_expert(f"the expert's patch was not measured: {made.summary}")
        return ()
    ground.directory.write_json(name, [to_plain(each) for each in made])
    return made


def _total(parts: tuple[PartTimes, ...]) -> float | None:
    medians = [median_s(part.base_s) for part in parts]
    known = [each for each in medians if each is not None]
    return sum(known) if known and len(known) == len(parts) else None
