"""Aggregates: worked out by hand, and intervals that cover."""

from __future__ import annotations

import numpy as np
import pytest

from perfagent.evals.aggregates import (
    aggregate,
    clipped_mean,
    floored_harmonic_mean,
    geometric_mean,
    harmonic_mean,
    harmonic_weights,
    mean,
    median,
    top_share,
)


@pytest.mark.parametrize(
    ("statistic", "value"),
    [
        (harmonic_mean, 3 / (1 / 0.5 + 1 / 2 + 1 / 4)),
        (floored_harmonic_mean, 3 / (1 / 0.5 + 1 / 2 + 1 / 4)),
        (geometric_mean, 4 ** (1 / 3)),
        (median, 2.0),
        (clipped_mean, (0.5 + 1 + 1) / 3),
        (mean, 6.5 / 3),
    ],
)
def test_each_statistic_is_what_its_name_says(statistic, value: float):
    assert aggregate(statistic, [4.0, 0.5, 2.0]).value == pytest.approx(value)


def test_a_ratio_of_nothing_ends_the_harmonic_mean_unless_floored():
    assert aggregate(harmonic_mean, [1.0, 0.0]).value == 0
    assert aggregate(floored_harmonic_mean, [1.0, 0.0]).value == pytest.approx(2 / 1001)
    assert aggregate(geometric_mean, [1.0, 0.0]).value == 0
    assert harmonic_weights([1.0, 0.0, 0.0]) == [0.0, 0.5, 0.5]


def test_nothing_and_one_instance_have_no_interval():
    assert aggregate(mean, []).value is None
    one = aggregate(mean, [0.25])
    assert (one.value, one.ci_low, one.ci_high) == (0.25, None, None)


def test_the_heaviest_instances_are_those_far_below_the_expert():
    weights = harmonic_weights([0.001, 1.0, 1.0])
    assert weights[0] == pytest.approx(1000 / 1002)
    assert top_share(weights, 2) == pytest.approx(1001 / 1002)


def test_the_interval_covers_the_true_geometric_mean():
    rng = np.random.default_rng(7)
    covered = 0
    for seed in range(200):
        found = aggregate(geometric_mean, list(rng.lognormal(0.0, 0.8, size=40)), seed=seed)
        assert found.ci_low is not None
        assert found.ci_high is not None
        covered += found.ci_low <= 1.0 <= found.ci_high
    # 95 % less what the percentile bootstrap of 40 values lacks; three standard errors below it.
    assert covered >= 177


def test_the_same_seed_gives_the_same_interval():
    values = [1.1**number for number in range(30)]
    assert aggregate(mean, values, seed=3) == aggregate(mean, values, seed=3)
    assert aggregate(mean, values, seed=3) != aggregate(mean, values, seed=4)
