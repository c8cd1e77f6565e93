"""The step `propose`: ask one proposer, and keep what it said before anything is done with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from ...redaction import holds_secret
from ...repos.commands.process import Limits
from ...settings import PREDICTIONS
from ...tools.investigate.toolbox import Toolbox
from ..chat.ensemble import Role, model_for
from ..memory.experience import weigher
from ..proposers.briefing import command_prompt
from ..proposers.command import propose_with_command
from ..proposers.llm import propose as propose_with_model
from ..proposers.predictions import propose_predictions
from ..proposers.proposal import Proposal
from ..proposers.rewrites import propose_with_rewrites
from ..runs.run import Run
from ..search.ask import Ask
from ..search.context import View, context_of, target_facts, tried, view_of
from ..search.strategies import task_text
from ..workbench import open_toolbox
from .sums import propose_sums
from .tip import tip_scratch, tip_tree


def propose(
    run: Run,
    round_number: int,
    tip: str | None,
    ask: Ask,
    *,
    budget: Sequence[str] = (),
    last_attempt: bool,
) -> None:
    """Ask one proposer and keep what it says.

    Args:
        run: The run.
        round_number: The round, from 1.
        tip: The best version.
        ask: What is asked of whom.
        budget: What is told of the budget, as it was when the round began.
        last_attempt: Whether a provider's passing failure is now an answer like any other.

    Raises:
        TransientModelError: The provider failed in a way that a retry may mend.
    """
    name = ask.file(round_number)
    if run.directory.has(name):
        return
    made = _proposals(run, round_number, tip, ask, budget, last_attempt)
    run.keep(name, [_without_secret(proposal).to_json() for proposal in made])


def _without_secret(proposal: Proposal) -> Proposal:
    """Refuse a change that shows what only this machine may know, for it would be kept."""
    texts = [*proposal.sources.values(), proposal.patch.diff if proposal.patch else ""]
    if not any(map(holds_secret, texts)):
        return proposal
    problem = "the change holds a secret of this machine's environment, such as a key"
    return replace(proposal, sources={}, patch=None, problem=problem)


def _proposals(
    run: Run,
    round_number: int,
    tip: str | None,
    ask: Ask,
    budget: Sequence[str],
    last_attempt: bool,
) -> list[Proposal]:
    if ask.proposer == "pairs":
        return propose_sums(run, round_number, tip)
    if ask.proposer.startswith(PREDICTIONS):
        return propose_predictions(ask.proposer, run.request.repo.commit)
    view = view_of(run, round_number, ask.parent, tip)
    if not view.hotspots:
        return []
    if ask.proposer == "rewrites":
        # A promise is a guess, so half of what would be accepted is still worth a trial.
        return propose_with_rewrites(
            tip_tree(run, ask.parent),
            view.hotspots,
            view.facts,
            least_gain_share=run.settings.min_effect / 2,
            weigh=weigher(run),
        )
    if ask.proposer == "llm":
        return _ask_model(run, round_number, view, ask, budget, last_attempt)
    return [_ask_command(run, round_number, view, budget)]


def _ask_model(
    run: Run,
    round_number: int,
    view: View,
    ask: Ask,
    budget: Sequence[str],
    last_attempt: bool,
) -> list[Proposal]:
    context = context_of(
        run,
        round_number,
        view,
        strategy=ask.strategy,
        task=task_text(run, ask),
        budget=budget,
    )
    context = replace(context, open_toolbox=lambda: _toolbox(run, round_number, view, ask))
    role: Role = "repair" if ask.strategy == "repair" else "code"
    with run.stopwatch.waiting_for("model"):
        return propose_with_model(
            model=model_for(run, role, str(round_number), ask.label),
            journal=run.journal,
            hotspots=view.hotspots,
            context=context,
            raise_transient=not last_attempt,
        )


def _toolbox(run: Run, round_number: int, view: View, ask: Ask) -> Toolbox:
    return open_toolbox(
        run,
        view.parent,
        f"{round_number:02d}-{ask.label}",
        profile=view.profile,
        call_facts=view.facts,
    )


def _ask_command(run: Run, round_number: int, view: View, budget: Sequence[str]) -> Proposal:
    prompt = command_prompt(
        view.hotspots,
        tree=tip_tree(run, view.parent),
        workload_text=run.request.workload.text,
        tried=tried(run, round_number),
        facts=target_facts(run),
        call_facts=view.facts,
        call_tree=view.call_tree,
        standing=[*view.standing, *budget],
    )
    with run.stopwatch.waiting_for("agent"):
        return propose_with_command(
            run.settings.command or "",
            tree=tip_scratch(run, view.parent, name="agent"),
            prompt=prompt,
            workload_text=run.request.workload.text,
            limits=Limits(wall_s=run.settings.command_timeout_s),
            environ=os.environ,
            run_repository=run.repository,
            base_commit=run.request.repo.commit,
            pass_env=run.settings.pass_env,
        )
