"""What a proposer is told of a version: its hotspots, their calls, and where the run stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot
from ...profiles.profile import Profile
from ...profiles.views.call_tree import hot_path
from ..memory import ledger
from ..proposers.llm import ProposalContext
from ..runs.run import Run
from ..steps.localize import find_facts, find_hotspots, take_profile
from ..steps.tip import tip_tree
from .reach import reach_lines
from .standing import gained, left_to_gain


@dataclass(frozen=True, kw_only=True)
class View:
    """A version as proposers see it in a round.

    Attributes:
        parent: The version: a candidate's id, or None for the base.
        profile: Where its time goes.
        hotspots: Those worth a candidate, best first.
        facts: Of their calls.
        call_tree: Lines of the hot path.
        standing: What was gained on the way to it, and what is left to gain.
    """

    parent: str | None
    profile: Profile
    hotspots: tuple[Hotspot, ...]
    facts: tuple[CallFacts, ...]
    call_tree: tuple[str, ...]
    standing: tuple[str, ...]


def view_of(run: Run, round_number: int, parent: str | None, tip: str | None) -> View:
    """Profile a version, look into its calls, and return what there is to tell; once a round.

    Args:
        run: The run.
        round_number: The round, from 1.
        parent: The version.
        tip: The round's tip, whose profile the step `profile` has taken.
    """
    name = f"round-{round_number:02d}"
    if parent != tip:
        name = f"{name}-{parent or 'base'}"
    tree = tip_tree(run, parent)
    profile = take_profile(run, name, tree)
    found = find_hotspots(run, name, profile, tree)
    hotspots = tuple(hotspot for hotspot in found if hotspot.worthwhile)
    facts = find_facts(run, name, hotspots, tree)
    return View(
        parent=parent,
        profile=profile,
        hotspots=hotspots,
        facts=facts,
        call_tree=tuple(hot_path(profile)),
        standing=(*gained(run, parent), *left_to_gain(run, parent, hotspots, facts)),
    )


def context_of(
    run: Run,
    round_number: int,
    view: View,
    *,
    strategy: str,
    task: str,
    budget: Sequence[str],
    attempt: str = "",
) -> ProposalContext:
    """Return what a model is told of a version, with its task.

    Args:
        run: The run.
        round_number: The round, from 1.
        view: The version.
        strategy: Names the task in the proposal's origin.
        task: What is asked.
        budget: What is left to spend, as it was when the round began: the same after a resume, so
            that no call is paid for twice.
        attempt: Tells conversations of the round apart that begin alike.
    """
    return ProposalContext(
        workload_text=run.request.workload.text,
        tree=tip_tree(run, view.parent),
        tried=tried(run, round_number),
        strategy=strategy,
        task=task,
        max_prompt_tokens=run.settings.max_prompt_tokens,
        max_output_tokens=run.settings.max_output_tokens,
        max_turns=run.settings.max_turns,
        max_context_tokens=run.settings.max_context_tokens,
        max_conversation_tokens=run.settings.max_conversation_tokens,
        left=run.left,
        budget_check=run.allows_call,
        facts=target_facts(run),
        call_facts=view.facts,
        call_tree=view.call_tree,
        standing=[*view.standing, *budget],
        attempt=" ".join(part for part in (f"round {round_number}", attempt) if part),
    )


def tried(run: Run, round_number: int) -> list[str]:
    """Return the ledger as proposers of a round see it; what the round itself tried is not in it.

    After a kill a round's candidates may be there already, and its prompts must be the same.
    """
    found = [entry for entry in ledger.entries(run) if entry.candidate.round < round_number]
    return [
        "\n".join([ledger.sentence(entry), *reach_lines(run, entry), *ledger.evidence(entry)])
        for entry in found
    ]


def target_facts(run: Run) -> list[str]:
    """Return what else a proposer should know; the same after a resume, for paid calls' sake."""
    environment = run.prepared.environment
    packages = ", ".join(environment.packages) or "none that can be imported"
    return [f"The target runs on Python {environment.version}; its own packages: {packages}."]
