"""Patches of one instance, from the environment to their times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...agent.runs.plain import to_plain
from ...errors import InfrastructureError, ToolError, UserError
from ...repos.patch import Patch
from ...workloads.failure import WorkloadFailed
from ...workloads.launch import LaunchPlan, launch
from ..official.commands import BlockFailed
from ..official.perf_tests import unequal
from ..running.applied import restore_tests, understood
from ..running.correctness import Finding, check_answers, check_tests, failure
from ..running.ground import Ground, content_key, prepare
from ..running.outcome import InstanceResult
from ..running.paired import plan_of
from .bench import Bench
from .job import Job
from .timed import official, refused, time_together
from .trial import Ready, Trial, blamed, result_of


def evaluate(job: Job) -> InstanceResult:
    """Return what comes of one patch; see `evaluate_together`."""
    return evaluate_together([job])[0]


def evaluate_together(jobs: Sequence[Job]) -> list[InstanceResult]:
    """Return what comes of patches of one instance, in their order; nothing that they do raises.

    Those that are correct are timed in one session, so that base and expert are launched once for
    all of them. What was measured before, for the same instance, base, patch, settings and machine,
    is taken from the cache, unless the job says otherwise or the machine had failed.

    Args:
        jobs: At least one; they differ in nothing but patch, model and sample.
    """
    trials = [Trial(job=job) for job in jobs]
    try:
        with trials[0].step("prepare"):
            bench = Bench(prepare(jobs[0].instance, jobs[0].source, jobs[0].settings))
    except UserError as error:
        return [result_of(each, outcome="base_broken", reason=str(error)) for each in trials]
    except (InfrastructureError, WorkloadFailed) as error:
        return [result_of(each, outcome="infrastructure", reason=str(error)) for each in trials]
    try:
        ready: list[Ready] = []
        for trial in trials:
            with blamed(trial):
                _begin(bench, trial, ready)
        if ready:
            time_together(bench, ready)
        for trial in trials:
            if trial.found is None:  # the same patch as another's
                with blamed(trial):
                    trial.found = bench.known(trial)
    finally:
        bench.tidy()
    return [trial.found or result_of(trial, **_LOST) for trial in trials]


_LOST: Mapping[str, Any] = {
    "outcome": "infrastructure",
    "reason": "the machine failed another sample that has the same patch",
}


def _begin(bench: Bench, trial: Trial, ready: list[Ready]) -> None:
    """Find what is known of a patch or speaks against it; else it is ready to be timed."""
    trial.text = _text(trial.job, bench.ground)
    trial.name = f"results/{_key(trial.job, bench.ground, trial.text)}.json"
    if not trial.job.again:
        trial.found = bench.known(trial)
    if trial.found is None and trial.name not in {each.trial.name for each in ready}:
        stands = _checked(bench, trial)
        if isinstance(stands, Ready):
            ready.append(stands)
        else:
            bench.keep(trial, stands)


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


def _key(job: Job, ground: Ground, text: str) -> str:
    return content_key(
        patch=text, kind=job.kind, protocol=job.protocol, plan=to_plain(plan_of(ground))
    )


def _checked(bench: Bench, trial: Trial) -> Ready | InstanceResult:
    """Return a patch that nothing speaks against, or what comes of it."""
    ground, rung = bench.ground, ""
    missing = ground.known.missing_tests
    if missing:
        trial.notes.append(f"the base lacks covering tests: {', '.join(missing[:3])}")
    try:
        with trial.step("apply"):
            patch, rung = _applied(ground, trial.text)
    except ToolError as error:
        return refused(bench, trial, Finding(outcome="apply", reason=str(error)), trial.text)
    with trial.step("build"):
        try:
            tree = bench.tree(f"c-{patch.sha256[:16]}-{trial.job.kind}", patch)
        except ToolError as error:
            found = Finding(outcome="build", reason=str(error))
            return refused(bench, trial, found, patch.diff, rung)
        restored = restore_tests(ground, tree, patch)
    if restored:
        trial.notes.append(f"put back as the base has them: {', '.join(restored)}")
    against = None if patch.is_empty else _wrong(ground, tree, trial)
    ready = Ready(trial=trial, patch=patch, rung=rung, tree=tree)
    if against is None:
        return ready
    blocks = official(bench, ready, against.outcome)
    return replace(refused(bench, trial, against, patch.diff, rung), blocks=blocks)


def _applied(ground: Ground, text: str) -> tuple[Patch, str]:
    if not text.strip():
        return Patch(diff="", base_commit=ground.ref.commit), ""
    return understood(ground, text)


def _wrong(ground: Ground, tree: Path, trial: Trial) -> Finding | None:
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


def _answer(ground: Ground, tree: Path, trial: Trial) -> Finding | None:
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
