"""The stage that makes recorded calls of the touched functions again, on base and candidate."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from ...workloads.answers.call_outcomes import Expectation, compare_calls, expected_outcomes
from ...workloads.answers.calls import Recording, record_calls, replay_calls
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import WorkloadFailed
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from .case import Case, Rejection
from .static import sources
from .touched import classes_of, reshaped_classes, touched_functions

LONGEST_WORKLOAD_S = 60.0
_LEAST_REPLAY_S = 30.0
_SLOWER = 10.0

Names = tuple[tuple[str, str], ...]

_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class BaseCalls:
    """The calls of some functions as the base makes them.

    Attributes:
        recording: The calls; None when the workload could not be run with them recorded.
        expected: What they come to; None likewise.
        doubts: What is not compared, and why.
    """

    recording: Recording | None
    expected: Expectation | None
    doubts: tuple[str, ...]


def same_calls(case: Case) -> Rejection | None:
    """Compare what recorded calls of the functions that the patch touches come to.

    They were recorded while the base ran the workload, so they show what its answer may not: a
    rare argument, an exception that is swallowed, an argument that is changed.
    """
    run = case.run
    before = sources(run.repository.trees / "base", case)
    functions = touched_functions(case.candidate.patch, before, run.prepared.environment)
    why_not = _why_not(run, functions)
    if why_not is not None:
        case.doubts.append(why_not)
        return None
    base = _base_calls(run, functions, _classes(run, before))
    case.doubts += [doubt for doubt in base.doubts if doubt not in case.doubts]
    if base.recording is None or base.expected is None or not base.expected.calls:
        return None
    limit_s = _LEAST_REPLAY_S + _SLOWER * base.expected.duration_s
    with run.stopwatch.waiting_for("workload"):
        replay = replay_calls(
            run.target,
            case.checkout,
            base.recording,
            numbers=base.expected.calls,
            wall_s=limit_s,
        )
    change, doubts = compare_calls(
        base.recording,
        base.expected,
        replay,
        reshaped=_reshaped(case, before),
        loosening=_loosening(run),
    )
    case.doubts += doubts
    return None if change is None else Rejection(reason=change.reason, evidence=change.evidence)


def _why_not(run: Run, functions: Names) -> str | None:
    """Return why no call is replayed, None when some may be."""
    baseline_s = run.prepared.baseline_s
    if run.request.workload.kind == "command":
        return "calls of a command are not recorded"
    if _loosening(run).calls:
        return "recorded calls are not replayed (--loosen calls)"
    if not functions:
        return "the patch touches no function whose calls could be replayed"
    if baseline_s is not None and baseline_s > LONGEST_WORKLOAD_S:
        return f"no calls are recorded: the workload takes {baseline_s:.0f} s"
    return None


def _base_calls(run: Run, functions: Names, classes: Names) -> BaseCalls:
    """Return what the base makes of the calls, from disk when an earlier candidate needed it."""
    key = hashlib.sha256(json.dumps([functions, classes]).encode()).hexdigest()[:16]
    name = f"recorded/{key}.json"
    with _lock:
        if run.directory.has(name):
            return from_plain(BaseCalls, run.directory.read_json(name))
        made = _record(run, functions, classes)
        run.keep(name, to_plain(made))
        return made


def _record(run: Run, functions: Names, classes: Names) -> BaseCalls:
    tree = run.repository.trees / "base"
    with run.stopwatch.waiting_for("workload"):
        try:
            recording = record_calls(run.target, tree, functions, classes)
        except WorkloadFailed as failure:
            doubt = f"the calls could not be recorded: {failure.summary}"
            return BaseCalls(recording=None, expected=None, doubts=(doubt,))
        if not recording.calls:
            return BaseCalls(recording=recording, expected=None, doubts=recording.doubts())
        # Two seeds show what depends on chance.
        first, second = (replay_calls(run.target, tree, recording, seed=seed) for seed in (0, 1))
    expected = expected_outcomes(recording, first, second, _loosening(run))
    doubts = (*recording.doubts(), *expected.doubts)
    return BaseCalls(recording=recording, expected=expected, doubts=doubts)


def _loosening(run: Run) -> Loosening:
    return Loosening.parse(run.settings.loosen)


def _classes(run: Run, before: Mapping[str, str]) -> Names:
    environment = run.prepared.environment
    return tuple(
        (module, name)
        for path, text in sorted(before.items())
        if (module := environment.module_name(path)) is not None
        for name in classes_of(text)
    )


def _reshaped(case: Case, before: Mapping[str, str]) -> frozenset[str]:
    """Return the full names of the classes whose state the patch holds in another way."""
    after = sources(case.checkout, case)
    environment = case.run.prepared.environment
    return frozenset(
        f"{module}.{name}"
        for path, text in before.items()
        if (module := environment.module_name(path)) is not None
        for name in reshaped_classes(text, after.get(path, ""))
    )
