"""An evaluation's files for other programs, in the benchmarks' own schemas and in ours."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...agent.runs.directory import RunDirectory
from ...agent.runs.plain import to_plain
from .. import swefficiency, sweperf
from ..batch.records import Evaluation
from ..running.outcome import Estimate, InstanceResult
from .official import gso_report, swefficiency_row, sweperf_report
from .summary import Summary

COLUMNS = (
    *("instance_id", "sample", "repo", "model", "outcome"),
    *("speedup", "speedup_low", "speedup_high"),
    *("expert_speedup", "expert_low", "expert_high", "ratio", "ratio_low", "ratio_high"),
    *("counted_speedup", "counted_ratio", "baseline_s", "tests_required", "tests_lost", "rung"),
    *("cpu_saving", "memory_saving", "expert_cpu_saving", "expert_memory_saving", "provable_gain"),
    *("seconds", "reason"),
)
"""Of `instances.csv`; what was not measured is empty."""


def export(found: Evaluation, summary: Summary, folder: Path) -> list[Path]:
    """Write an evaluation's files and return them.

    `summary.json` and `instances.csv` are ours. Of the benchmark's own there are: of SWE-fficiency
    `eval_report_NAME.csv` and its JSON summary; of GSO the run's report; of SWE-Perf the result
    CSV and each instance's sessions.

    Raises:
        InfrastructureError: The disk is full or not writable.
    """
    directory = RunDirectory(folder)
    texts = {
        "summary.json": _json(to_plain(summary)),
        "instances.csv": instances_text(
            each for samples in found.samples.values() for each in samples
        ),
        **_OFFICIAL[summary.suite](found, summary),
    }
    for name, text in texts.items():
        directory.write_text(name, text)
    return [folder / name for name in texts]


def instances_text(results: Iterable[InstanceResult]) -> str:
    """Return results as CSV, a line each."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in results:
        writer.writerow(_line(each))
    return out.getvalue()


def _line(found: InstanceResult) -> list[Any]:
    counted = (found.counted, found.counted_ratio, found.baseline_s)
    savings = (
        found.saving(what, arm)
        for arm in ("candidate", "expert")
        for what in ("cpu_s", "peak_rss_bytes")
    )
    return [
        *(found.instance_id, found.sample, found.repo, found.model, found.outcome),
        *_three(found.speedup),
        *_three(found.expert_speedup),
        *_three(found.ratio),
        *("" if value is None else value for value in counted),
        *(found.tests_required, len(found.tests_lost), found.rung),
        *("" if value is None else value for value in (*savings, found.provable_gain)),
        round(sum(found.seconds.values()), 1),
        found.reason,
    ]


def _three(found: Estimate | None) -> tuple[Any, Any, Any]:
    return (found.value, found.ci_low, found.ci_high) if found else ("", "", "")


def _swefficiency(found: Evaluation, summary: Summary) -> dict[str, str]:
    rows = [swefficiency_row(each) for each in found.results.values()]
    return {
        f"eval_report_{_safe(found.name)}.csv": swefficiency.report_text(rows),
        f"eval_report_{_safe(found.name)}.json": _json(dict(summary.official)),
    }


def _gso(found: Evaluation, summary: Summary) -> dict[str, str]:
    report = gso_report(found.results, found.request["instances"])
    return {f"{_safe(found.model)}.{_safe(found.name)}.report.json": _json(report)}


def _sweperf(found: Evaluation, summary: Summary) -> dict[str, str]:
    texts = {"sweperf.csv": sweperf.result_text([summary.official])}
    for each in found.results.values():
        sessions = sweperf_report(each)
        if sessions is not None:
            texts[f"sessions/{_safe(each.instance_id)}/report.json"] = _json(sessions)
    return texts


_OFFICIAL = {"swefficiency": _swefficiency, "gso": _gso, "sweperf": _sweperf}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name) or "unnamed"
