"""The bandit by simulation: it finds the strategy that pays, and is the same for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from random import Random

import pytest

from perfagent.agent.search import bandit
from perfagent.agent.search.bandit import Trial
from perfagent.agent.search.strategies import EARLIER_CHANCES, all_strategies

STRATEGIES = ("algorithm", "avoid", "batch", "cache", "lower")
WIDTH = 3


def run_of(
    seed: int,
    *,
    rounds: int,
    chance: dict[str, float],
    gain: float = 0.2,
    tokens: dict[str, int] | None = None,
) -> list[list[str]]:
    """Return what the bandit chose in each round of a run in which strategies pay by chance."""
    luck = Random(1000 + seed)
    trials: list[Trial] = []
    chosen: list[list[str]] = []
    for number in range(1, rounds + 1):
        known = bandit.arms(
            STRATEGIES, trials, round_number=number, rng=Random(f"{seed} {number}"), chances={}
        )
        options = list(STRATEGIES)
        places = bandit.picked(known, options, [range(len(options))] * WIDTH)
        chosen.append([options[place] for place in places])
        trials += [
            Trial(
                strategy=name,
                round=number,
                gain=gain if luck.random() < chance.get(name, 0.0) else 0.0,
                cost=bandit.cost_of((tokens or {}).get(name, 10_000)),
            )
            for name in chosen[-1]
        ]
    return chosen


def shares(runs: list[list[list[str]]], *, last: int) -> dict[str, float]:
    """Return how often each strategy was the first choice in the last rounds."""
    first = Counter(round_[0] for run in runs for round_ in run[-last:])
    return {name: first[name] / sum(first.values()) for name in STRATEGIES}


def test_the_strategy_that_pays_gets_the_budget():
    runs = [run_of(seed, rounds=12, chance={"cache": 0.7}) for seed in range(60)]
    found = shares(runs, last=4)
    assert found["cache"] > 0.7
    assert shares(runs, last=12)["cache"] < found["cache"], "it is found out, not known before"


def test_of_two_that_pay_alike_the_cheaper_one_is_taken():
    chance = {"cache": 0.7, "algorithm": 0.7}
    tokens = {"algorithm": 80_000}
    runs = [run_of(seed, rounds=12, chance=chance, tokens=tokens) for seed in range(60)]
    found = shares(runs, last=4)
    assert found["cache"] > 2 * found["algorithm"]


def test_a_strategy_whose_gains_are_used_up_loses_its_place():
    old = [Trial(strategy="cache", round=1, gain=0.3, cost=2.0) for _ in range(3)]
    later = [Trial(strategy="cache", round=n, gain=0.0, cost=2.0) for n in (5, 6, 7, 7)]
    fresh = [Trial(strategy="batch", round=7, gain=0.3, cost=2.0) for _ in range(2)]
    wins = Counter(
        max(
            bandit.arms(
                STRATEGIES, old + later + fresh, round_number=8, rng=Random(seed), chances={}
            ),
            key=lambda arm: arm.draw,
        ).strategy
        for seed in range(200)
    )
    assert wins["batch"] > 3 * wins["cache"]


def test_a_lucky_measurement_pays_nothing():
    assert bandit.gain_of("accepted", 1.5) == pytest.approx(0.405, abs=1e-3)
    assert bandit.gain_of("inconclusive", 1.5) == 0.0
    assert bandit.gain_of("accepted", None) == 0.0
    assert bandit.gain_of("accepted", 0.98) == 0.0


def test_the_same_seed_chooses_the_same_and_another_one_something_else():
    assert run_of(3, rounds=5, chance={"batch": 0.5}) == run_of(3, rounds=5, chance={"batch": 0.5})
    assert len({str(run_of(seed, rounds=1, chance={})) for seed in range(10)}) > 3


def test_one_round_is_spread_over_different_plans():
    assert all(len(set(round_)) == WIDTH for round_ in run_of(0, rounds=20, chance={"cache": 0.9}))


def test_before_anything_is_known_what_experts_do_most_comes_first():
    first = Counter[str]()
    for seed in range(200):
        known = bandit.arms(
            all_strategies(), [], round_number=1, rng=Random(seed), chances=EARLIER_CHANCES
        )
        places = bandit.picked(known, STRATEGIES, [range(len(STRATEGIES))] * WIDTH)
        first.update(STRATEGIES[place] for place in places)
    assert min(first["algorithm"], first["avoid"]) > max(first["cache"], first["lower"])
    assert min(first.values()) > 50, "nothing is left out for good"


def test_each_parent_gets_its_slots_and_an_option_goes_to_one_of_them():
    known = bandit.arms(STRATEGIES, [], round_number=1, rng=Random(0), chances={})
    options = [*STRATEGIES, *STRATEGIES]
    slots = [range(5), range(5, 10), range(5), range(5, 10)]
    places = bandit.picked(known, options, slots)
    assert [place // 5 for place in places] == [0, 1, 0, 1]
    assert len(set(places)) == 4
    assert bandit.picked(known, ["cache"], [[0], [0]]) == [0]


def test_its_state_is_plain_json():
    trials = [Trial(strategy="cache", round=1, gain=0.3, cost=1.5)]
    known = bandit.arms(STRATEGIES, trials, round_number=2, rng=Random(0), chances={})
    plain = json.loads(json.dumps([asdict(arm) for arm in known], allow_nan=False))
    assert plain[3]["strategy"] == "cache"
    assert plain[3]["gained"] == 1.0
