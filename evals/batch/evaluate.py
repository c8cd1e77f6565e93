"""One patch on one instance, from the environment to its times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ...agent.plain import from_plain, to_plain
from ...errors import InfrastructureError, ToolError, UserError
from ...repos.patch import Patch
from ...settings import Settings
from ...workloads.failure import WorkloadFailed
from ...workloads.launch import LaunchPlan, launch
from ...workloads.timing.session import CANDIDATE, EXPERT
from ...workloads.timing.timings import describe_machine, now
from ..dataset.instance import Instance
from ..official.commands import BlockFailed
from ..official.perf_tests import unequal
from ..official.protocol import official_blocks
from ..running.applied import restore_tests, understood
from ..running.correctness import Finding, check_answers, check_tests, failure, required
from ..running.ground import Ground, content_key, prepare
from ..running.outcome import Blocks, Estimate, InstanceResult, Outcome, PartTimes, combined
from ..running.paired import is_masked, measure, median_s, plan_of

Kind = Literal["prediction", "expert", "empty"]
Protocol = Literal["paired", "official"]


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is asked.

    Attributes:
        instance: The instance.
        kind: Whether a given patch is evaluated, the expert's, or none.
        patch: The patch of a prediction; "" for the others.
        model: Who made it.
        source: Where the repository is: a REPO argument without a revision.
        settings: What the user said.
        protocol: "official" also takes the benchmark's own blocks of samples.
        again: Measure even what was measured before.
        sample: Which of the instance's patches it is, from 1.
    """

    instance: Instance
    kind: Kind
    patch: str = ""
    model: str = ""
    source: str
    settings: Settings
    protocol: Protocol = "paired"
    again: bool = False
    sample: int = 1


@dataclass(kw_only=True)
class _Trial:
    """What is known of a patch so far."""

    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            spent = self.seconds.get(name, 0.0) + time.monotonic() - began
            self.seconds[name] = round(spent, 3)


def evaluate(job: Job) -> InstanceResult:
    """Return what comes of a patch on an instance; nothing that it does raises.

    What was measured before, for the same instance, base, patch, settings and machine, is taken
    from the cache, unless the job says otherwise or the machine had failed.
    """
    trial = _Trial()
    try:
        with trial.step("prepare"):
            ground = prepare(job.instance, job.source, job.settings)
    except UserError as error:
        return _result(job, trial, outcome="base_broken", reason=str(error))
    except (InfrastructureError, WorkloadFailed) as error:
        return _result(job, trial, outcome="infrastructure", reason=str(error))
    try:
        text = _text(job, ground)
        name = f"results/{_key(job, ground, text)}.json"
        if ground.directory.has(name) and not job.again:
            known = from_plain(InstanceResult, ground.directory.read_json(name))
            return replace(known, model=job.model, sample=job.sample, kept=True)
        found = replace(_evaluated(job, ground, text, trial), expert_patch=_expert_text(ground))
        if found.outcome != "infrastructure":
            ground.directory.write_json(name, to_plain(found))
        return found
    except UserError as error:
        return _result(job, trial, outcome="base_broken", reason=str(error))
    except InfrastructureError as error:
        return _result(job, trial, outcome="infrastructure", reason=str(error))


def _text(job: Job, ground: Ground) -> str:
    if job.kind != "expert":
        return job.patch if job.kind == "prediction" else ""
    try:
        expert = ground.expert
    except ToolError as error:
        raise UserError(f"the expert's patch is none that may be applied: {error}") from None
    if expert is None:
        raise UserError(f"{job.instance.instance_id} has no expert's patch")
    return expert.diff


def _expert_text(ground: Ground) -> str:
    try:
        return ground.expert.diff if ground.expert else ""
    except (ToolError, UserError):
        return ""  # a note of the result says what is wrong with it


def _key(job: Job, ground: Ground, text: str) -> str:
    return content_key(
        patch=text, kind=job.kind, protocol=job.protocol, plan=to_plain(plan_of(ground))
    )


def _evaluated(job: Job, ground: Ground, text: str, trial: _Trial) -> InstanceResult:
    """Return what comes of a patch that was not measured before."""
    missing = ground.known.missing_tests
    if missing:
        trial.notes.append(f"the base lacks covering tests: {', '.join(missing[:3])}")
    rung, name = "", ""
    try:
        with trial.step("apply"):
            patch, rung = _applied(ground, text)
    except ToolError as error:
        return _refused(job, ground, trial, Finding(outcome="apply", reason=str(error)), text)
    name = f"c-{patch.sha256[:16]}-{job.kind}"
    try:
        with trial.step("build"):
            try:
                tree = ground.tree(name, patch)
            except ToolError as error:
                found = Finding(outcome="build", reason=str(error))
                return _refused(job, ground, trial, found, patch.diff, rung)
            restored = restore_tests(ground, tree, patch)
        if restored:
            trial.notes.append(f"put back as the base has them: {', '.join(restored)}")
        against = None if patch.is_empty else _wrong(ground, tree, trial)
        if against is not None:
            blocks = _official(job, ground, trial, tree, against.outcome)
            return replace(_refused(job, ground, trial, against, patch.diff, rung), blocks=blocks)
        return _timed(job, ground, trial, patch, rung, tree)
    finally:
        ground.repository.remove(name)


def _applied(ground: Ground, text: str) -> tuple[Patch, str]:
    if not text.strip():
        return Patch(diff="", base_commit=ground.ref.commit), ""
    return understood(ground, text)


def _wrong(ground: Ground, tree: Path, trial: _Trial) -> Finding | None:
    """Return what speaks against a patch, cheapest check first."""
    with trial.step("workload"):
        for workload in ground.workloads:
            if workload.kind == "pytest":
                continue  # the tests that follow are the same
            try:
                launch(ground.target(workload), tree, LaunchPlan(pinned=False))
            except WorkloadFailed as error:
                return failure(error)
    with trial.step("tests"):
        found = check_tests(ground, tree, trial.doubts)
    if found is not None:
        return found
    with trial.step("answer"):
        return _answer(ground, tree, trial)


def _answer(ground: Ground, tree: Path, trial: _Trial) -> Finding | None:
    """Compare answers; a benchmark whose scripts compare by themselves has the last word."""
    found = check_answers(ground, tree, trial.doubts)
    if ground.instance.suite != "gso":
        return found
    try:
        why = unequal(ground, tree)
    except BlockFailed as error:
        raise UserError(f"the performance tests fail on the base: {error}") from None
    if why is not None:
        return Finding(outcome="wrong_answer", reason=why)
    if found is not None:
        trial.doubts.append(f"the tests' own check passes, but {found.reason}")
    return None


def _timed(
    job: Job, ground: Ground, trial: _Trial, patch: Patch, rung: str, tree: Path
) -> InstanceResult:
    expert = _expert_tree(ground, trial)
    try:
        with trial.step("timing"):
            parts = _measured(ground, tree, expert, trial, patch.sha256)
    except WorkloadFailed as error:
        if error.arm != CANDIDATE:
            raise InfrastructureError(f"a version that ran before fails now: {error}") from error
        return _refused(job, ground, trial, failure(error), patch.diff, rung)
    blocks = _official(job, ground, trial, tree, "")
    speedup = combined([part.speedup for part in parts])
    masked = any(is_masked(part, ground.settings.min_effect) for part in parts)
    outcome, reason = _decided(parts, speedup, masked, ground.settings.min_effect)
    if job.kind == "prediction" and patch.is_empty:
        outcome, reason = "empty", "there is no patch; the base was measured against itself"
    trial.doubts += [d for part in parts for d in part.doubts if d not in trial.doubts]
    return _result(
        job,
        trial,
        outcome=outcome,
        reason=reason,
        patch=patch.diff,
        rung=rung,
        speedup=speedup,
        expert_speedup=combined([part.expert_speedup for part in parts]),
        ratio=combined([part.ratio for part in parts]),
        masked=masked,
        baseline_s=_total(parts),
        tests_required=len(required(ground)),
        parts=parts,
        blocks=blocks,
    )


def _official(job: Job, ground: Ground, trial: _Trial, tree: Path, outcome: str) -> Blocks | None:
    """Take the benchmark's own samples, which it does of a patch whose answer is wrong as well."""
    if job.protocol != "official" or outcome not in ("", "wrong_answer", "wrong_tests"):
        return None
    expert = _expert_tree(ground, trial)
    with trial.step("official"):
        return official_blocks(ground, tree, expert)


def _measured(
    ground: Ground, tree: Path, expert: Path | None, trial: _Trial, seed: str
) -> tuple[PartTimes, ...]:
    try:
        return measure(ground, tree, expert, seed=seed)
    except WorkloadFailed as error:
        if error.arm != EXPERT:
            raise
        trial.notes.append(f"the expert's patch was not measured: {error.summary}")
        return measure(ground, tree, None, seed=seed)


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


def _expert_tree(ground: Ground, trial: _Trial) -> Path | None:
    """Return the expert's tree; None, with a note, where there is none that runs."""
    try:
        expert = ground.expert
        if expert is None:
            return None
        tree = ground.tree("expert", expert)
        restore_tests(ground, tree, expert)
        for workload in ground.workloads:
            launch(ground.target(workload), tree, LaunchPlan(pinned=False))
    except WorkloadFailed as error:
        trial.notes.append(f"the workload fails with the expert's patch: {error.summary}")
    except (ToolError, UserError) as error:
        trial.notes.append(f"the expert's patch cannot be used: {error}")
    else:
        return tree
    return None


def _refused(
    job: Job, ground: Ground, trial: _Trial, found: Finding, patch: str, rung: str = ""
) -> InstanceResult:
    """Return the result of a patch that is out, with the expert's speedup, which SR needs."""
    parts = _expert_alone(ground, trial)
    return _result(
        job,
        trial,
        outcome=found.outcome,
        reason=found.reason,
        evidence=found.evidence,
        patch=patch,
        rung=rung,
        expert_speedup=combined([part.speedup for part in parts]),
        baseline_s=_total(parts),
        tests_required=len(required(ground)),
        tests_lost=found.lost,
    )


def _expert_alone(ground: Ground, trial: _Trial) -> tuple[PartTimes, ...]:
    """Return the expert beside the base, measured once for all patches that are out."""
    name = f"expert-{content_key(plan=to_plain(plan_of(ground)))}.json"
    if ground.directory.has(name):
        return tuple(from_plain(PartTimes, each) for each in ground.directory.read_json(name))
    expert = _expert_tree(ground, trial)
    if expert is None:
        return ()
    try:
        with trial.step("timing"):
            made = measure(ground, expert, None, seed="expert")
    except WorkloadFailed as error:
        trial.notes.append(f"the expert's patch was not measured: {error.summary}")
        return ()
    ground.directory.write_json(name, [to_plain(each) for each in made])
    return made


def _total(parts: tuple[PartTimes, ...]) -> float | None:
    medians = [median_s(part.base_s) for part in parts]
    known = [each for each in medians if each is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _result(job: Job, trial: _Trial, **found: Any) -> InstanceResult:
    instance = job.instance
    return InstanceResult(
        instance_id=instance.instance_id,
        suite=instance.suite,
        repo=instance.repo,
        model=job.model,
        sample=job.sample,
        notes=tuple(trial.notes),
        doubts=tuple(trial.doubts),
        seconds=trial.seconds,
        machine=dict(describe_machine()),
        at=now(),
        **found,
    )
