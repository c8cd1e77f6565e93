"""The step `propose`: ask one proposer, and keep what it said before anything is done with it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..profiles.facts import CallFacts
from ..profiles.hotspot import Hotspot
from ..repos.process import Limits
from . import ledger
from .chat import chat_model
from .experience import weigher
from .localize import find_facts, find_hotspots, take_profile
from .prompts import strategies
from .proposers.briefing import command_prompt
from .proposers.command import propose_with_command
from .proposers.llm import ProposalContext
from .proposers.llm import propose as propose_with_model
from .proposers.proposal import Proposal
from .proposers.rewrites import propose_with_rewrites
from .run import Run
from .sums import propose_sums, untried_sums
from .tip import tip_scratch, tip_tree


def asks(
    run: Run, round_number: int, tip: str | None, *, only_sums: bool = False
) -> list[dict[str, str]]:
    """Return what to ask in a round: one entry a proposer, for the model one a strategy.

    Args:
        run: The run.
        round_number: The round, from 1.
        tip: The version to improve.
        only_sums: Whether the proposers have nothing more to say, so that only near misses of
            earlier rounds are left to be tried together.
    """
    found: list[dict[str, str]] = []
    for proposer in () if only_sums else run.settings.proposers():
        if proposer == "llm":
            found += [{"proposer": "llm", "strategy": name} for name in strategies()]
        else:
            found.append({"proposer": proposer, "strategy": ""})
    if untried_sums(run, round_number, tip):
        found.append({"proposer": "pairs", "strategy": ""})
    return found


def propose(
    run: Run, round_number: int, tip: str | None, ask: dict[str, str], *, last_attempt: bool
) -> None:
    """Ask one proposer about the round's hotspots and keep what it says.

    Args:
        run: The run.
        round_number: The round, from 1.
        tip: The version to improve.
        ask: Which proposer, and for a model which strategy.
        last_attempt: Whether a provider's passing failure is now an answer like any other.

    Raises:
        TransientModelError: The provider failed in a way that a retry may mend.
    """
    name = proposals_file(round_number, ask)
    if run.directory.has(name):
        return
    if ask["proposer"] == "pairs":
        sums = propose_sums(run, round_number, tip)
        run.keep(name, [proposal.to_json() for proposal in sums])
        return
    hotspots = worthwhile_hotspots(run, round_number, tip)
    facts = find_facts(run, _name(round_number), hotspots, tip_tree(run, tip))
    made: list[Proposal] = []
    if hotspots and ask["proposer"] == "rewrites":
        # A promise is a guess, so half of what would be accepted is still worth a trial.
        made = propose_with_rewrites(
            tip_tree(run, tip),
            hotspots,
            facts,
            least_gain_share=run.settings.min_effect / 2,
            weigh=weigher(run),
        )
    elif hotspots and ask["proposer"] == "llm":
        context = _context(run, round_number, tip, facts, ask["strategy"])
        made = _ask_model(run, hotspots, context, last_attempt)
    elif hotspots:
        made = [_ask_command(run, tip, hotspots, facts)]
    run.keep(name, [proposal.to_json() for proposal in made])


def proposals_file(round_number: int, ask: dict[str, str]) -> str:
    """Return the name of the file that holds a proposer's answer."""
    label = "-".join(part for part in (ask["proposer"], ask["strategy"]) if part)
    return f"proposals/{round_number:02d}/{label}.json"


def worthwhile_hotspots(run: Run, round_number: int, tip: str | None) -> list[Hotspot]:
    """Return the round's hotspots that are worth a candidate, best first."""
    tree = tip_tree(run, tip)
    name = _name(round_number)
    found = find_hotspots(run, name, take_profile(run, name, tree), tree)
    return [hotspot for hotspot in found if hotspot.worthwhile]


def _name(round_number: int) -> str:
    return f"round-{round_number:02d}"


def _context(
    run: Run, round_number: int, tip: str | None, facts: Sequence[CallFacts], strategy: str
) -> ProposalContext:
    return ProposalContext(
        workload_text=run.request.workload.text,
        tree=tip_tree(run, tip),
        tried=ledger.lines(run),
        strategy=strategy,
        max_prompt_tokens=run.settings.max_prompt_tokens,
        max_output_tokens=run.settings.max_output_tokens,
        budget_check=run.allows_call,
        facts=_facts(run),
        call_facts=facts,
        attempt=f"round {round_number}",
    )


def _ask_model(
    run: Run, hotspots: list[Hotspot], context: ProposalContext, last_attempt: bool
) -> list[Proposal]:
    with run.stopwatch.waiting_for("model"):
        return propose_with_model(
            model=chat_model(run.settings),
            journal=run.journal,
            hotspots=hotspots,
            context=context,
            raise_transient=not last_attempt,
        )


def _facts(run: Run) -> list[str]:
    """Return what else a proposer should know; the same after a resume, for paid calls' sake."""
    environment = run.prepared.environment
    packages = ", ".join(environment.packages) or "none that can be imported"
    return [f"The target runs on Python {environment.version}; its own packages: {packages}."]


def _ask_command(
    run: Run, tip: str | None, hotspots: list[Hotspot], facts: Sequence[CallFacts]
) -> Proposal:
    prompt = command_prompt(
        hotspots,
        tree=tip_tree(run, tip),
        workload_text=run.request.workload.text,
        tried=ledger.lines(run),
        facts=_facts(run),
        call_facts=facts,
    )
    with run.stopwatch.waiting_for("agent"):
        return propose_with_command(
            run.settings.command or "",
            tree=tip_scratch(run, tip, name="agent"),
            prompt=prompt,
            workload_text=run.request.workload.text,
            limits=Limits(wall_s=run.settings.command_timeout_s),
            environ=os.environ,
            run_repository=run.repository,
            base_commit=run.request.repo.commit,
            pass_env=run.settings.pass_env,
        )
