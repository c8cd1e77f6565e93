"""Where the run stands, in sentences for whoever proposes next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot
from ..runs.budget import Budget, Spend
from ..runs.run import Run
from ..steps.tip import lineage
from .ask import collected_file
from .elites import elite_of

EXPERT_MEDIAN = 2.8
EXPERT_UPPER_QUARTER = 12.7
"""Speedups of the expert commits of SWE-fficiency's 498 instances, by the report that its
repository ships of its own reference run: median and upper quartile. The lower one is 1.6."""
EXPERT_LOWER_QUARTER = 1.6
_FAST_GROWTH = 1.3
_LEAST_SHARE = 0.005


def gained(run: Run, parent: str | None) -> list[str]:
    """Return what was gained so far on the way to a version."""
    stack = lineage(run, parent)
    if not stack:
        return ["Nothing has been accepted yet: the code below is the original."]
    elite = elite_of(run, parent)
    lines = [
        f"The code below is {math.exp(elite.log_gain):.2f} times as fast as the original "
        f"(at least {math.exp(elite.low):.2f}). Accepted so far, oldest first:"
    ]
    for step in stack:
        lines.append(f"`{step.candidate_id}` {step.hypothesis}")
    return lines


def left_to_gain(
    run: Run, parent: str | None, hotspots: Sequence[Hotspot], facts: Sequence[CallFacts]
) -> list[str]:
    """Return what a further change could gain, by the profile of the version as it is now.

    Args:
        run: The run.
        parent: The version.
        hotspots: Of its profile.
        facts: Of their calls.
    """
    own = min(sum(spot.own_share for spot in hotspots), 1.0)
    lines = []
    if own >= _LEAST_SHARE:
        bound = f"{1 / (1 - own):.1f} times" if own < 1 - _LEAST_SHARE else "without bound"
        lines.append(
            f"The functions below take {own:.0%} of the time in their own code and what they call "
            f"outside the repository: all of it gone would make the workload faster {bound}."
        )
    for each in facts:
        if each.growth is not None and each.growth.ci_low > _FAST_GROWTH:
            lines.append(
                f"The time of `{each.function}` grows as the size of {each.growth.parameter} to "
                f"the power of {each.growth.exponent:.1f}: another algorithm may gain far more "
                "than its share here suggests, the more the larger the input."
            )
    return [*lines, _expert_sized(elite_of(run, parent).log_gain)]


def _expert_sized(log_gain: float) -> str:
    now = math.exp(log_gain)
    text = (
        f"For comparison: expert commits made such workloads {EXPERT_MEDIAN} times as fast in the "
        f"median, a quarter of them less than {EXPERT_LOWER_QUARTER}, a quarter more than "
        f"{EXPERT_UPPER_QUARTER} (498 commits of SWE-fficiency, other repositories than this one)."
    )
    if now < EXPERT_LOWER_QUARTER:
        return f"{text} This run is below most of them, so look for the larger change first."
    return text if now < EXPERT_MEDIAN else f"{text} This run has reached their middle."


def budget_lines(run: Run, round_number: int) -> list[str]:
    """Return what is left to spend when a round begins, and what of the round before was a repeat.

    It is written down before it is used: seconds pass, and a prompt that says other ones after a
    kill would be another call, paid for again.
    """
    file = f"search/{round_number:02d}-budget.json"
    if run.directory.has(file):
        return list(run.directory.read_json(file))
    lines = told_budget(run.budget, run.spend(round_number - 1), run.stopwatch.seconds())
    name = collected_file(round_number - 1)
    answers = run.directory.read_json(name) if run.directory.has(name) else {}
    repeats = [each for answer in answers.values() for each in answer["repeats"]]
    if repeats:
        named = ", ".join(f"`{each}`" for each in dict.fromkeys(repeats))
        were = "proposal was, by its syntax tree," if len(repeats) == 1 else "proposals were"
        lines.append(f"{len(repeats)} {were} the same as {named} and not tried again.")
    run.keep(file, lines)
    return lines


def told_budget(budget: Budget, spend: Spend, seconds: dict[str, float]) -> list[str]:
    """Say what was used of each limit.

    Args:
        budget: The limits.
        spend: Used when the round begins; its rounds are those that are over.
        seconds: What the time went to, by purpose, as `Stopwatch.seconds` has it.
    """
    dollars = "an unknown sum" if spend.usd is None else f"${spend.usd:.2f}"
    machine = sum(seconds.get(purpose, 0.0) for purpose in ("workload", "tests", "environment"))
    parts = [
        f"this is round {spend.rounds + 1} of {budget.max_rounds}",
        f"{spend.tokens:,} tokens{_of(budget.max_tokens, '{:,}')} are used",
        f"{dollars}{_of(budget.max_usd, '${:.2f}')} is spent",
        f"{spend.wall_s:.0f} s{_of(budget.max_wall_s, '{:.0f} s')} have passed, {machine:.0f} s "
        "of it in tests and timings",
    ]
    return [f"Budget: {'; '.join(parts)}."]


def _of(limit: float | None, form: str) -> str:
    return " (no limit)" if limit is None else f" of {form.format(limit)}"
