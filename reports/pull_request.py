"""A pull request of one optimization: its title, its description and its commit's message.

What a maintainer decides by comes first: the number, then what changed and why it is right. The
rest is folded.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from .markdown import _checks, _hotspots, _refused, _suite_rows, _table  # the same parts, folded
from .record import RunRecord
from .wording import (
    amounts_text,
    change_text,
    code_fence,
    duration_text,
    markdown_code,
    markdown_text,
    one_line,
    plural,
    share_text,
    times_text,
)

_COSTS = {"peak memory": ("peak memory", "rss"), "import": ("import time", "wall")}
"""What a gain could cost elsewhere: its name in a record, its name here, and its metric."""
_SHORT_DIFF_LINES = 40


def pull_request_title(record: Mapping[str, Any]) -> str:
    """Return the title: `Make shared() 3.4x faster on compare`."""
    run = RunRecord(record)
    gain = run.gain
    faster = f"{times_text(gain.speedup)}x faster" if gain else "faster"
    spots = [candidate.hotspot for candidate in run.changes if candidate.hotspot]
    name = spots[0].rpartition(":")[2] if spots else ""
    what = f"{name}()" if name.replace("_", "").replace(".", "").isalnum() else "the workload"
    where = f" on {one_line(run.workload)[:60]}" if run.workload else ""
    verb = f"Speed up {what}: {one_line(run.workload)[:60]} is {faster}" if where else ""
    return verb or f"Speed up {what}"


def pull_request_body(
    record: Mapping[str, Any],
    *,
    branch: str | None,
    workload_word: str,
    diff: str = "",
    more: Mapping[str, str] | None = None,
) -> str:
    """Return the description, Markdown.

    Args:
        record: What `report.json` holds, of an accepted patch.
        branch: The pull request's branch, for the command that measures it again; None where the
            patch is not to be had otherwise.
        workload_word: The workload as the repository's configuration names it.
        diff: The patch. It stands below the number where it is short, or where there is no branch.
        more: Heading to Markdown of our own, at the end (who asked, commands).
    """
    run = RunRecord(record)
    sections = [
        _headline(run),
        _patch(diff) if branch is None or diff.count("\n") <= _SHORT_DIFF_LINES else [],
        _why(run),
        _evidence(run),
        _reproduce(run, branch, workload_word),
        _folded("Profile before and after", _hotspots(run)[2:]),
        _refused(run),
        _doubts(run),
        *([f"<sub>{text}</sub>"] for text in (more or {}).values()),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def commit_message(record: Mapping[str, Any], trailers: tuple[str, ...] = ()) -> str:
    """Return the commit's message: the title, the number, how it was measured."""
    run = RunRecord(record)
    gain = run.gain
    lines = [pull_request_title(record), ""]
    if gain is not None:
        change = change_text(gain.speedup, gain.ci_low, gain.ci_high, gain.confidence, gain.metric)
        measured = ""
        if gain.baseline is not None and gain.candidate is not None:
            measured = f", {amounts_text(gain.baseline, gain.candidate, gain.metric)}"
        lines.append(f"{change}{measured}, in {plural(gain.pairs or 0, 'pair')} of launches.")
    for candidate in run.changes:
        if candidate.hypothesis:
            lines.append(_quiet(one_line(candidate.hypothesis))[:300])
    if trailers:
        lines += ["", *trailers]
    return "\n".join(lines) + "\n"


def _headline(run: RunRecord) -> list[str]:
    gain = run.gain
    if gain is None:
        return []
    change = change_text(gain.speedup, gain.ci_low, gain.ci_high, gain.confidence, gain.metric)
    amounts = ""
    if gain.baseline is not None and gain.candidate is not None:
        amounts = f", {amounts_text(gain.baseline, gain.candidate, gain.metric)}"
    name = markdown_code(run.workload) if run.workload else "The workload"
    line = f"{name} is **{change}**{amounts}."
    shares = [
        f"{markdown_code(spot.place)} was {share_text(spot.total_share)} of it"
        for spot in run.hotspots
        if spot.place in {candidate.hotspot for candidate in run.changes}
        and spot.total_share is not None
    ]
    return [f"{line} {'; '.join(shares)}." if shares else line]


def _patch(diff: str) -> list[str]:
    if not diff:
        return []
    fence = code_fence(diff)
    return [f"{fence}diff", diff.rstrip("\n"), fence]


def _why(run: RunRecord) -> list[str]:
    lines = []
    for candidate in run.changes:
        why = markdown_text(_quiet(candidate.hypothesis), 1000) or "no reason was given"
        where = f"{markdown_code(candidate.hotspot)}: " if candidate.hotspot else ""
        lines.append(f"- {where}{why}")
    if run.patch_size is not None:
        files, added, removed = run.patch_size
        lines.append(f"- {plural(len(files), 'file')}, +{added} -{removed} lines; no test, build")
        lines[-1] += " or configuration file is touched."
    return ["### What changed, and why it is right", "", *lines] if lines else []


def _evidence(run: RunRecord) -> list[str]:
    gain, rows = run.gain, []
    if gain is not None:
        if gain.pairs is not None:
            told = f"{plural(gain.pairs, 'interleaved pair')} of fresh launches"
            told += ", taken after this change was chosen"
            rows.append(("samples", told))
        rows += [
            (
                _COSTS[also.name][0],
                amounts_text(also.baseline, also.candidate, _COSTS[also.name][1]),
            )
            for also in run.side_metrics
            if also.name in _COSTS
        ]
    rows += [("suite", counts) for _, counts in _suite_rows(run)]
    if run.noise_floor is not None:
        told = f"{share_text(run.noise_floor)} between launches of the base itself"
        rows.append(("noise", told))
    rows.append(("checked", _checks(run)))
    if run.machine:
        machine = ", ".join(f"{key} {value}" for key, value in run.machine.items())
        rows.append(("machine", markdown_text(machine)))
    if "total" in run.seconds:
        cost = duration_text(run.seconds["total"])
        usd = f", ${run.spend['usd']:.2f} for the model" if run.spend.get("usd") else ", no model"
        rows.append(("cost", cost + usd))
    return ["### Evidence", "", *_table(("", "measured"), rows)]


def _reproduce(run: RunRecord, branch: str | None, workload_word: str) -> list[str]:
    command = shlex.join(["perfagent", "measure", ".", workload_word])
    options = ["--rev", run.commit[:12]]
    options += ["--candidate", f"origin/{branch}"] if branch else ["--patch", "perfagent.diff"]
    where = "In a clone" if branch else "In a clone, with the diff above in `perfagent.diff`"
    first = "git fetch && " if branch else ""
    lines = [f"{first}{command} \\", f"    {shlex.join(options)}"]
    fence = code_fence(command)
    return ["### Reproduce", "", f"{where}:", "", f"{fence}sh", *lines, fence]


def _doubts(run: RunRecord) -> list[str]:
    if not run.doubts:
        return []
    return ["### Doubts", "", *(f"- {markdown_text(_quiet(doubt))}" for doubt in run.doubts)]


def _folded(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]


def _quiet(text: str) -> str:
    """Return somebody's words without what a forge would act on: `Fixes #1`, addresses."""
    return text.replace("#", "no. ").replace("://", ":\u200b//").replace("@", "@\u200b")
