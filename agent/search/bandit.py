"""The bandit over strategies: spends a run's budget where this run has gained.

Thompson sampling (Thompson, Biometrika 25, 1933; Russo et al., "A Tutorial on Thompson Sampling",
2018) on the gain for what a trial costs. A trial's gain is the lower confidence bound of its log
speedup, so a lucky measurement pays nothing. Older rounds count for less, as what was to be gained
there is gone (discounting as in Raj and Kalyani, "Taming Non-stationary Bandits", 2017).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

DISCOUNT = 0.7
"""What a trial of the round before weighs against one of this round."""
PRIOR_WEIGHT = 2.0
"""How many trials what is known beforehand counts as."""
PRIOR_CHANCE = 0.25
PRIOR_GAIN = 0.18
"""Log speedup, 1.2x: what a success is taken to gain before any is seen."""
PRIOR_COST = 2.0
REPEATED = 0.5
"""What a further trial of the same strategy in one round is worth against the one before."""
_TOKENS_A_UNIT = 10_000


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One ask that was answered, and what came of it.

    Attributes:
        strategy: Which.
        round: The round, from 1.
        gain: Lower bound of the log speedup over its parent, 0 when it was not accepted.
        cost: What it cost, above 0 (`cost_of`).
    """

    strategy: str
    round: int
    gain: float
    cost: float


@dataclass(frozen=True, kw_only=True)
class Arm:
    """What is known of a strategy when a round begins, older rounds discounted.

    Attributes:
        strategy: Which.
        tried: Trials.
        gained: Those of them that were accepted.
        gain: The sum of their gains.
        cost: The sum of what all trials cost.
        draw: What was drawn for it in this round: gain for a unit of cost.
    """

    strategy: str
    tried: float
    gained: float
    gain: float
    cost: float
    draw: float


def cost_of(tokens: int) -> float:
    """Return what a trial costs: one for the machine that judges it, one for 10,000 tokens.

    Seconds and dollars are left out on purpose: the same replies must lead to the same choices.

    Args:
        tokens: What its conversation used, at least 0.
    """
    return 1.0 + tokens / _TOKENS_A_UNIT


def gain_of(outcome: str, ci_low: float | None) -> float:
    """Return the gain of a trial: the lower bound of its log speedup, 0 unless it was accepted."""
    return math.log(ci_low) if outcome == "accepted" and ci_low is not None and ci_low > 1 else 0.0


def arms(
    strategies: Sequence[str],
    trials: Sequence[Trial],
    *,
    round_number: int,
    rng: Random,
    chances: Mapping[str, float],
) -> list[Arm]:
    """Return what is known of each strategy and draw its worth in this round.

    Args:
        strategies: Which, each once.
        trials: Those of earlier rounds.
        round_number: The round that begins.
        rng: Drawn from once a strategy, in their order.
        chances: What chance of success a strategy has before any trial, 0 to 1 exclusive; others
            have `PRIOR_CHANCE`.
    """
    return [
        _arm(
            strategy,
            [each for each in trials if each.strategy == strategy],
            round_number,
            rng,
            chances.get(strategy, PRIOR_CHANCE),
        )
        for strategy in strategies
    ]


def _arm(
    strategy: str, trials: Sequence[Trial], round_number: int, rng: Random, chance: float
) -> Arm:
    tried = gained = gain = cost = 0.0
    for trial in trials:
        weight = DISCOUNT ** (round_number - 1 - trial.round)
        tried += weight
        cost += weight * trial.cost
        if trial.gain > 0:
            gained += weight
            gain += weight * trial.gain
    succeeds = rng.betavariate(
        PRIOR_WEIGHT * chance + gained, PRIOR_WEIGHT * (1 - chance) + tried - gained
    )
    usual_gain = (PRIOR_WEIGHT * PRIOR_GAIN + gain) / (PRIOR_WEIGHT + gained)
    usual_cost = (PRIOR_WEIGHT * PRIOR_COST + cost) / (PRIOR_WEIGHT + tried)
    return Arm(
        strategy=strategy,
        tried=tried,
        gained=gained,
        gain=gain,
        cost=cost,
        draw=succeeds * usual_gain / usual_cost,
    )


def picked(
    known: Sequence[Arm], options: Sequence[str], slots: Sequence[Collection[int]]
) -> list[int]:
    """Return which option each slot gets, as places in the list; none is given twice.

    Args:
        known: The strategies as drawn for this round.
        options: The strategy of each option; each further time that one is given it is worth
            half of the time before.
        slots: For each slot the places that it may get; one with none left stays empty.
    """
    draws = {arm.strategy: arm.draw for arm in known}
    taken: Counter[str] = Counter()
    chosen: list[int] = []
    for allowed in slots:
        left = [place for place in sorted(allowed) if place not in chosen]
        if not left:
            continue
        best = max(
            left, key=lambda place: draws[options[place]] * REPEATED ** taken[options[place]]
        )
        taken[options[best]] += 1
        chosen.append(best)
    return chosen
