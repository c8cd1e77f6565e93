"""Which near misses are tried together: the same ones for the same verdicts, likeliest first."""

from __future__ import annotations

import math

import pytest

from perfagent.agent.proposers.pairs import (
    MOST_PAIRS,
    NearMiss,
    hypothesis_of,
    log_gain_now,
    planned_sums,
)

MARGIN = math.log1p(0.02)


def miss(name: str, speedup: float) -> NearMiss:
    return NearMiss(
        candidate_id=name,
        log_gain=math.log(speedup),
        hypothesis=f"{name} is slow.",
        hotspot=f"module.py:{name}",
    )


def names(sums: list[list[NearMiss]]) -> list[str]:
    return ["+".join(each.candidate_id for each in members) for members in sums]


def test_all_together_come_first_then_the_pairs_that_gain_most():
    near = [miss("b", 1.012), miss("a", 1.015), miss("c", 1.011)]
    planned = planned_sums(near, least_log_gain=MARGIN, tried=())
    assert names(planned) == ["a+b+c", "a+b", "a+c", "b+c"]
    assert names(planned_sums(near[::-1], least_log_gain=MARGIN, tried=())) == names(planned)


def test_a_pair_that_is_not_expected_to_gain_enough_is_not_tried():
    near = [miss("a", 1.015), miss("b", 1.004), miss("c", 1.003)]
    assert names(planned_sums(near, least_log_gain=MARGIN, tried=())) == ["a+b+c"]


def test_what_was_tried_together_is_not_tried_again():
    near = [miss("a", 1.015), miss("b", 1.012)]
    assert planned_sums(near, least_log_gain=MARGIN, tried={frozenset("ab")}) == []


@pytest.mark.parametrize("near", [[], [miss("a", 1.019)]])
def test_one_alone_makes_no_sum(near):
    assert planned_sums(near, least_log_gain=0.0, tried=()) == []


def test_the_number_of_sums_is_bounded():
    near = [miss(f"{number:02d}", 1.015) for number in range(20)]
    assert len(planned_sums(near, least_log_gain=MARGIN, tried=())) == MOST_PAIRS + 1


def test_a_gain_weighs_more_once_the_rest_has_become_faster():
    assert log_gain_now(1.25, 1.0) == pytest.approx(math.log(1.25))
    # It saved 20 % of the workload; of the half that is left that is 40 %.
    assert log_gain_now(1.25, 2.0) == pytest.approx(math.log(1 / 0.6))
    assert math.isfinite(log_gain_now(1.25, 100.0))


def test_the_hypothesis_names_every_member():
    text = hypothesis_of([miss("a", 1.015), miss("b", 1.012)])
    assert text.endswith(": a is slow; b is slow")
    assert "1.015x, 1.012x" in text
