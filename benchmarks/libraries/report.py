"""What the trial on real libraries found, as Markdown made of its records alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from perfagent.reports.record import CandidateLine, RunRecord
from perfagent.reports.wording import (
    change_text,
    duration_text,
    interval_text,
    markdown_code,
    markdown_text,
    share_text,
    times_text,
)

from ..study.tables import table
from ..trials.trial import Record
from .table import Library

_MOST_REASON = 160
_ORDER = {"accepted": 0, "inconclusive": 1, "rejected": 2}


def libraries_section(libraries: Sequence[Library], records: Mapping[str, Record]) -> str:
    """Return the tables of all libraries that have a record, and which have none.

    Args:
        libraries: The table's, in its order.
        records: What is kept of each one's run, by name.
    """
    tried = [each for each in libraries if "report" in records.get(each.name, {})]
    missing = [each.name for each in libraries if each not in tried]
    if not tried:
        return "Not measured yet.\n"
    runs = {each.name: RunRecord(records[each.name]["report"]) for each in tried}
    parts = [
        _head(tried, records),
        _results(tried, records, runs),
        "What was tried. The intervals of accepted patches in the table above are of fresh samples"
        " that took no part in choosing them; these are of the gate's own.\n",
        _candidates(tried, runs),
        _patches(tried, records),
    ]
    if missing:
        parts.append(f"Without a record yet: {', '.join(missing)}.\n")
    return "\n".join(parts)


def _head(tried: Sequence[Library], records: Mapping[str, Record]) -> str:
    met = [records[each.name] for each in tried]
    machines = {
        f"{each['machine']['processor']}, {each['machine']['cores']} cores,"
        f" {each['machine']['system']}"
        for each in met
    }
    accepted = [each for each in met if each["report"]["outcome"] == "accepted"]
    above = [each for each in accepted if each["report"]["speedup"]["ci_low"] > 1.1]
    days = sorted(each["at"][:10] for each in met)
    counted = f"{len(met)} {'library' if len(met) == 1 else 'libraries'}"
    return (
        f"{counted}, run {days[0]} to {days[-1]} on {'; '.join(sorted(machines))}:"
        f" {len(accepted)} became faster, {len(above)} of them by more than 1.1 times (lower end"
        " of the interval). Written by `make study-libraries` from the records in"
        " `benchmarks/data/libraries/`.\n"
    )


def _results(
    tried: Sequence[Library], records: Mapping[str, Record], runs: Mapping[str, RunRecord]
) -> str:
    header = ["library", "kind", "workload", "suite", "hotspots", "tried", "result", "took"]
    header.append("whole suite on the patch")
    return table(header, [_result(each, records[each.name], runs[each.name]) for each in tried])


def _result(library: Library, record: Record, run: RunRecord) -> list[str]:
    baseline = record["report"]["workload"].get("baseline_s")
    size = f" ({duration_text(baseline)})" if baseline else ""
    met = len(run.candidates)
    accepted = sum(each.outcome == "accepted" for each in run.candidates)
    return [
        markdown_code(library.target.removeprefix("pypi:")),
        library.kind,
        markdown_code(library.workload) + size,
        _suite(run),
        str(len(run.hotspots)),
        f"{met}, {accepted} accepted" if met else "nothing proposed",
        _outcome(run),
        duration_text(record["seconds"]),
        _whole_suite(record),
    ]


def _suite(run: RunRecord) -> str:
    if run.suite is None:
        return "none"
    aside = run.suite.flaky + run.suite.failing_before
    return f"{run.suite.passed:,} passed" + (f", {aside} set aside" if aside else "")


def _whole_suite(record: Record) -> str:
    """Return how all tests end on the patch beside the base; nothing where there is no patch."""
    found = record.get("whole_suite")
    if found is None:
        return "not run" if record.get("patch") else ""
    if found["problem"]:
        return f"does not run: {markdown_text(found['problem'], _MOST_REASON)}"
    if found["different"]:
        return f"**{len(found['different'])} of {found['tests']:,} differ**"
    aside = len(found["flaky"])
    return f"same {found['tests']:,} outcomes" + (f", {aside} flaky aside" if aside else "")


def _outcome(run: RunRecord) -> str:
    gain = run.gain
    if run.outcome != "accepted" or gain is None:
        return run.outcome.replace("_", " ")
    said = change_text(gain.speedup, gain.ci_low, gain.ci_high, gain.confidence, gain.metric)
    return f"**{said}**"


def _candidates(tried: Sequence[Library], runs: Mapping[str, RunRecord]) -> str:
    rows = [
        _candidate(library, line)
        for library in tried
        for line in sorted(runs[library.name].candidates, key=_place)
    ]
    header = ["library", "rewrite", "function", "outcome", "speedup", "why"]
    return table(header, rows)


def _place(line: CandidateLine) -> tuple[int, float]:
    return _ORDER.get(line.outcome, len(_ORDER)), -(line.speedup or 0.0)


def _candidate(library: Library, line: CandidateLine) -> list[str]:
    speedup = ""
    if line.speedup is not None:
        speedup = f"{times_text(line.speedup)}x"
        if line.ci_low is not None and line.ci_high is not None:
            speedup += f" ({interval_text(line.ci_low, line.ci_high, 0.95)})"
    stage = "" if line.outcome == "accepted" else f" at {line.stage}"
    return [
        library.name,
        line.origin.removeprefix("rewrites/"),
        markdown_code(line.hotspot.rpartition(":")[2]),
        f"{line.outcome}{stage}",
        speedup,
        "" if line.outcome == "accepted" else markdown_text(line.reason, _MOST_REASON),
    ]


def _patches(tried: Sequence[Library], records: Mapping[str, Record]) -> str:
    """Return what each accepted patch consists of, and where the time was."""
    lines: list[str] = []
    for library in tried:
        report: dict[str, Any] = records[library.name]["report"]
        stacked = (report.get("patch") or {}).get("stacked") or []
        if report["outcome"] != "accepted" or not stacked:
            continue
        hottest = report["hotspots"][0]
        where = f"{hottest['path']}:{hottest['function']}"
        lines.append(
            f"- **{library.name}** (most of its time, {share_text(hottest['total_share'])}, in"
            f" {markdown_code(where)}): "
            + "; ".join(markdown_text(each["hypothesis"]) for each in stacked)
        )
    if not lines:
        return ""
    return "Why the accepted patches help:\n\n" + "\n".join(lines) + "\n"
