"""The search of a run as Markdown: what each round asked and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from .lines import AskLine, CandidateLine, RoundLine
from .record import RunRecord
from .wording import markdown_code, markdown_text, plural

_LONGEST_PLAN = 160


def search_section(run: RunRecord) -> list[str]:
    """Return the section's lines; none where no model took part."""
    asked = [line for line in run.rounds if any(ask.strategy for ask in line.asks)]
    if not asked:
        return []
    lines = ["## The search", "", f"Policy {markdown_code(run.policy)}."]
    by_id = {line.candidate_id: line for line in run.candidates}
    for line in asked:
        lines += ["", f"### Round {line.number}", "", *_draws(line)]
        for ask in line.asks:
            lines.append(f"- {_asked(ask)}")
            lines += [f"  - {text}" for text in _answers(ask, by_id)]
        lines += _stacked(line, run)
    return lines


def _draws(line: RoundLine) -> Iterator[str]:
    if line.draws:
        drawn = ", ".join(f"{name} {draw:.3f}" for name, draw in line.draws)
        yield f"The bandit drew, as gain for a unit of cost: {drawn}."
        yield ""
    if line.problem:
        yield f"No plans in words: {markdown_text(line.problem)}."
        yield ""


def _asked(ask: AskLine) -> str:
    named = markdown_code(ask.strategy or ask.proposer)
    about = f" {', '.join(map(markdown_code, ask.about))}" if ask.about else ""
    version = f"on {markdown_code(ask.parent)}" if ask.parent else "on the original"
    plan = f", by the plan: {markdown_text(ask.plan, _LONGEST_PLAN)}" if ask.plan else ""
    return f"{named}{about} {version}{plan}"


def _answers(ask: AskLine, by_id: dict[str, CandidateLine]) -> Iterator[str]:
    if not ask.candidates and not ask.repeats:
        yield "nothing to try"
    for name in ask.repeats:
        what = markdown_code(name) if name in by_id else markdown_text(name)
        yield f"the same as {what}, not tried again"
    for name in ask.candidates:
        if name in by_id:
            yield _fate(by_id[name])


def _fate(line: CandidateLine) -> str:
    why = markdown_text(line.hypothesis)
    told = f"{line.outcome} at {line.stage}: {markdown_text(line.reason)}"
    return f"{markdown_code(line.candidate_id)} {why} **{told}**" if why else f"**{told}**"


def _stacked(line: RoundLine, run: RunRecord) -> Iterator[str]:
    found = [
        each
        for each in run.candidates
        if each.round == line.number and each.origin.startswith("stack/")
    ]
    if found:
        yield f"- {plural(len(found), 'version')} of what was accepted, stacked and judged again"
    for each in found:
        below = markdown_code(each.parent_id)
        yield f"  - {_fate(each)}, on {below}"
