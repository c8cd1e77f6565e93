"""SWE-Perf's logs and result CSVs: a report of sessions an instance, or the totals."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import UserError
from ..dataset.instance import Instance
from ..dataset.sweperf import expert_gain_of
from ..sweperf import COLUMNS, InstanceScore, Score, score, score_instance
from .files import by_instance, json_of

REPORT = "report.json"


def is_sessions(found: Any) -> bool:
    """Return whether JSON is an instance's report of sessions."""
    if not isinstance(found, dict) or not found:
        return False
    sides = {"base", "human"}
    return all(isinstance(each, dict) and sides <= each.keys() for each in found.values())


def score_folder(folder: Path, instances: Sequence[Instance]) -> Score:
    """Return what a run comes to.

    Args:
        folder: A folder with the folders of instances somewhere below it.
        instances: The dataset's: which tests count, and what the expert gained.

    Raises:
        UserError: A report cannot be read, or is none.
    """
    places = {name.lower(): place for name, place in by_instance(folder, REPORT).items()}
    found: dict[str, InstanceScore] = {}
    for each in instances:
        place = places.get(each.key)
        if place is None:
            continue
        sessions = json_of(place / REPORT)
        if not is_sessions(sessions):
            raise UserError(f"{place / REPORT} is no report of SWE-Perf's sessions")
        found[each.instance_id] = score_instance(sessions, each.efficiency_tests)
    if not found:
        raise UserError(f"{folder} has no {REPORT} of one of the {len(instances)} instances")
    return score(found, {each.instance_id: expert_gain_of(each) for each in instances})


def read_results(path: Path) -> tuple[str, Score]:
    """Return the model of a result CSV, and its total.

    Raises:
        UserError: It cannot be read, or is no such file.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}") from None
    missing = set(COLUMNS) - set(lines[0] if lines else ())
    if missing:
        raise UserError(f"{path} is no result of SWE-Perf: no column {min(missing)}")
    try:
        return lines[0]["model"], _total(lines[0])
    except (ValueError, TypeError) as error:
        raise UserError(f"{path} is a damaged result of SWE-Perf: {error}") from None


def _total(line: Mapping[str, str]) -> Score:
    return Score(
        instances=int(float(line["total"])),
        apply=float(line["apply"]),
        correctness=float(line["correctness"]),
        performance=float(line["performance"]),
        expert_performance=float(line["human_performance"]),
        expert_total_performance=float(line["human_total_performance"]),
    )
