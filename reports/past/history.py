"""The runs of a repository over time: what changed between them besides the code."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..record import RunRecord
from ..wording import change_text, duration_text, share_text, times_text

_LEAST_DRIFT = 0.05
_NOISE_FACTOR = 2.0
"""A base that moved by more than twice the noise of both runs drifted."""


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """One run in the history of its workload.

    Attributes:
        baseline_s: Seconds of the base, None when it was not measured.
        drift: Base of the run before over this base, both on the same machine; above 1 is faster.
            None for the first on a machine, and when one was not measured.
        drifted: Whether the drift is more than both runs' noise.
        marks: What is different from the run before: machine, Python, base commit.
    """

    run_id: str
    started_at: str
    repository: str
    workload: str
    commit: str
    metric: str
    outcome: str
    speedup: float | None
    baseline_s: float | None
    noise_floor: float | None
    drift: float | None
    drifted: bool
    marks: tuple[str, ...]


def history(records: Iterable[Mapping[str, Any]]) -> list[PastRun]:
    """Return the runs, oldest first within each workload; workloads in order of their first run.

    Args:
        records: What the runs' `report.json` hold, in any order.
    """
    by_workload: dict[tuple[str, str], list[RunRecord]] = {}
    for run in sorted(map(RunRecord, records), key=lambda run: (run.started_at, run.run_id)):
        by_workload.setdefault((run.repository, run.workload), []).append(run)
    return [past for runs in by_workload.values() for past in _line(runs)]


def _line(runs: Sequence[RunRecord]) -> list[PastRun]:
    line = []
    before: RunRecord | None = None
    for run in runs:
        drift = None if before is None or _changed(before, run) else _drift(before, run)
        line.append(
            PastRun(
                run_id=run.run_id,
                started_at=run.started_at,
                repository=run.repository,
                workload=run.workload,
                commit=run.commit,
                metric=run.metric,
                outcome=run.outcome,
                speedup=run.gain.speedup if run.gain else None,
                baseline_s=run.baseline_s,
                noise_floor=run.noise_floor,
                drift=drift,
                drifted=drift is not None and before is not None and _beyond(drift, before, run),
                marks=() if before is None else _marks(before, run),
            )
        )
        before = run
    return line


def _changed(before: RunRecord, run: RunRecord) -> bool:
    """Return whether times of the two do not compare."""
    return before.machine != run.machine or before.metric != run.metric


def _drift(before: RunRecord, run: RunRecord) -> float | None:
    if not before.baseline_s or not run.baseline_s:
        return None
    return before.baseline_s / run.baseline_s


def _beyond(drift: float, before: RunRecord, run: RunRecord) -> bool:
    noise = _NOISE_FACTOR * ((before.noise_floor or 0.0) + (run.noise_floor or 0.0))
    return abs(math.log(drift)) > max(noise, _LEAST_DRIFT)


def _marks(before: RunRecord, run: RunRecord) -> tuple[str, ...]:
    marks = []
    for name in sorted(before.machine.keys() | run.machine.keys()):
        old, new = before.machine.get(name, "unknown"), run.machine.get(name, "unknown")
        if old != new:
            marks.append(f"{name}: {old} -> {new}")
    old, new = before.environment.get("version"), run.environment.get("version")
    if old and new and old != new:
        marks.append(f"Python: {old} -> {new}")
    if before.commit != run.commit:
        marks.append(f"base: {before.commit[:8]} -> {run.commit[:8]}")
    if before.metric != run.metric:
        marks.append(f"metric: {before.metric} -> {run.metric}")
    return tuple(marks)


def drift_text(past: PastRun) -> str:
    """Return how the base moved: `1.20x slower`, `steady`, or a dash when nothing compares."""
    if past.drift is None:
        return "-"
    return change_text(past.drift, None, None, None) if past.drifted else "steady"


# When a run began stands in its id; with a column for that, a line is wider than 80 columns.
_HEADER = ("run", "base", "noise", "drift", "outcome", "gain")


def history_lines(found: Sequence[PastRun]) -> list[str]:
    """Return a table a workload, a line a run, with a line before it for what else changed."""
    lines: list[str] = []
    for (repository, workload), group in groupby(
        found, lambda past: (past.repository, past.workload)
    ):
        runs = list(group)
        rows = [_HEADER, *map(_cells, runs)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
        laid_out = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        lines += (
            ["", f"{workload} of {repository}", laid_out[0]]
            if lines
            else [f"{workload} of {repository}", laid_out[0]]
        )
        for past, line in zip(runs, laid_out[1:], strict=True):
            lines += [f"-- {mark}" for mark in past.marks]
            lines.append(line)
    return lines


def _cells(past: PastRun) -> tuple[str, ...]:
    return (
        past.run_id,
        "-" if past.baseline_s is None else duration_text(past.baseline_s),
        "-" if past.noise_floor is None else share_text(past.noise_floor),
        drift_text(past),
        past.outcome.replace("_", " "),
        "-" if past.speedup is None else f"{times_text(past.speedup)}x",
    )
