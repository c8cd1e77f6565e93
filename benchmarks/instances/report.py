"""Writes instances.md from the records alone."""

from __future__ import annotations

from collections.abc import Mapping

from perfagent.evals.aggregates import RESAMPLES
from perfagent.reports.record import RunRecord
from perfagent.reports.sentence import sentence
from perfagent.reports.wording import duration_text, markdown_text

from ..study.tables import table
from ..trials.trial import Record
from .score import Ratio, expert_of, overall, ratio_of

_HEADER = ["instance", "before", "outcome", "speedup", "expert", "SR", "suite", "took", "why none"]
_MOST_REASON = 200


def instances_report(records: Mapping[str, Record]) -> str:
    """Return the report of all instances that have a record, by name."""
    ordered = [records[name] for name in sorted(records)]
    decided = [each for each in ordered if "report" in each]
    return "\n".join([_head(ordered, decided), table(_HEADER, [_row(each) for each in ordered])])


def _head(records: list[Record], decided: list[Record]) -> str:
    lines = [
        "# The rewrites on instances of a benchmark: figures",
        "",
        "Written by `python -m benchmarks.instances` from the records in"
        " `benchmarks/data/instances/`; nothing",
        "here is typed in. Each instance is a commit before an expert made it faster. perfagent had"
        " the",
        "workload and the covering tests, its built-in rewrites, and no model. SR is the patch's"
        " speedup over the",
        "expert's, both measured in one session; without a patch the speedup counts as 1, so SR is"
        " one over the",
        "expert's. Intervals are of 95%.",
        "",
    ]
    if not decided:
        return "\n".join([*lines, "Not measured yet.", ""])
    outcomes = [each["report"]["outcome"] for each in decided]
    lines += [
        f"- Machines: {'; '.join(_machines(decided))}",
        f"- Runs: {len(records)}, of which {len(decided)} came to a verdict:"
        f" {outcomes.count('accepted')} accepted, {outcomes.count('no_improvement')} no"
        f" improvement, {outcomes.count('inconclusive')} inconclusive",
    ]
    ratios = [each for each in map(ratio_of, decided) if each is not None]
    score = overall(ratios)
    if score is not None:
        lines.append(
            f"- SR, harmonic mean of {len(ratios)}: {_cell(score)}; the interval by"
            f" {RESAMPLES:,} bootstrap draws"
        )
    return "\n".join([*lines, ""])


def _machines(records: list[Record]) -> list[str]:
    met = [each["machine"] for each in records]
    return sorted({f"{each['processor']}, {each['cores']} cores, {each['system']}" for each in met})


def _row(record: Record) -> list[str]:
    took = duration_text(record["seconds"])
    if "report" not in record:
        why = markdown_text(record["failure"], _MOST_REASON)
        return [record["name"], "", "**no verdict**", "", "", "", "", took, why]
    run = RunRecord(record["report"])
    gain, expert, ratio = run.gain, expert_of(record), ratio_of(record)
    before = record["report"]["workload"].get("baseline_s")
    is_accepted = run.outcome == "accepted" and gain is not None
    speedup = Ratio(value=gain.speedup, low=gain.ci_low, high=gain.ci_high) if gain else None
    return [
        record["name"],
        duration_text(before) if before else "",
        run.outcome.replace("_", " "),
        _cell(speedup) if is_accepted and speedup else "1",
        _cell(expert) if expert else "not measured",
        _cell(ratio) if ratio else "",
        _suite(run),
        took,
        "" if is_accepted else markdown_text(_reason(record), _MOST_REASON),
    ]


def _reason(record: Record) -> str:
    """Return what was tried, and what became of the one that came farthest."""
    told = sentence(record["report"]).partition(": ")[2]
    met = [each for each in record["report"]["candidates"] if each["outcome"] != "accepted"]
    timed = [each for each in met if each.get("speedup")]
    if len(met) < 2 or not timed:
        return told
    best = max(timed, key=lambda each: each["speedup"])
    return f"{told}; {best['origin'].removeprefix('rewrites/')} came nearest: {best['reason']}"


def _suite(run: RunRecord) -> str:
    if run.suite is None:
        return "none"
    counts = f"{run.suite.passed:,} passed"
    broke = run.suite.failed - run.suite.failing_before
    counts += f", {broke:,} failed" if broke > 0 else ""
    aside = run.suite.flaky + run.suite.failing_before
    return f"{counts}{f', {aside} set aside' if aside else ''} ({run.suite.of})"


def _cell(ratio: Ratio) -> str:
    if ratio.low is None or ratio.high is None:
        return _figure(ratio.value)
    return f"{_figure(ratio.value)} ({_figure(ratio.low)} to {_figure(ratio.high)})"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
