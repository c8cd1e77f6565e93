"""Why a run or one of its candidates ended as it did, with the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UserError
from ..lines import CandidateLine
from ..record import RunRecord
from ..sentence import sentence
from ..wording import (
    change_text,
    code_fence,
    duration_text,
    markdown_code,
    markdown_text,
    plural,
    share_text,
)
from .stages import stage_words

_MOST_DIFF_LINES = 120


def find_candidate(run: RunRecord, name: str) -> CandidateLine:
    """Return a candidate by id or the beginning of it.

    Raises:
        UserError: There is none, or more than one.
    """
    found = [line for line in run.candidates if line.candidate_id.startswith(name)]
    exact = [line for line in found if line.candidate_id == name]
    if exact or len(found) == 1:
        return (exact or found)[0]
    listed = ", ".join(line.candidate_id for line in (found or run.candidates)[:8]) or "none"
    if found:
        raise UserError(f"more than one candidate begins with {name!r}: {listed}")
    raise UserError(f"no candidate {name!r} in run {run.run_id}; it has: {listed}")


def why_run(record: Mapping[str, Any]) -> str:
    """Return in Markdown why a run ended as it did: its sentence, and a line a candidate."""
    run = RunRecord(record)
    lines = [f"**{markdown_text(sentence(record), 1000)}**", ""]
    if run.stopped:
        lines += [f"The search ended: {markdown_text(run.stopped)}.", ""]
    for line in run.candidates:
        fate = f"{line.outcome} at {line.stage}" if line.stage else line.outcome
        told = markdown_text(line.reason, 200)
        lines.append(f"- {markdown_code(line.candidate_id)} {fate}: {told}")
    if not run.candidates:
        lines.append("No candidate was tried.")
        lines += [
            f"- {markdown_code(spot.place)}: {markdown_text(spot.note)}"
            for spot in run.hotspots
            if spot.note
        ]
    else:
        lines += ["", f"`perfagent why {run.run_id} ID` tells more of one."]
    return "\n".join(lines) + "\n"


def why_candidate(record: Mapping[str, Any], name: str) -> str:
    """Return in Markdown why one candidate was accepted or refused.

    Raises:
        UserError: There is no such candidate, or more than one.
    """
    run = RunRecord(record)
    line = find_candidate(run, name)
    words = stage_words(line.stage)
    parts = [
        f"# Candidate {markdown_code(line.candidate_id)}: {line.outcome}",
        _aim(line),
        f"Decided at the stage **{line.stage}**: {words.asks}",
        f"> {markdown_text(line.reason, 1000)}" if line.reason else "",
        _measured(run, line),
        _evidence(line),
        _doubts(line),
        _way(run, line),
        f"What to do: {words.next_step}." if words.next_step and line.outcome != "accepted" else "",
        _change(line),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _aim(line: CandidateLine) -> str:
    where = f" {markdown_code(line.hotspot)}:" if line.hotspot else ""
    after = f", on top of {markdown_code(line.parent_id)}" if line.parent_id else ""
    hypothesis = markdown_text(line.hypothesis, 1000) or "no reason was given"
    return f"Round {line.round}, {markdown_code(line.origin)}{after}.{where} {hypothesis}"


def _measured(run: RunRecord, line: CandidateLine) -> str:
    if line.speedup is None:
        return "It was not timed: it did not come that far."
    told = change_text(line.speedup, line.ci_low, line.ci_high, None, run.metric)
    noise = "" if run.noise_floor is None else f"; noise floor {share_text(run.noise_floor)}"
    least = run.settings.get("min_effect")
    bound = f"; the lower bound has to clear {1 + least:g}" if isinstance(least, float) else ""
    return f"Measured: {told}, {plural(line.pairs, 'pair')}{noise}{bound}."


def _evidence(line: CandidateLine) -> str:
    if not line.evidence:
        return ""
    text = "\n".join(line.evidence)
    fence = code_fence(text)
    return f"Evidence:\n\n{fence}text\n{text}\n{fence}"


def _doubts(line: CandidateLine) -> str:
    if not line.doubts:
        return ""
    return "Doubts:\n\n" + "\n".join(f"- {markdown_text(doubt)}" for doubt in line.doubts)


def _way(run: RunRecord, line: CandidateLine) -> str:
    if not line.stages:
        return ""
    passed = [f"{name} {duration_text(seconds)}" for name, seconds in line.stages]
    left = len(run.gate) - len(line.stages)
    rest = f"; {plural(left, 'stage')} not reached" if left > 0 else ""
    return f"Its way: {', '.join(passed)}{rest}."


def _change(line: CandidateLine) -> str:
    if not line.diff:
        return ""
    lines = line.diff.splitlines()
    if len(lines) > _MOST_DIFF_LINES:
        left = len(lines) - _MOST_DIFF_LINES
        lines = [*lines[:_MOST_DIFF_LINES], f"… {left:,} more lines"]
    text = "\n".join(lines)
    fence = code_fence(text)
    return f"Its whole change against the base:\n\n{fence}diff\n{text}\n{fence}"
