"""State of the candidate's modules that survives from one call of the workload to the next.

A cache is often right, so what is found is a doubt with its name and sizes; whether it makes only
repeated calls fast, or only the exact inputs, is for the other stages.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ..runs.run import Run
from .behaviour import workload_rejection
from .case import Case, Rejection

Sizes = Mapping[str, Sequence[int | None]]

_SHOWN = 5
_LONGEST_WORKLOAD_S = 20.0
_lock = threading.Lock()


def kept_state(case: Case) -> Rejection | None:
    """Name the state that the candidate newly keeps between calls; it is no reason to refuse."""
    run = case.run
    workload = run.request.workload
    if workload.kind != "function" and not (workload.kind == "script" and workload.has_workload):
        return None
    if (run.prepared.baseline_s or 0.0) > _LONGEST_WORKLOAD_S:
        case.doubts.append("whether state is kept between calls was not looked at: they are long")
        return None
    base = _of_base(run)
    try:
        sizes = _state(run, case.checkout)
    except WorkloadFailed as error:
        return workload_rejection(error)
    new = [name for name in sizes if name not in base]
    case.doubts += [
        f"keeps state between calls: {_told(name, sizes[name])}" for name in new[:_SHOWN]
    ]
    if len(new) > _SHOWN:
        case.doubts.append(f"keeps state between calls in {len(new) - _SHOWN} more places")
    return None


def _told(name: str, sizes: Sequence[int | None]) -> str:
    if None in sizes[1:]:
        return f"{name} is bound to another value by a call"
    before = "" if sizes[0] is None else f"{sizes[0]} before the first call, "
    return f"{name} holds {before}{sizes[1]} after the first call, {sizes[-1]} after the last of 3"


def _of_base(run: Run) -> Sizes:
    """Return the base's own growing state, from disk when an earlier candidate needed it."""
    name = "answers/state.json"
    with _lock:
        if not run.directory.has(name):
            run.keep(name, dict(_state(run, run.repository.trees / "base")))
        return run.directory.read_json(name)


def _state(run: Run, tree: Path) -> Sizes:
    """Return the sizes of what one launch's calls left otherwise than they found it.

    Raises:
        WorkloadFailed: The workload fails.
    """
    plan = LaunchPlan(calls={"do": "state"}, pinned=False)
    with run.stopwatch.waiting_for("workload"):
        answer = launch(run.target, tree, plan).answer or {}
    return answer["parts"]["calls"]
