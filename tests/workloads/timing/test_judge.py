"""A verdict is a function of its samples, and of nothing else."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from perfagent.agent.runs.plain import from_plain, to_plain
from perfagent.workloads.timing.comparison import Comparison
from perfagent.workloads.timing.decision import ComparisonPlan, decide
from perfagent.workloads.timing.judge import doubts_about, judge
from perfagent.workloads.timing.samples import Samples

from .made import COLD, PAIRS, samples_of, timings, timings_of_values

TIMES = st.floats(1e-6, 100)
LISTS = st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=20)
EXTREME = st.one_of(
    st.floats(5e-324, 1e100, allow_subnormal=True),
    st.sampled_from([5e-324, 1e-310, 1e-9, 1.0, 1e100]),
)
PLAN = ComparisonPlan()


def _made(pairs: list[tuple[float, float]], *, warm: bool = False, **changes: object) -> Samples:
    regime = "warm" if warm else "cold"
    base, other = (timings_of_values(times, regime=regime) for times in zip(*pairs, strict=True))
    return samples_of(base, other, **changes)


@given(LISTS, st.booleans(), st.sampled_from(["decided", "pairs", "time"]))
@settings(max_examples=60, deadline=None)
def test_a_verdict_is_derived_again_from_stored_samples_to_the_last_bit(
    pairs: list[tuple[float, float]], warm: bool, ended: str
) -> None:
    samples = _made(pairs, warm=warm, ended=ended, notes=("a note",), repeated=2)
    first = judge(samples)
    assert judge(samples) == first
    stored = json.loads(json.dumps(to_plain(samples), allow_nan=False))
    again = from_plain(Samples, stored)
    assert again == samples
    assert judge(again) == first
    assert from_plain(Comparison, json.loads(json.dumps(to_plain(first), allow_nan=False))) == first


@given(st.lists(st.tuples(EXTREME, EXTREME), min_size=1, max_size=12), st.booleans())
@settings(max_examples=120, deadline=None)
def test_times_at_the_ends_of_what_a_float_holds_are_judged(
    pairs: list[tuple[float, float]], warm: bool
) -> None:
    compared = judge(_made(pairs, warm=warm))
    known = (compared.speedup, compared.ci_low, compared.ci_high)
    assert (None in known) == (len(pairs) < 5)
    assert all(number is None or math.isfinite(number) for number in known)
    if len(pairs) < 5:
        assert compared.decision == "inconclusive"


@given(st.lists(st.tuples(TIMES, TIMES), min_size=0, max_size=4))
@settings(deadline=None)
def test_fewer_than_five_pairs_are_never_accepted(pairs: list[tuple[float, float]]) -> None:
    base = timings_of_values([one for one, _ in pairs])
    compared = judge(samples_of(base, timings_of_values([other for _, other in pairs])))
    assert compared.decision == "inconclusive"
    assert compared.speedup is None


@given(TIMES, st.integers(5, 30))
@settings(max_examples=40, deadline=None)
def test_equal_times_are_never_accepted(value: float, count: int) -> None:
    compared = judge(_made([(value, value)] * count))
    assert compared.decision == "not_faster"
    assert compared.speedup == pytest.approx(1.0)


@given(st.lists(st.tuples(TIMES, TIMES), min_size=5, max_size=20), st.floats(1e-3, 1e3))
@settings(max_examples=60, deadline=None)
def test_a_machine_that_is_slower_in_all_changes_nothing(
    pairs: list[tuple[float, float]], factor: float
) -> None:
    one = decide(_made(pairs).log_ratios, PLAN, final=True)
    slower = [(value * factor, other * factor) for value, other in pairs]
    two = decide(_made(slower).log_ratios, PLAN, final=True)
    assert one.speedup is not None
    assert (two.speedup, two.ci_low, two.ci_high) == pytest.approx(
        (one.speedup, one.ci_low, one.ci_high), rel=1e-6
    )
    # Where a bound lies on the edge of a decision, rounding may take it either way.
    strict = math.log(one.ci_low or 1.0)
    assume(abs(strict - math.log1p(PLAN.min_effect)) > 1e-6)
    assert two.decision == one.decision


@given(st.lists(st.tuples(TIMES, TIMES), min_size=5, max_size=20))
@settings(max_examples=60, deadline=None)
def test_swapping_the_versions_inverts_the_speedup_and_its_bounds(
    pairs: list[tuple[float, float]],
) -> None:
    one = judge(_made(pairs))
    two = judge(_made([(other, value) for value, other in pairs]))
    assert one.speedup is not None
    assert one.ci_low is not None
    assert one.ci_high is not None
    assert two.speedup == pytest.approx(1 / one.speedup, rel=1e-6)
    assert two.ci_low == pytest.approx(1 / one.ci_high, rel=1e-6)
    assert two.ci_high == pytest.approx(1 / one.ci_low, rel=1e-6)
    assert not (one.decision == two.decision == "faster")


@given(
    st.lists(st.floats(-0.5, 0.5), min_size=5, max_size=30),
    st.floats(-1, 1),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_the_speedup_takes_a_further_gain_and_any_order(
    ratios: list[float], gain: float, order: object
) -> None:
    one = decide(ratios, PLAN, final=True)
    moved = decide([ratio + gain for ratio in ratios], PLAN, final=True)
    assert one.speedup is not None
    assert moved.speedup == pytest.approx(one.speedup * math.exp(gain), rel=1e-9)
    shuffled = list(ratios)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(shuffled, PLAN, final=True) == one


def test_a_clear_gain_is_accepted_and_says_what_it_rests_on() -> None:
    compared = judge(samples_of(timings(0.2, regime="cold"), timings(0.1, regime="cold", seed=2)))
    assert compared.decision == "faster", compared.reason
    assert (compared.pairs, compared.confidence, compared.min_effect) == (PAIRS, 0.95, 0.02)
    assert compared.speedup == pytest.approx(2, rel=0.02)
    assert compared.doubts == ()


def test_a_gain_that_a_guard_sees_through_is_not_accepted() -> None:
    base, kept = timings(800e-6), timings(0.3e-6, cold_s=800e-6, seed=2)
    compared = judge(samples_of(base, kept))
    assert compared.decision == "not_faster"
    assert compared.warm_only
    assert compared.speedup is not None
    assert compared.speedup > 100


def test_time_that_was_up_is_named_where_it_left_nothing_decided() -> None:
    few = timings_of_values([0.1, 0.11, 0.1])
    compared = judge(samples_of(few, few, ended="time", plan=replace(PLAN, max_wall_s=7.0)))
    assert compared.decision == "inconclusive"
    assert "3 of the 5 pairs" in compared.reason
    assert compared.reason.endswith("the time limit of 7 s is met")
    slow = replace(COLD, launch_s=3.0)
    told = judge(
        samples_of(few, few, ended="time", plan=replace(PLAN, max_wall_s=7.0), calibration=slow)
    )
    assert told.reason.endswith("and that many take at least 30 s: see --max-compare")


def test_numbers_that_may_be_unsound_carry_their_doubts() -> None:
    base = timings(1e-3)
    assert doubts_about(samples_of(base, timings(0.5e-3, seed=2))) == ()
    wild = doubts_about(samples_of(timings(1e-3, noise=0.5), timings(1e-3, noise=0.5, seed=2)))
    assert any("spreads over" in doubt for doubt in wild)
    assert any("times the best" in doubt for doubt in wild)
    short = doubts_about(samples_of(timings(1e-6), timings(1e-6, seed=2)))
    assert any("only" in doubt and "us of work" in doubt for doubt in short)
    swayed = timings_of_values([0.1 * (1.1 if index % 2 else 0.9) for index in range(PAIRS)])
    ordered = doubts_about(samples_of(timings_of_values([0.1] * PAIRS), swayed))
    assert any("second launch of a pair differs from the first by" in doubt for doubt in ordered)


def test_a_busy_machine_is_named_with_how_many_pairs_it_cost() -> None:
    base = timings(0.1, regime="cold", disturbed_share=(0.3, *[0.0] * (PAIRS - 1)))
    doubts = " ".join(doubts_about(samples_of(base, base, repeated=3, load=4.0)))
    assert "3 pairs were taken again" in doubts
    assert f"had or slowed the core in 1 of {PAIRS} pairs" in doubts
    assert "load 4.0 on 2 cores" in doubts
