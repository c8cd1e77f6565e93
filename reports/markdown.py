"""The report of a run as Markdown, fit to be a pull request's description."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .lines import CandidateLine, HotspotLine
from .record import RunRecord
from .search import search_section
from .sentence import sentence
from .wording import (
    METRIC_NAMES,
    amounts_text,
    change_text,
    code_fence,
    duration_text,
    interval_text,
    markdown_code,
    markdown_text,
    plural,
    share_text,
    times_text,
)

_MOST_HOTSPOTS = 10
_MOST_FILES = 12
_MOST_DIFF_CHARACTERS = 30_000
"""Half of what GitHub takes as a pull request's description."""


def render_markdown(record: Mapping[str, Any], diff: str = "") -> str:
    """Return the report of one run.

    Args:
        record: what `report.json` holds. Parts that are missing are left out.
        diff: the accepted patch, folded into the report when it is not too long; "" for none.
    """
    run = RunRecord(record)
    sections = [
        [f"**{markdown_text(sentence(record), 1000)}**"],
        _about(run),
        _changes(run),
        _evidence(run),
        _sizes(run),
        _hotspots(run),
        _refused(run),
        search_section(run),
        _diff(diff),
        _doubts(run),
        _reproduce(run),
        _verify(run),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def _about(run: RunRecord) -> list[str]:
    lines: list[str] = []
    if run.workload:
        where = f" of {markdown_code(run.repository)}" if run.repository else ""
        lines.append(f"Workload {markdown_code(run.workload)}{where}.")
    changed = {candidate.hotspot for candidate in run.changes}
    shares = [
        f"{markdown_code(hotspot.place)} was {share_text(hotspot.total_share)} of the workload"
        for hotspot in run.hotspots
        if hotspot.place in changed and hotspot.total_share is not None
    ]
    if shares:
        lines.append(f"{'; '.join(shares)}.")
    return lines


def _changes(run: RunRecord) -> list[str]:
    accepted = run.changes
    if not accepted and run.patch_size is None:
        return []
    lines = ["## What changed and why", ""]
    for candidate in accepted:
        where = f"{markdown_code(candidate.hotspot)}: " if candidate.hotspot else ""
        why = markdown_text(candidate.hypothesis) or "no reason was given"
        gain = _candidate_gain(candidate, run.metric) if candidate.speedup else ""
        alone = f", {gain} when tried" if gain else ""
        lines.append(f"- {where}{why} ({markdown_code(candidate.origin)}{alone})")
    if run.patch_size is not None:
        files, added, removed = run.patch_size
        named = ", ".join(markdown_code(file) for file in files[:_MOST_FILES])
        more = f" and {len(files) - _MOST_FILES} more" if len(files) > _MOST_FILES else ""
        if accepted:
            lines.append("")
        lines.append(f"{plural(len(files), 'file')}, +{added} -{removed} lines: {named}{more}.")
    return lines


def _evidence(run: RunRecord) -> list[str]:
    rows = [*_timing_rows(run), *_noise_rows(run), *_suite_rows(run)]
    if not rows:
        return []
    if run.machine:
        rows.append(
            ("machine", markdown_text(", ".join(f"{k} {v}" for k, v in run.machine.items())))
        )
    if run.sandbox:
        rows.append(("sandbox", markdown_text(run.sandbox, 1000)))
    if run.guard:
        rows.append(("guard test", markdown_text(run.guard, 1000)))
    if run.outcome == "accepted":
        rows.append(("what was checked", _checks(run)))
    return ["## Evidence", "", *_table(("", "measured"), rows)]


def _sizes(run: RunRecord) -> list[str]:
    swept = run.sweep
    if swept is None:
        return []
    header = ("size", "base", "patched", "speedup")
    told = [markdown_text(sentence, 1000) for sentence in swept.sentences()]
    return ["## By size of input", "", *_table(header, swept.rows()), "", *told]


def _timing_rows(run: RunRecord) -> list[tuple[str, str]]:
    gain, expert = run.gain, run.expert
    if gain is None:
        return [("expert", _expert_text(run))] if expert is not None else []
    rows = [
        (
            "speedup",
            change_text(gain.speedup, gain.ci_low, gain.ci_high, gain.confidence, gain.metric),
        )
    ]
    if gain.baseline is not None and gain.candidate is not None:
        rows.append(
            (
                f"{METRIC_NAMES[gain.metric]}, base -> patched",
                amounts_text(gain.baseline, gain.candidate, gain.metric),
            )
        )
    if gain.pairs is not None:
        rows.append(
            ("samples", f"{plural(gain.pairs, 'interleaved pair')} of fresh process launches")
        )
    if expert is not None:
        rows.append(("expert", _expert_text(run)))
    return rows


def _noise_rows(run: RunRecord) -> list[tuple[str, str]]:
    rows = []
    if run.noise_floor is not None:
        rows.append(("noise floor, base against base", share_text(run.noise_floor)))
    if run.provable_gain is not None:
        rows.append(("smallest gain provable here", share_text(run.provable_gain)))
    return rows


def _expert_text(run: RunRecord) -> str:
    expert = run.expert
    if expert is None or expert.speedup is None:
        return "not measured"
    commit = f" ({markdown_code(run.expert_commit[:12])})" if run.expert_commit else ""
    speedup = f"{times_text(expert.speedup)}x{commit}"
    if expert.speedup_ratio is None:
        return speedup
    ratio = f"SR {times_text(expert.speedup_ratio)}"
    if expert.ratio_low is not None and expert.ratio_high is not None:
        confidence = run.gain.confidence if run.gain else 0.95
        ratio += f" ({interval_text(expert.ratio_low, expert.ratio_high, confidence)})"
    return f"{speedup}; {ratio}"


def _suite_rows(run: RunRecord) -> list[tuple[str, str]]:
    suite = run.suite
    if suite is None:
        return [("suite", "was not run")] if run.gain is not None else []
    parts = [f"{suite.passed:,} passed", f"{suite.failed:,} failed"]
    if suite.failing_before:
        parts.append(f"{suite.failing_before:,} failing on the base already, set aside")
    if suite.flaky:
        parts.append(f"{suite.flaky:,} flaky, set aside")
    if suite.seconds is not None:
        parts.append(f"in {duration_text(suite.seconds)}")
    return [(f"suite on the {suite.of}", ", ".join(parts))]


def _checks(run: RunRecord) -> str:
    """Return what the gate asks of an accepted change; the suite's part only when there is one."""
    covering, whole = "", ""
    if run.suite is not None:
        covering = " passes its covering tests;"
        whole = " the whole suite passes with the final patch;"
    return (
        f"each change applies, stays out of tests and build files, and imports;{covering}{whole}"
        " the workload's answer is unchanged; the speedup holds between interleaved launches of"
        " fresh processes"
    )


def _hotspots(run: RunRecord) -> list[str]:
    before, after = run.hotspots, run.hotspots_after
    if not before:
        return []
    later = {hotspot.place: hotspot for hotspot in after}
    rows = [
        (
            markdown_code(hotspot.place),
            _share(hotspot.own_share),
            _share(hotspot.total_share),
            _bound(hotspot),
            *([_share_after(later.get(hotspot.place))] if after else []),
        )
        for hotspot in before[:_MOST_HOTSPOTS]
    ]
    header = ("function", "own", "with callees", "at most", *(["own after"] if after else []))
    explanation = (
        "Shares of the workload's time. *own*: the function and what it calls outside the"
        " repository; *at most*: the workload's speedup if the function and all it calls took no"
        " time; a dash: not seen any more, or no bound."
    )
    seen = [
        f"- {markdown_code(hotspot.place)}: {markdown_text(hotspot.facts_text)}"
        for hotspot in before[:_MOST_HOTSPOTS]
        if hotspot.facts_text
    ]
    calls = ["", "Calls in one run of the workload:", "", *seen] if seen else []
    return ["## Hotspots", "", *_table(header, rows), "", explanation, *calls]


def _bound(hotspot: HotspotLine) -> str:
    if not hotspot.worthwhile:
        return "too small"
    return f"{times_text(hotspot.max_speedup)}x" if hotspot.max_speedup else "-"


def _share(share: float | None) -> str:
    return "-" if share is None else share_text(share)


def _share_after(hotspot: HotspotLine | None) -> str:
    return "-" if hotspot is None else _share(hotspot.own_share)


def _refused(run: RunRecord) -> list[str]:
    changes = {candidate.candidate_id for candidate in run.changes}
    refused = [line for line in run.candidates if line.candidate_id not in changes]
    if not refused:
        return []
    rows = [
        (
            markdown_code(candidate.candidate_id),
            markdown_code(candidate.hotspot),
            markdown_text(candidate.hypothesis, 160) or "-",
            markdown_text(candidate.outcome),
            markdown_text(candidate.stage) or "-",
            markdown_text(candidate.reason, 240) or "-",
        )
        for candidate in refused
    ]
    title = f"{plural(len(refused), 'candidate')} not in the patch"
    header = ("candidate", "hotspot", "hypothesis", "outcome", "stage", "reason")
    return [f"<details><summary>{title}</summary>", "", *_table(header, rows), "", "</details>"]


def _diff(diff: str) -> list[str]:
    if not diff or len(diff) > _MOST_DIFF_CHARACTERS:
        return []
    fence = code_fence(diff)
    return [
        "<details><summary>The patch</summary>",
        "",
        f"{fence}diff",
        diff.rstrip("\n"),
        fence,
        "",
        "</details>",
    ]


def _doubts(run: RunRecord) -> list[str]:
    lines: list[str] = []
    if run.doubts:
        lines += ["## Doubts", "", *(f"- {markdown_text(doubt)}" for doubt in run.doubts)]
    if run.notes:
        lines += ["", "## Notes", "", *(f"- {markdown_text(note)}" for note in run.notes)]
    return lines[1:] if lines[:1] == [""] else lines


def _reproduce(run: RunRecord) -> list[str]:
    if not run.command:
        return []
    lines = [
        "## Reproduce",
        "",
        f"{code_fence(run.command)}sh",
        run.command,
        code_fence(run.command),
    ]
    facts = []
    if run.commit:
        facts.append(f"base {markdown_code(run.commit[:12])}")
    if run.run_id:
        facts.append(f"run {markdown_code(run.run_id)}")
    if run.stopped:
        facts.append(f"the search ended because of: {markdown_text(run.stopped)}")
    seconds = run.seconds
    if "total" in seconds:
        parts = [
            f"{name} {duration_text(seconds[name])}"
            for name in ("workload", "tests", "model", "own")
            if name in seconds
        ]
        spent = f" ({', '.join(parts)})" if parts else ""
        facts.append(f"{duration_text(seconds['total'])}{spent}")
    if run.spend.get("usd"):
        facts.append(f"${run.spend['usd']:.2f} for the model")
    return [*lines, "", f"{', '.join(facts)}."] if facts else lines


def _verify(run: RunRecord) -> list[str]:
    if not run.evidence:
        return []
    command, file = markdown_code(f"perfagent verify {run.run_id}"), markdown_code(run.evidence)
    return [f"{command} derives the verdict again from {file}; `--rerun` measures again."]


def _candidate_gain(candidate: CandidateLine, metric: str) -> str:
    return change_text(candidate.speedup or 1.0, candidate.ci_low, candidate.ci_high, None, metric)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; cells are Markdown already."""
    return [_row(header), _row(["---"] * len(header)), *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
