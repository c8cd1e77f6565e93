"""The location estimate and the spending of error over looks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfagent.workloads.timing.interval import level_at, locate, spent

VALUES = st.lists(st.floats(-5, 5), min_size=5, max_size=30)


def test_the_interval_agrees_with_a_worked_example() -> None:
    # By hand from Yuen (1974): of 10 values 2 are trimmed at each end, 6 are left; winsorized they
    # are 3 3 3 4 5 6 7 8 8 8, whose squared distances from their mean 5.5 add up to 42.5.
    location = locate([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])
    assert location is not None
    assert location.center == pytest.approx(5.5)
    assert location.freedom == 5
    assert location.standard_error == pytest.approx(math.sqrt(42.5 / (6 * 5)))
    # t(5, 0.975) = 2.5706 (any table)
    assert location.half_width(0.05) == pytest.approx(2.5706 * location.standard_error, rel=1e-4)


def test_one_wild_launch_in_five_does_not_move_the_estimate() -> None:
    calm = locate([0.10, 0.11, 0.12, 0.13, 0.14])
    wild = locate([0.10, 0.11, 0.12, 0.13, 99.0])
    assert calm is not None
    assert wild is not None
    assert wild.center == pytest.approx(calm.center)


def test_four_values_give_no_estimate() -> None:
    assert locate([1.0, 1.0, 1.0, 1.0]) is None


def test_equal_values_of_a_coarse_clock_are_not_certainty() -> None:
    location = locate([0.1] * 10, resolution=2e-4)
    assert location is not None
    assert location.half_width(0.05) > 2e-4


@given(VALUES, st.floats(-3, 3), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_swapping_the_sides_mirrors(
    values: list[float], shift: float, random: object
) -> None:
    one = locate(values)
    shuffled = sorted(values, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert one is not None
    assert locate(shuffled) == one
    mirrored = locate([-value for value in values])
    assert mirrored is not None
    assert mirrored.center == pytest.approx(-one.center, abs=1e-9)
    assert mirrored.standard_error == pytest.approx(one.standard_error, abs=1e-9)
    # Twice the time on both sides is a shift of zero; of one side, a shift of the log ratio.
    moved = locate([value + shift for value in values])
    assert moved is not None
    assert moved.center == pytest.approx(one.center + shift, abs=1e-9)


def test_the_looks_share_the_error_and_never_exceed_it() -> None:
    looks = (5, 7, 10, 14, 20, 30)
    levels = [level_at(0.05, looks[: n + 1], 30) for n in range(len(looks))]
    assert sum(levels) == pytest.approx(0.05)
    assert min(levels) > 0
    # Lan and DeMets' Pocock-type function at a sixth of the sample: ln(1 + (e - 1) / 6) * 0.05.
    assert levels[0] == pytest.approx(0.0126, abs=1e-4)
    assert level_at(0.05, (5, 7, 8), 30, final=True) == pytest.approx(0.05 - spent(0.05, 7 / 30))
    assert level_at(0.05, (30,), 30) == pytest.approx(0.05)
