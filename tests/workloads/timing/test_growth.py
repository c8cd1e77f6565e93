"""How times grow with sizes: exponents that are known, and where two versions cross."""

from __future__ import annotations

import random

import pytest

from perfagent.workloads.timing.growth import AtSize, Crossover, crossover, exponent

SIZES = (100, 200, 400, 800, 1600)


def at(size: float, speedup: float, width: float = 0.02) -> AtSize:
    return AtSize(
        size=size,
        baseline=speedup,
        candidate=1.0,
        speedup=speedup,
        ci_low=speedup * (1 - width),
        ci_high=speedup * (1 + width),
        pairs=6,
        regime="cold",
    )


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_a_power_is_found_exactly(power: float) -> None:
    found = exponent(SIZES, [3e-4 * size**power for size in SIZES])
    assert found is not None
    assert found.value == pytest.approx(power, abs=1e-9)
    assert found.high - found.low < 1e-6


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = random.Random(4)
    held = 0
    for _ in range(400):
        values = [size**1.5 * rng.lognormvariate(0, 0.05) for size in SIZES]
        found = exponent(SIZES, values)
        assert found is not None
        held += found.low <= 1.5 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_what_is_no_power_has_a_wide_interval() -> None:
    fixed_cost = exponent(SIZES, [0.5 + 1e-6 * size**2 for size in SIZES])
    power = exponent(SIZES, [1e-6 * size**2 for size in SIZES])
    assert fixed_cost is not None
    assert power is not None
    assert fixed_cost.high - fixed_cost.low > 100 * (power.high - power.low)


def test_two_sizes_show_no_exponent() -> None:
    assert exponent(SIZES[:2], [1.0, 2.0]) is None


def test_versions_cross_between_slower_and_faster() -> None:
    found = crossover([at(100, 0.5), at(200, 0.99, 0.05), at(400, 2.0), at(800, 4.0)])
    assert found == Crossover(size=pytest.approx(200), low=100, high=400)


def test_a_patch_that_is_slower_nowhere_has_no_crossover() -> None:
    assert crossover([at(100, 1.0), at(200, 1.5), at(400, 3.0)]) is None


def test_a_patch_that_is_slower_everywhere_crosses_beyond_what_was_measured() -> None:
    assert crossover([at(100, 0.5), at(200, 0.8)]) == Crossover(size=None, low=200, high=None)


def test_a_patch_that_is_slower_for_large_input_has_no_size_below_which_it_is() -> None:
    assert crossover([at(100, 2.0), at(200, 1.0), at(400, 0.5)]) is None
