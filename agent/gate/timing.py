"""The stages that time. One sequential comparison serves both: its first look is the quick one."""

from __future__ import annotations

from ...workloads.launch import WorkloadFailed
from ...workloads.timing.compare import compare
from ..runs.samples import keep_samples
from ..steps.calibrations import calibration_of
from .behaviour import workload_rejection
from .case import Case, Rejection


def quick_timing(case: Case) -> Rejection | None:
    """Compare candidate and parent; reject here what the first look already gives up.

    The comparison goes on to its end when the first look leaves the question open, so that no
    launch is made twice and the stated error holds for all looks together.
    """
    run = case.run
    plan = run.plan(warm_up=False)  # earlier stages ran both versions
    calibration = calibration_of(run, case.candidate.parent_id, case.parent)
    try:
        with run.timing_lane, run.stopwatch.waiting_for("workload"):
            compared = compare(
                run.target,
                case.parent,
                case.checkout,
                plan=plan,
                seed=run.seed_for(case.candidate.candidate_id, "gate"),
                calibration=calibration,
            ).comparison
    except WorkloadFailed as error:
        return workload_rejection(error)
    case.comparison = compared
    case.doubts += [doubt for doubt in compared.doubts if doubt not in case.doubts]
    case.samples = keep_samples(run, case.candidate.candidate_id, compared)
    at_first_look = compared.pairs <= plan.looks[0]
    if at_first_look and compared.decision == "not_faster":
        return Rejection(reason=compared.reason)
    return None


def full_timing(case: Case) -> Rejection | None:
    """Take the comparison's decision: only a lower bound above the smallest gain lets pass."""
    compared = case.comparison
    if compared is None:
        raise RuntimeError("the stage 'quick timing' has not run")
    if compared.decision == "faster":
        return None
    outcome = "inconclusive" if compared.decision == "inconclusive" else "rejected"
    return Rejection(reason=compared.reason, outcome=outcome)
