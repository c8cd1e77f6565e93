"""What a model can be asked: kinds of new changes, and moves on what was tried before.

`options` says what can be asked of a version now; `task_text` is how it is asked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..chat.prompts import fenced, load_prompt, strategies, strategy_prompt
from ..memory import ledger
from ..memory.ledger import SPEED_STAGES, Entry
from ..runs.run import Run
from ..steps.minimize import hunk_key
from ..steps.tip import lineage, load_candidate
from .ask import Ask
from .elites import elite_of
from .reach import reach_of

MOVES = ("repair", "another", "refine", "combine")
EARLIER_CHANCES = {"algorithm": 0.35, "avoid": 0.35, "batch": 0.25, "cache": 0.2, "lower": 0.15}
"""Chance of success taken for a strategy before this run has tried it. Only the order is founded:
of 498 expert commits of SWE-fficiency 161 simplify (avoid work), 159 change algorithm or data
structure, 42 cache and 38 go lower, by the benchmark's own labels."""
MOST_ABOUT = 2
"""How often a run asks for the same move on the same candidate."""
_MOST_DIFF_LINES = 100
_MOST_EVIDENCE_LINES = 40
_NO_CHANGE = frozenset({"propose", "applies"})
"""Stages at which there was no change to repair."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """Something that can be asked.

    Attributes:
        strategy: One of `strategies()` or of `MOVES`.
        parent: The version to change: a candidate's id, or None for the base.
        about: The earlier candidates that it is about.
    """

    strategy: str
    parent: str | None
    about: tuple[str, ...] = ()


def all_strategies() -> tuple[str, ...]:
    """Return every strategy that the bandit chooses among, in an order that is always the same."""
    return (*strategies(), *MOVES)


def options(
    run: Run, round_number: int, parents: Sequence[str | None], asked: Sequence[Ask]
) -> list[Option]:
    """Return what can be asked in a round: every kind of change, and the moves that have a cause.

    Args:
        run: The run.
        round_number: The round, from 1; only what came before it counts.
        parents: The versions to change, best first; one may be there several times.
        asked: What was asked in earlier rounds.
    """
    found: list[Option] = []
    done = Counter((ask.strategy, each) for ask in asked for each in ask.about)
    entries = [each for each in ledger.entries(run) if each.candidate.round < round_number]
    for parent in dict.fromkeys(parents):
        found += [Option(strategy=name, parent=parent) for name in strategies()]
        for strategy, entry in _moves(run, parent, entries):
            name = entry.candidate.candidate_id
            if done[strategy, name] < MOST_ABOUT:
                found.append(Option(strategy=strategy, parent=parent, about=(name,)))
    return found


def _moves(run: Run, parent: str | None, entries: Sequence[Entry]) -> Iterator[tuple[str, Entry]]:
    """Yield the moves that earlier candidates call for, the newest candidate first."""
    stack = lineage(run, parent)
    inside = {each.candidate_id for each in stack}
    hunks = {hunk_key(hunk) for hunk in stack[-1].patch.hunks()} if stack else set[str]()
    for entry in reversed(entries):
        candidate, verdict = entry.candidate, entry.verdict
        if candidate.patch.is_empty or not _was_reasoned_out(entry):
            continue
        if verdict.outcome == "accepted":
            if candidate.candidate_id in inside:
                yield "refine", entry
            elif not {hunk_key(hunk) for hunk in candidate.patch.hunks()} <= hunks:
                yield "combine", entry
        elif verdict.outcome == "infrastructure" or verdict.stage in _NO_CHANGE:
            continue
        elif verdict.stage in SPEED_STAGES:
            yield "another", entry
        elif verdict.outcome == "rejected":
            yield "repair", entry


def _was_reasoned_out(entry: Entry) -> bool:
    """Return whether a model or a person made the change, and not a rule or the search itself."""
    return entry.candidate.origin.startswith(("llm/", "command", "predictions/"))


def task_text(run: Run, ask: Ask) -> str:
    """Return what a model is asked, as the last part of its first prompt."""
    if ask.strategy in strategies():
        text = strategy_prompt(ask.strategy)
        if not ask.plan:
            return text
        return load_prompt("task-carry-out").render(strategy=text, plan=ask.plan)
    entry = _entry(run, ask.about[0])
    values = {"diff": _diff(run, entry), "reason": _measured(entry)}
    if ask.strategy == "repair":
        verdict = entry.verdict
        shown = list(verdict.evidence)[-_MOST_EVIDENCE_LINES:] or [verdict.reason]
        return load_prompt("task-repair").render(
            stage=verdict.stage,
            reason=" ".join(verdict.reason.split()),
            diff=values["diff"],
            evidence=fenced("\n".join(shown), "text"),
        )
    if ask.strategy == "another":
        reach = reach_of(run, entry.candidate.candidate_id)
        told = reach.text() if reach else "Whether its lines were reached is not known."
        return load_prompt("task-another").render(**values, reached=told)
    return load_prompt(f"task-{ask.strategy}").render(**values)


def simplify_text(run: Run, candidate_id: str) -> str:
    """Return what a model is asked in the last round: the same speed by a smaller change."""
    diff = load_candidate(run, candidate_id).patch.diff
    return load_prompt("task-simplify").render(
        speedup=f"{math.exp(elite_of(run, candidate_id).log_gain):.2f} times", diff=_fenced(diff)
    )


def _entry(run: Run, candidate_id: str) -> Entry:
    return next(each for each in ledger.entries(run) if each.candidate.candidate_id == candidate_id)


def _measured(entry: Entry) -> str:
    reason = " ".join(entry.verdict.reason.split())
    interval = ledger.measured(entry.verdict)
    return (
        reason
        if interval is None or entry.verdict.outcome == "accepted"
        else (f"{reason}; {interval}")
    )


def _diff(run: Run, entry: Entry) -> str:
    """Return a candidate's own change, without that of the version it was made on."""
    candidate = entry.candidate
    patch = candidate.patch
    if candidate.parent_id is not None:
        known = {hunk_key(hunk) for hunk in load_candidate(run, candidate.parent_id).patch.hunks()}
        own = [hunk.diff for hunk in patch.hunks() if hunk_key(hunk) not in known]
        return _fenced("\n".join(own) or patch.diff)
    return _fenced(patch.diff)


def _fenced(diff: str) -> str:
    lines = [line for line in diff.splitlines() if not line.startswith(("index ", "diff --git"))]
    if len(lines) > _MOST_DIFF_LINES:
        left = len(lines) - _MOST_DIFF_LINES
        lines = [*lines[:_MOST_DIFF_LINES], f"... ({left} more lines are left out)"]
    return fenced("\n".join(lines), "diff")
