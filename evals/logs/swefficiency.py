"""SWE-fficiency's logs and validation reports, as rows of its report.

A run leaves a folder an instance with `perf_summary.txt` and `covering_test_status.json`, or one
`validation_report_*.json` for all. The expert is a run of its own, so two runs make a report. The
names of these files and their keys stand here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from ..swefficiency import Row, score_instance
from .files import by_instance, json_of, text_of

SUMMARY, STATUS = "perf_summary.txt", "covering_test_status.json"

_OUTPUT = "raw_correctness_output"
_MEAN = re.compile(r"^(Before|After) Mean: *(\S+)", re.MULTILINE)
_PASSED = "PASS"
_CHANGED = ("+", "-")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What one run left of an instance.

    Attributes:
        before_s: Mean seconds before the patch; None where the run left no times.
        after_s: Likewise after it.
        statuses: By test, what it came to; None where the run left no correctness output.
        must_pass: Tests that have to pass, where the run tells them.
        patch: The patch; "" where the run does not keep it.
    """

    before_s: float | None
    after_s: float | None
    statuses: Mapping[str, str] | None
    must_pass: tuple[str, ...] | None = None
    patch: str = ""

    @property
    def speedup(self) -> float | None:
        """Before over after; None where the run left no times."""
        return self.before_s / self.after_s if self.before_s and self.after_s else None


def is_report(found: Any) -> bool:
    """Return whether JSON is a validation report."""
    return (
        isinstance(found, dict)
        and bool(found)
        and all(isinstance(each, dict) and "perf_report" in each for each in found.values())
    )


def read_run(path: Path) -> dict[str, Ran]:
    """Return what a run left, by instance id.

    Args:
        path: A validation report, or a folder with the folders of instances somewhere below it.

    Raises:
        UserError: It cannot be read, or there is nothing of a run.
    """
    try:
        found = _of_folder(path) if path.is_dir() else _of_report(path)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise UserError(f"{path} is damaged: {type(error).__name__}: {error}") from None
    if not found:
        raise UserError(f"{path} has no instance with {SUMMARY} or {STATUS}")
    return found


def _of_folder(path: Path) -> dict[str, Ran]:
    found: dict[str, Ran] = {}
    for name, folder in by_instance(path, SUMMARY, STATUS).items():
        # Whatever else a log holds, the first of each counts.
        means = dict(reversed(_MEAN.findall(text_of(folder / SUMMARY))))
        status = folder / STATUS
        statuses = dict(json_of(status)) if status.exists() else None
        if statuses is None and (folder / _OUTPUT).is_dir():
            statuses = {}
        found[name] = Ran(
            before_s=float(means["Before"]) if means else None,
            after_s=float(means["After"]) if means else None,
            statuses=statuses,
            patch=text_of(folder / "patch.diff"),
        )
    return found


def _of_report(path: Path) -> dict[str, Ran]:
    found: dict[str, Ran] = {}
    for name, each in json_of(path).items():
        times, tests = each.get("perf_report") or {}, each.get("correctness_report") or {}
        before, after = times.get("before_mean"), times.get("after_mean")
        results = tests.get("test_results")
        found[name] = Ran(
            before_s=None if before is None else float(before),
            after_s=None if after is None else float(after),
            statuses=None if results is None else dict(results),
            must_pass=tuple(tests["PASS_TO_PASS"]) if "PASS_TO_PASS" in tests else None,
        )
    return found


def rows_of(
    run: Mapping[str, Ran],
    expert: Mapping[str, Ran],
    must_pass: Mapping[str, Sequence[str]],
) -> list[Row]:
    """Return the rows of the benchmark's report, by its formulas.

    Args:
        run: The patches' run; an instance that it lacks has speedup 1 and no correctness output.
        expert: The expert's; its instances are those of the report.
        must_pass: By instance id, the tests that have to pass. Where an instance is missing, they
            are those that the runs tell, else those that passed in the expert's.
    """
    known = {name.lower(): each for name, each in run.items()}
    wanted = {name.lower(): tests for name, tests in must_pass.items()}
    nothing = Ran(before_s=None, after_s=None, statuses=None)
    rows: list[Row] = []
    for name, theirs in expert.items():
        found = known.get(name.lower(), nothing)
        tests = wanted.get(name.lower()) or found.must_pass or theirs.must_pass or _passing(theirs)
        silent = found.statuses is None
        share = 0.0 if silent else _share(found.statuses or {}, tests)
        measured = None if silent else (found.speedup or 1.0)
        expert_speedup = theirs.speedup or 0.0
        speedup, ratio = score_instance(measured, expert_speedup, share)
        rows.append(
            Row(
                instance_id=name,
                measured=measured,
                speedup=speedup,
                expert_speedup=expert_speedup,
                ratio=ratio,
                correct=share == 1.0,
                correct_share=share,
                baseline_s=theirs.before_s or 0.0,
                patch_lines=_lines(theirs.patch, changed=silent),
            )
        )
    return rows


def _passing(expert: Ran) -> tuple[str, ...]:
    return tuple(test for test, status in (expert.statuses or {}).items() if _PASSED in status)


def _share(statuses: Mapping[str, str], tests: Sequence[str]) -> float:
    """Return the share of the tests that pass; a test that is missing does not."""
    if not tests:
        return 1.0
    return sum(_PASSED in statuses.get(test, "") for test in tests) / len(tests)


def _lines(patch: str, *, changed: bool) -> int:
    """Return how long the expert's patch is, which the benchmark counts in two ways."""
    lines = patch.splitlines()
    if not changed:
        return len(lines)
    return sum(x.startswith(_CHANGED) and not x.startswith(("+++", "---")) for x in lines)
