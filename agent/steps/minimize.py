"""Part of the step `conclude`: hunks that add nothing are dropped from the patch."""

from __future__ import annotations

from dataclasses import replace

from ...errors import ToolError
from ...repos.patch import Patch
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ...workloads.timing.compare import compare
from ..candidate import Candidate
from ..gate.judge import STAGES, judge
from ..runs.run import Run
from .calibrations import calibration_of
from .collect import candidate_id, write_candidate
from .tip import version_tree

MOST_PAIRS = 14  # a hunk that can't be told from nothing by then stays
# The behaviour of the smaller patch is checked in full; its speed is checked here, against the
# larger one, because "not slower" is another question than the gate's "faster".
BEHAVIOUR_STAGES = tuple(
    stage for stage in STAGES if stage[0] not in ("quick timing", "full timing", "full suite")
)


def minimize(run: Run, candidate: Candidate, proven: set[str]) -> Candidate:
    """Return the candidate without the hunks that make no measurable difference.

    A hunk stays when the workload fails or is slower without it, or when it can't be told. Hunks
    that were whole candidates have shown their gain on their own and are not tried again.

    Args:
        run: The run.
        candidate: The tip.
        proven: Digests (`hunk_key`) of hunks that were a candidate by themselves.
    """
    index = 0
    while True:
        hunks = candidate.patch.hunks()
        if len(hunks) < 2 or index >= len(hunks):
            return candidate
        if run.budget.exhausted(run.spend()):
            return candidate
        if hunk_key(hunks[index]) in proven:
            index += 1
            continue
        smaller = replaced(
            run,
            candidate,
            candidate.patch.without(index),
            origin=f"minimized/{candidate.origin.removeprefix('minimized/')}",
            what=f"without a hunk of {', '.join(hunks[index].files)}",
        )
        if smaller is None:
            index += 1
        else:
            candidate = smaller


def hunk_key(hunk: Patch) -> str:
    """Return a name for a hunk by its file and its changed lines, wherever it stands."""
    lines = [line for line in hunk.diff.splitlines() if line[:1] in "+-"]
    return "\n".join(lines)


def replaced(
    run: Run, candidate: Candidate, patch: Patch, *, origin: str, what: str
) -> Candidate | None:
    """Return the candidate made of a smaller patch when that is as right and as fast, else None.

    Args:
        run: The run.
        candidate: The larger one.
        patch: The smaller patch.
        origin: Of the candidate that it makes.
        what: How it differs, for the progress line: "without a hunk of a.py".
    """
    made = replace(
        candidate,
        candidate_id=candidate_id(patch.sha256),
        origin=origin,
        patch=patch,
        fingerprint="",
        change_key="",
    )
    if not _as_fast(run, candidate, made, what):
        return None
    if not run.directory.has(f"candidates/{made.candidate_id}.json"):
        write_candidate(run, made)
    verdict = judge(run, made, version_tree(run, "base", None), stages=BEHAVIOUR_STAGES)
    return made if verdict.outcome == "accepted" else None


def _as_fast(run: Run, larger: Candidate, smaller: Candidate, what: str) -> bool:
    name = f"minimize/{smaller.candidate_id}.json"
    if run.directory.has(name):
        return bool(run.directory.read_json(name)["as_fast"])
    run.stage("conclude", f"is all of the patch needed? trying it {what}")
    answer, reason = _measure_without(run, larger, smaller)
    run.keep(name, {"as_fast": answer, "reason": reason})
    return answer


def _measure_without(run: Run, larger: Candidate, smaller: Candidate) -> tuple[bool, str]:
    """Return whether the smaller patch is as fast as the larger, and why."""
    name = f"minimize-{smaller.candidate_id}"
    try:
        tree = version_tree(run, name, smaller.patch)
    except ToolError as error:
        return False, str(error)
    whole = version_tree(run, f"tip-{larger.candidate_id}", larger.patch)
    calibration = calibration_of(run, larger.candidate_id, whole)
    seed = run.seed_for(smaller.candidate_id, "minimize")
    plan = run.plan(max_pairs=min(MOST_PAIRS, run.settings.max_pairs), warm_up=False)
    try:
        with run.stopwatch.waiting_for("workload"):
            launch(run.target, tree, LaunchPlan(pinned=False))
        with run.timing_lane, run.stopwatch.waiting_for("workload"):
            # The version without the hunk is the baseline: "faster" says that the hunk matters.
            compared = compare(
                run.target, tree, whole, plan=plan, seed=seed, calibration=calibration
            ).comparison
    except WorkloadFailed as error:
        return False, f"the workload fails without it: {error}"
    finally:
        run.repository.remove(name)
    return compared.decision == "not_faster", compared.reason
