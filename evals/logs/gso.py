"""GSO's logs: a report an instance, from which the run's report is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import UserError
from ..gso import VersionTimes, run_report
from .files import by_instance, json_of

REPORT = "report.json"


def is_instance_report(found: Any) -> bool:
    """Return whether JSON is the report of one instance."""
    return isinstance(found, dict) and "base_successfully_run" in found


def run_report_of(folder: Path, instances: Sequence[str] | None) -> dict[str, Any]:
    """Return a run's report, from the times that its instances' reports hold.

    Args:
        folder: A folder with the folders of instances somewhere below it.
        instances: Ids of the dataset's instances; None for those that are there.

    Raises:
        UserError: A report cannot be read, or is none.
    """
    statuses = dict.fromkeys(instances or (), "incomplete")
    times: dict[str, VersionTimes] = {}
    for name, place in by_instance(folder, REPORT).items():
        if instances is not None and name not in statuses:
            continue
        found = json_of(place / REPORT)
        if not is_instance_report(found):
            raise UserError(f"{place / REPORT} is no report of an instance of GSO")
        statuses[name] = _status(found)
        if statuses[name] == "passed":
            try:
                times[name] = _times(found)
            except (KeyError, TypeError, ValueError):
                statuses[name] = "error"
    return run_report(statuses, times)


def _status(found: Mapping[str, Any]) -> str:
    """Return what became of an instance, asked in the benchmark's order."""
    if found.get("patch_is_None") or not found.get("patch_exists", True):
        return "empty_patch"
    for flag, status in (
        ("base_successfully_run", "base_failed"),
        ("patch_successfully_applied", "patch_failed"),
        ("test_passed", "test_failed"),
    ):
        if not found.get(flag):
            return status
    return "passed"


def _times(found: Mapping[str, Any]) -> VersionTimes:
    base, patch, expert = (
        tuple(tuple(float(value) for value in runs) for runs in found[f"{side}_times"])
        for side in ("base", "patch", "commit")
    )
    if not base or not len(base) == len(patch) == len(expert) or not all((*base, *patch, *expert)):
        raise ValueError("a version lacks times of a test")
    return VersionTimes(base=base, patch=patch, expert=expert)
