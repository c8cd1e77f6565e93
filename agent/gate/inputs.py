"""The workload with other inputs: a patch must be as right with them, and nearly as fast.

A patch that holds answers, or knows the shape of one input, is fast for the exact inputs alone. So
the workload's script is run with its inputs changed a little (`workloads/variants.py`); the base's
answer is what the candidate's must be, and where the candidate was timed, its gain must be there
too.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from typing import Any

from ...workloads.answers.answer import Answer, compare_again, stable_answer
from ...workloads.answers.capture import capture_answer
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import WorkloadFailed
from ...workloads.target import Target
from ...workloads.timing.compare import compare
from ...workloads.timing.comparison import Comparison
from ...workloads.variants import Variant, variants
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..steps.calibrations import calibration_of
from .behaviour import workload_rejection
from .case import Case, Rejection

LEAST_SHARE = 0.5
"""Share of the gain, on the scale of logarithms, that has to be there with other inputs."""

_KEPT = "answers/other-inputs.json"
_PAIRS = 5
_ALIKE = 2.0
_HASH_SEED = 2
_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class OtherInputs:
    """A variant of the workload that the base runs, and the base's answer to it.

    Attributes:
        variant: The variant; None when there is none, `why_not` says why then.
        answer: The base's answer, masked where two launches disagree.
        why_not: One clause; empty when there is a variant.
    """

    variant: Variant | None
    answer: dict[str, Any]
    why_not: str = ""


def other_inputs(case: Case) -> Rejection | None:
    """Compare the answer, and the gain where there is one, with the inputs changed a little."""
    run = case.run
    found = _of_base(run)
    if found.variant is None:
        case.doubts.append(f"no other inputs were tried: {found.why_not}")
        return None
    target = replace(run.target, workload=found.variant.workload)
    try:
        answer = _captured(run, target, case)
        difference = _difference(run, target, found, answer)
        if difference is not None:
            reason = f"right for the exact inputs only: {difference} when {found.variant.change}"
            return Rejection(reason=reason, evidence=(difference, found.variant.change))
        return _slower(case, target, found.variant)
    except WorkloadFailed as error:
        refused = workload_rejection(error)
        return replace(refused, reason=f"{refused.reason}, when {found.variant.change}")


def _difference(run: Run, target: Target, found: OtherInputs, answer: Answer) -> str | None:
    known, difference = compare_again(
        found.answer,
        answer,
        lambda: _captured(run, target, None),
        Loosening.parse(run.settings.loosen),
    )
    if known is not found.answer:
        run.keep(_KEPT, to_plain(replace(found, answer=known)))
    return difference


def _slower(case: Case, target: Target, variant: Variant) -> Rejection | None:
    """Refuse a gain that is not there with other inputs; both numbers are in the reason."""
    exact = case.comparison
    if exact is None or exact.decision != "faster" or exact.speedup is None:
        return None
    other = _compared(case, target)
    if other.speedup is None or other.ci_low is None or other.ci_high is None:
        case.doubts.append("with other inputs the gain could not be measured")
        return None
    sizes = (other.baseline.median or 0.0, exact.baseline.median or 0.0)
    if max(sizes) > _ALIKE * min(sizes):
        case.doubts.append(
            "with other inputs the base does another amount of work, so the gain there says nothing"
        )
        return None
    if math.log(other.ci_high) >= LEAST_SHARE * math.log(exact.speedup):
        return None
    return Rejection(
        reason=(
            f"fast for the exact inputs only: {exact.speedup:.2f}x on the workload, "
            f"{other.speedup:.2f}x ({other.ci_low:.2f}-{other.ci_high:.2f}) when {variant.change}"
        ),
        evidence=(
            f"exact inputs: {exact.speedup:.3f}x, {exact.pairs} pairs",
            f"other inputs: {other.speedup:.3f}x, {other.pairs} pairs",
            variant.change,
        ),
    )


def _compared(case: Case, target: Target) -> Comparison:
    """Return how both versions compare with other inputs, in the fewest pairs.

    Raises:
        WorkloadFailed: The workload fails on the candidate.
    """
    run = case.run
    calibration = calibration_of(run, case.candidate.parent_id, case.parent)
    plan = run.plan(max_pairs=_PAIRS, fixed=True, warm_up=False)  # both versions ran on them
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        return compare(
            target,
            case.parent,
            case.checkout,
            plan=plan,
            seed=run.seed_for(case.candidate.candidate_id, "other inputs"),
            calibration=calibration,
        ).comparison


def _of_base(run: Run) -> OtherInputs:
    """Return the variant to use, from disk when an earlier candidate needed it."""
    with _lock:
        if not run.directory.has(_KEPT):
            run.keep(_KEPT, to_plain(_tried(run)))
        return from_plain(OtherInputs, run.directory.read_json(_KEPT))


def _tried(run: Run) -> OtherInputs:
    """Return the first variant that the base runs without failing."""
    offered = variants(run.request.workload)
    why_not = "the workload's script has no literal that could be changed"
    if run.request.workload.kind != "script" or not run.request.workload.has_workload:
        why_not = "only a script with workload() can be given some"
    loosening = Loosening.parse(run.settings.loosen)
    for variant in offered:
        target = replace(run.target, workload=variant.workload)
        try:
            first, second = (_captured(run, target, None) for _ in range(2))
        except WorkloadFailed as error:
            why_not = f"with them the base fails ({error.summary})"
            continue
        return OtherInputs(variant=variant, answer=dict(stable_answer(first, second, loosening)))
    return OtherInputs(variant=None, answer={}, why_not=why_not)


def _captured(run: Run, target: Target, case: Case | None) -> dict[str, Any]:
    tree = case.checkout if case else run.repository.trees / "base"
    with run.stopwatch.waiting_for("workload"):
        outputs = tuple(run.settings.outputs)
        return dict(capture_answer(target, tree, hash_seed=_HASH_SEED, outputs=outputs))
