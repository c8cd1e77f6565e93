"""Whether a workload runs given lines at all, and how often: one launch that nobody times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failure import WorkloadFailed
from .launch import LaunchPlan, launch
from .target import Target

Where = tuple[str, int]
"""A file, relative to the tree, and a line of it, from 1."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How often code ran.

    Attributes:
        lines: Of each wanted line that ran in the first call, how often.
        entries: Of each function with a wanted line, by the line at which it begins (its first
            decorator's), how often the first call entered it; a generator once for each item.
        lines_before: As `lines`, while the workload was imported and set up.
        is_all: False when counting ended early, so that the numbers are the least.
    """

    lines: Mapping[Where, int]
    entries: Mapping[Where, int]
    lines_before: Mapping[Where, int]
    is_all: bool


def count_reached(target: Target, tree: Path, lines: Mapping[str, Sequence[int]]) -> Reached:
    """Run the workload once and count how often it runs some lines.

    Lines that hold no code (blank ones, comments, a `def` that only names a function) never run.

    Args:
        target: The workload, which may not be a command, and where it runs.
        tree: A checkout, prepared for the environment.
        lines: Line numbers from 1, by path relative to the tree.

    Raises:
        WorkloadFailed: The workload fails, or nothing can be counted.
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    if target.workload.kind == "command":
        raise WorkloadFailed("the lines that a command runs are not counted")
    job = {"do": "reach", "lines": {path: sorted(numbers) for path, numbers in lines.items()}}
    done = launch(target, tree, LaunchPlan(calls=job, pinned=False))
    told = (done.answer or {}).get("parts", {}).get("calls", {})
    try:
        before, call = told["before"], told["call"]
        return Reached(
            lines=_counts(call["lines"]),
            entries=_counts(call["entries"]),
            lines_before=_counts(before["lines"]),
            is_all=bool(call["all"] and before["all"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkloadFailed(f"the lines it runs were not counted ({error!r:.100})") from None


def _counts(rows: Sequence[Sequence[Any]]) -> dict[Where, int]:
    return {(str(path), int(line)): int(count) for path, line, count in rows}
