"""Whether the first call of a process gains as repeated ones do, by the lines that they run.

Times tell this too (`workloads/timing/guards.py`), but the first call of a short workload is
noisy; the number of lines is not. It says nothing of work that is done in C.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..steps.calibrations import calibration_of
from .behaviour import workload_rejection
from .case import Case, Rejection

LARGE_SHARE = 0.2
"""Share of the base's lines by which repeated calls must have become fewer for this to say
anything."""

_LEAST_SHARE = 0.5
_LEAST_COLD_SHARE = 0.05
_LONGEST_COLD_S = 2.0
_UNNOTICED_START_SHARE = 0.03
_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Lines:
    """How many lines of Python one launch ran; None in place of a number that was too large.

    Attributes:
        before: Import and setup before the first call.
        calls: Each of the first calls.
    """

    before: int | None
    calls: tuple[int | None, ...]


def first_call_too(case: Case) -> Rejection | None:
    """Refuse a gain that only repeated calls have, or that import pays for, where lines show it.

    As for the times, the first call has to save at least half of what a repeated one saves, and
    import and setup must not grow by more than that. Where it is the first call that is timed, a
    gain of repeated calls harms nobody, so it is refused only where the first saves next to
    nothing: such a patch is made for a measurement that repeats calls.
    """
    run = case.run
    workload = run.request.workload
    base_tree = run.repository.trees / "base"
    if workload.kind != "function" and not (workload.kind == "script" and workload.has_workload):
        return None
    calibration = calibration_of(run, None, base_tree)
    is_warm = calibration.regime == "warm"
    if not is_warm and calibration.cold_s > _LONGEST_COLD_S:
        return None
    base = _base_lines(run, base_tree)
    try:
        lines = _lines(run, case.checkout)
    except WorkloadFailed as error:
        return workload_rejection(error)
    reason = None
    if None not in base.calls and None not in lines.calls:
        reason = _why_not(base, lines, _LEAST_SHARE if is_warm else _LEAST_COLD_SHARE)
    return None if reason is None else Rejection(reason=reason)


def _why_not(base: Lines, lines: Lines, least_share: float) -> str | None:
    """Return why fewer lines are no gain, None when they are one, or are not fewer.

    Args:
        base: The base's numbers.
        lines: The candidate's.
        least_share: Share of what a repeated call saves that the first has to save.
    """
    first, *_, later = (ours - theirs for ours, theirs in _pairs(base.calls, lines.calls))
    base_later = base.calls[-1] or 0
    if later < LARGE_SHARE * base_later:
        return None
    if first < later * least_share:
        return (
            "warm-only: repeated calls are faster, the first call of a process is not: it runs "
            f"{lines.calls[0]} lines (base {base.calls[0]}), a repeated one {lines.calls[-1]} "
            f"(base {base_later})"
        )
    if base.before is None or lines.before is None:
        return None
    grown = lines.before - base.before
    if grown > max(later / 2, _UNNOTICED_START_SHARE * base.before):
        return (
            f"work moved to import or setup, which run {grown} lines more (base {base.before}); "
            f"a call saves {later}"
        )
    return None


def _pairs(ours: Sequence[int | None], theirs: Sequence[int | None]) -> list[tuple[int, int]]:
    return [(one or 0, other or 0) for one, other in zip(ours, theirs, strict=True)]


def _base_lines(run: Run, tree: Path) -> Lines:
    """Return the base's numbers, from disk when an earlier candidate needed them."""
    name = "answers/lines.json"
    with _lock:
        if not run.directory.has(name):
            run.keep(name, to_plain(_lines(run, tree)))
        return from_plain(Lines, run.directory.read_json(name))


def _lines(run: Run, tree: Path) -> Lines:
    """Return the numbers of lines of one launch.

    Raises:
        WorkloadFailed: The workload fails.
    """
    plan = LaunchPlan(capture_answer=True, calls={"do": "lines"}, pinned=False)
    with run.stopwatch.waiting_for("workload"):
        answer = launch(run.target, tree, plan).answer or {}
    told = answer["parts"]["calls"]
    return Lines(before=told["before"], calls=tuple(told["calls"]))
