"""The location estimate: what moves it, and what must not."""

from __future__ import annotations

import math
import random
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfagent.workloads.timing.interval import FEWEST, Location, locate, t_quantile

VALUES = st.lists(st.floats(-5, 5), min_size=5, max_size=40)


def _located(values: list[float]) -> Location:
    location = locate(values)
    assert location is not None
    return location


def test_the_interval_agrees_with_a_worked_example() -> None:
    # By hand from Yuen (1974): of 10 values one is set aside at each end, 8 are left; winsorized
    # they are 2 2 3 4 5 6 7 8 9 9, whose squared distances from their mean 5.5 add up to 66.5.
    location = _located([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])
    assert location.center == pytest.approx(5.5)
    assert location.freedom == 7
    assert location.standard_error == pytest.approx(math.sqrt(66.5 / (8 * 7)))
    # t(7, 0.975) = 2.3646 (any table)
    assert location.half_width(0.05) == pytest.approx(2.3646 * location.standard_error, rel=1e-4)


def test_below_eight_values_it_is_students_t() -> None:
    values = [0.1, 0.4, 0.2, 0.7, 0.5, 0.3, 0.9]
    location = _located(values)
    assert location.center == pytest.approx(statistics.fmean(values))
    assert location.standard_error == pytest.approx(statistics.stdev(values) / math.sqrt(7))
    assert location.freedom == 6


def test_a_wild_launch_among_eight_does_not_move_the_estimate() -> None:
    calm = [0.10, 0.11, 0.12, 0.13, 0.14, 0.15, 0.16, 0.17]
    assert _located([*calm[:-1], 99.0]) == _located(calm)
    assert _located([-99.0, *calm[1:]]) == _located(calm)


def test_four_values_give_no_estimate() -> None:
    assert FEWEST == 5
    assert locate([1.0, 1.0, 1.0, 1.0]) is None
    assert locate([]) is None


def test_equal_values_of_a_coarse_clock_are_not_certainty() -> None:
    location = locate([0.1] * 10, resolution=2e-4)
    assert location is not None
    assert location.half_width(0.05) > 2e-4


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_measurement_does_not_move_the_estimate(
    values: list[float], order: random.Random
) -> None:
    shuffled = list(values)
    order.shuffle(shuffled)
    assert _located(shuffled) == _located(values)


@given(VALUES)
def test_swapping_the_sides_mirrors_the_estimate(values: list[float]) -> None:
    one, mirrored = _located(values), _located([-value for value in values])
    assert mirrored.center == pytest.approx(-one.center, abs=1e-12)
    assert mirrored.standard_error == pytest.approx(one.standard_error, abs=1e-9)
    assert mirrored.freedom == one.freedom


@given(VALUES, st.floats(-3, 3))
def test_a_gain_on_top_moves_the_center_by_itself_and_leaves_the_width(
    values: list[float], shift: float
) -> None:
    one, moved = _located(values), _located([value + shift for value in values])
    assert moved.center == pytest.approx(one.center + shift, abs=1e-9)
    assert moved.standard_error == pytest.approx(one.standard_error, abs=1e-9)


@given(VALUES, st.floats(1, 100))
def test_the_same_noise_made_larger_never_narrows_the_interval(
    values: list[float], factor: float
) -> None:
    wider = _located([value * factor for value in values])
    assert wider.half_width(0.05) >= _located(values).half_width(0.05) * (1 - 1e-9)


@given(VALUES)
def test_the_center_lies_among_the_values(values: list[float]) -> None:
    location = _located(values)
    assert min(values) - 1e-12 <= location.center <= max(values) + 1e-12
    assert location.standard_error >= 0


@pytest.mark.parametrize("count", [5, 8, 16, 30])
def test_further_noise_widens_the_interval_on_average(count: int) -> None:
    rng = np.random.default_rng(3)
    calm = rng.normal(0, 0.02, (400, count))
    for extra in (
        rng.normal(0, 0.01, calm.shape),
        rng.exponential(0.02, calm.shape) - rng.exponential(0.02, calm.shape),
        (rng.random(calm.shape) < 0.1) * rng.normal(0, 0.5, calm.shape),
    ):
        before = [_located(row).half_width(0.05) for row in calm.tolist()]
        after = [_located(row).half_width(0.05) for row in (calm + extra).tolist()]
        assert statistics.fmean(after) > statistics.fmean(before)


def test_quantiles_are_those_of_the_tables() -> None:
    assert t_quantile(4, 0.99) == pytest.approx(3.7469, abs=1e-4)
    assert t_quantile(29, 0.95) == pytest.approx(1.6991, abs=1e-4)
