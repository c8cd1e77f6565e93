"""The step `plan`: what is asked of whom in a round, and of which versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from ...settings import PREDICTIONS
from ..chat.ensemble import model_for
from ..chat.prompts import strategies
from ..memory import ledger
from ..runs.budget import Spend
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..steps.sums import untried_sums
from . import bandit, plans
from .ask import Ask, collected_file
from .bandit import Arm, Trial
from .context import View, context_of, view_of
from .elites import Elite, archive, elites
from .policies import POLICIES
from .standing import budget_lines
from .strategies import EARLIER_CHANCES, Option, all_strategies, options


@dataclass(frozen=True, kw_only=True)
class RoundPlan:
    """What a round asks, and all that it was decided from.

    Attributes:
        round: The round, from 1.
        policy: Which policy chose the parents.
        asks: In the order in which their answers become candidates.
        arms: The strategies as the bandit saw them; () where no model takes part.
        elites: The archive: the best version of each cell.
        budget: What was told of the budget.
        spend: What the plans in words cost.
        problem: Why there are no plans in words, None when there are or none were asked for.
    """

    round: int
    policy: str
    asks: tuple[Ask, ...]
    arms: tuple[Arm, ...] = ()
    elites: dict[str, Elite] = field(default_factory=dict)
    budget: tuple[str, ...] = ()
    spend: Spend = field(default_factory=Spend)
    problem: str | None = None


def plan_round(
    run: Run, round_number: int, tip: str | None, *, only_sums: bool = False, last_attempt: bool
) -> RoundPlan:
    """Decide what a round asks, once; later calls read it back.

    Args:
        run: The run.
        round_number: The round, from 1.
        tip: The best version.
        only_sums: Whether the proposers have nothing more to say, so that only near misses of
            earlier rounds are left to be tried together.
        last_attempt: Whether a provider's passing failure is now a reason to go on without plans.

    Raises:
        TransientModelError: The provider failed in a way that a retry may mend.
    """
    if (known := read_round(run, round_number)) is not None:
        return known
    made = RoundPlan(
        round=round_number,
        policy=run.settings.search,
        asks=(),
        elites=archive(elites(run)),
        budget=tuple(budget_lines(run, round_number)),
    )
    asks: list[Ask] = []
    if not only_sums:
        chosen = run.settings.proposers()
        if "llm" in chosen:
            made = _with_model_asks(run, made, tip, last_attempt)
        asks = [_plain_ask(name, number, tip) for number, name in enumerate(chosen)]
        if round_number > 1:
            asks = [ask for ask in asks if not ask.proposer.startswith(PREDICTIONS)]
    if untried_sums(run, round_number, tip):
        asks.append(Ask(proposer="pairs", label="pairs", parent=tip))
    own = [ask for ask in asks if ask.proposer != "llm"]
    together = sorted([*made.asks, *own], key=lambda ask: ask.label)
    made = replace(made, asks=tuple(together))
    run.keep(_file(round_number), to_plain(made))
    return made


def read_round(run: Run, round_number: int) -> RoundPlan | None:
    """Return what a round asks, None when it was not planned yet."""
    name = _file(round_number)
    return from_plain(RoundPlan, run.directory.read_json(name)) if run.directory.has(name) else None


def earlier_rounds(run: Run, round_number: int) -> list[RoundPlan]:
    """Return the rounds before one, oldest first."""
    found = (read_round(run, number) for number in range(1, round_number))
    return [each for each in found if each is not None]


def trials(run: Run, round_number: int) -> list[Trial]:
    """Return what came of each ask to a model in the rounds before one.

    The best of an ask's candidates counts. What repeats an earlier candidate gains nothing.
    """
    verdicts = {entry.candidate.candidate_id: entry.verdict for entry in ledger.entries(run)}
    found: list[Trial] = []
    for earlier in earlier_rounds(run, round_number):
        name = collected_file(earlier.round)
        answers = run.directory.read_json(name) if run.directory.has(name) else {}
        for ask in earlier.asks:
            answer = answers.get(ask.label)
            if ask.proposer != "llm" or answer is None:
                continue
            judged = [verdicts[each] for each in answer["candidates"] if each in verdicts]
            gains = [bandit.gain_of(verdict.outcome, verdict.ci_low) for verdict in judged]
            found.append(
                Trial(
                    strategy=ask.strategy,
                    round=earlier.round,
                    gain=max(gains, default=0.0),
                    cost=bandit.cost_of(answer["tokens"]),
                )
            )
    return found


def summary(run: Run) -> dict[str, Any] | None:
    """Return the search as plain JSON for the run's record; None when no round was planned."""
    rounds = earlier_rounds(run, run.directory.count("queue") + 1)
    if not rounds:
        return None
    return {
        "policy": run.settings.search,
        "seed": run.settings.seed,
        "rounds": [_round_summary(run, each) for each in rounds],
        "elites": {cell: to_plain(elite) for cell, elite in archive(elites(run)).items()},
    }


def _round_summary(run: Run, planned: RoundPlan) -> dict[str, Any]:
    name = collected_file(planned.round)
    answers = run.directory.read_json(name) if run.directory.has(name) else {}
    unanswered = {"candidates": [], "repeats": [], "tokens": 0}
    return {
        "round": planned.round,
        "asks": [to_plain(ask) | answers.get(ask.label, unanswered) for ask in planned.asks],
        "arms": [to_plain(arm) for arm in planned.arms],
        "problem": planned.problem,
    }


def _file(round_number: int) -> str:
    return f"search/{round_number:02d}.json"


def _plain_ask(proposer: str, number: int, tip: str | None) -> Ask:
    if proposer.startswith(PREDICTIONS):
        return Ask(proposer=proposer, label=f"predictions-{number}")
    return Ask(proposer=proposer, label=proposer, parent=tip)


def _with_model_asks(run: Run, made: RoundPlan, tip: str | None, last_attempt: bool) -> RoundPlan:
    """Return the round's plan with what is asked of a model."""
    number, width = made.round, run.settings.width
    rng = Random(run.seed_for("search", str(number)))  # noqa: S311 - a choice, not a secret
    policy = POLICIES[made.policy]
    parents = [each.candidate_id for each in policy(elites(run), width, rng)]
    earlier = [ask for each in earlier_rounds(run, number) for ask in each.asks]
    open_to = options(run, number, parents, earlier)
    arms = bandit.arms(
        all_strategies(),
        trials(run, number),
        round_number=number,
        rng=rng,
        chances=EARLIER_CHANCES,
    )
    slots = [[i for i, each in enumerate(open_to) if each.parent == parent] for parent in parents]
    places = bandit.picked(arms, [each.strategy for each in open_to], slots)
    chosen = [open_to[place] for place in places]
    views = {each.parent: view_of(run, number, each.parent, tip) for each in chosen}
    chosen = [each for each in chosen if views[each.parent].hotspots]
    found, spend, problem = _plans(run, made, chosen, views, last_attempt)
    asks = [
        Ask(
            proposer="llm",
            label=f"llm-{place}-{each.strategy}",
            strategy=each.strategy,
            parent=each.parent,
            about=each.about,
            plan=found.get((each.parent, each.strategy), ""),
        )
        for place, each in enumerate(chosen, 1)
    ]
    return replace(made, asks=tuple(asks), arms=tuple(arms), spend=spend, problem=problem)


def _plans(
    run: Run,
    made: RoundPlan,
    chosen: Sequence[Option],
    views: dict[str | None, View],
    last_attempt: bool,
) -> tuple[dict[tuple[str | None, str], str], Spend, str | None]:
    """Ask for plans in words, once for each version that new changes are wanted of."""
    found: dict[tuple[str | None, str], str] = {}
    spend, problem = Spend(), None
    drafts = [each for each in chosen if each.strategy in strategies()]
    for parent in dict.fromkeys(each.parent for each in drafts):
        context = context_of(
            run,
            made.round,
            views[parent],
            strategy=plans.STRATEGY,
            task=plans.task(len(strategies())),
            budget=made.budget,
            attempt=plans.STRATEGY,
        )
        run.stage("plan", f"round {made.round}: asking for plans in words")
        with run.stopwatch.waiting_for("model"):
            written, used, why = plans.ask_for_plans(
                model_for(run, "plan", str(made.round), str(parent)),
                run.journal,
                views[parent].hotspots,
                context,
                raise_transient=not last_attempt,
            )
        found |= {(parent, kind): text for kind, text in written.items()}
        spend += used
        problem = why or problem
    if problem is not None:
        run.note(f"no plans in words: {problem}")
    return found, spend, problem
