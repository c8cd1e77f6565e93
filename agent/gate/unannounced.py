"""The answer once more, in a launch that the code under test takes for a timed one.

The launches that record the answer can be told from timed ones (by the modules that are loaded,
by where standard output goes, by a hash seed that is known), and they call the workload once. A
candidate could do its work there alone. This launch is like the timed ones until every call is
over, and its seed is the run's own.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ...workloads.answers.answer import Answer, compare_again, stable_answer
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import LaunchPlan, WorkloadFailed, launch
from ..runs.run import Run
from ..steps.calibrations import calibration_of
from .behaviour import workload_rejection
from .case import Case, Rejection

_KEPT = "answers/unannounced.json"
_MOST_LOOPS = 200
_lock = threading.Lock()


def unannounced_answer(case: Case) -> Rejection | None:
    """Compare what the last of many calls returns, where the workload returns anything."""
    run = case.run
    workload = run.request.workload
    if workload.kind != "function" and not (workload.kind == "script" and workload.has_workload):
        return None
    expected = _expected(run)
    if expected["parts"]["last return value"]["root"] is None:
        return None
    try:
        answer = _last_answer(run, case.checkout)
    except WorkloadFailed as error:
        return workload_rejection(error)
    base = run.repository.trees / "base"
    loosening = Loosening.parse(run.settings.loosen)
    known, difference = compare_again(expected, answer, lambda: _last_answer(run, base), loosening)
    if known is not expected:
        run.keep(_KEPT, dict(known))
    if difference is None:
        return None
    return Rejection(
        reason=f"the answer is another one where nothing announces a check: {difference}",
        evidence=(difference,),
    )


def _expected(run: Run) -> Answer:
    """Return the base's answer, from disk when an earlier candidate needed it."""
    with _lock:
        if not run.directory.has(_KEPT):
            tree = run.repository.trees / "base"
            first, second = (_last_answer(run, tree) for _ in range(2))
            loosening = Loosening.parse(run.settings.loosen)
            run.keep(_KEPT, dict(stable_answer(first, second, loosening)))
        return run.directory.read_json(_KEPT)


def _last_answer(run: Run, tree: Path) -> Answer:
    """Return the answer of one launch.

    Raises:
        WorkloadFailed: The workload fails.
    """
    loops = calibration_of(run, None, run.repository.trees / "base").loops
    plan = LaunchPlan(
        loops=min(loops, _MOST_LOOPS),
        keep_last=True,
        hash_seed=run.seed_for("unannounced", run.request.run_id),
        pinned=False,
    )
    with run.stopwatch.waiting_for("workload"):
        return launch(run.target, tree, plan).answer or {}
