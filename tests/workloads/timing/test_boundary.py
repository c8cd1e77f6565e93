"""The levels of many looks: together they err as often as promised, no more."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
from scipy.special import stdtrit

from perfagent.workloads.timing.boundary import MOST_PAIRS, looks_until, nominal_level
from perfagent.workloads.timing.interval import FEWEST, TRIMMED_EVERY, locate

from .simulate import at_most

ERRORS = (1e-5, 0.0005, 0.001, 0.003, 0.01, 0.02, 0.05, 0.13, 0.2)
RUNS = 20_000


@functools.cache
def _statistics(most: int) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the t of each look (columns) of normal sequences, and their degrees of freedom."""
    values = np.random.default_rng(7).normal(size=(RUNS, most))
    columns, freedoms = [], []
    for count in looks_until(most):
        cut = count // TRIMMED_EVERY
        ordered = np.sort(values[:, :count], axis=1)
        kept = count - 2 * cut
        center = ordered[:, cut : count - cut].mean(axis=1)
        winsorized = np.clip(ordered, ordered[:, [cut]], ordered[:, [count - cut - 1]])
        squares = winsorized.var(axis=1) * count
        columns.append(center / np.sqrt(squares / (kept * (kept - 1))))
        freedoms.append(kept - 1)
    return np.array(columns).T, tuple(freedoms)


def test_the_simulated_t_is_that_of_the_estimator() -> None:
    values = np.random.default_rng(7).normal(size=(RUNS, 30))
    statistics, freedoms = _statistics(30)
    for row, column in itertools.product(range(5), (0, 3, 11, 25)):
        location = locate(values[row, : looks_until(30)[column]].tolist())
        assert location is not None
        assert location.center / location.standard_error == pytest.approx(statistics[row, column])
        assert location.freedom == freedoms[column]


@pytest.mark.parametrize("error", [0.005, 0.01, 0.03, 0.05, 0.1])
@pytest.mark.parametrize("most", [5, 6, 10, 11, 20, 30])
def test_all_looks_together_err_as_often_as_promised(error: float, most: int) -> None:
    statistics, freedoms = _statistics(most)
    bounds = stdtrit(np.array(freedoms), 1 - nominal_level(error, most))
    erred = (statistics > bounds).any(axis=1).mean()
    assert erred <= at_most(error, RUNS)
    # Nor is much of the error left unused, which would cost pairs.
    assert erred >= 0.8 * error


def test_a_stricter_promise_and_more_looks_ask_for_more() -> None:
    plans = range(FEWEST, MOST_PAIRS + 1)
    for most in plans:
        levels = [nominal_level(error, most) for error in ERRORS]
        assert all(a < b for a, b in itertools.pairwise(levels))
        assert all(level <= error for level, error in zip(levels, ERRORS, strict=True))
        assert min(levels) > 0
    for error in ERRORS:
        levels = [nominal_level(error, most) for most in plans]
        assert all(a >= b for a, b in itertools.pairwise(levels))
        assert levels[0] == pytest.approx(error)


def test_looks_rise_from_the_fewest_pairs_to_all_of_them() -> None:
    for most in range(FEWEST, MOST_PAIRS + 1):
        looks = looks_until(most)
        assert looks[0] == FEWEST
        assert looks[-1] == most
        assert all(a < b for a, b in itertools.pairwise(looks))
        assert len(looks) <= 26


@pytest.mark.parametrize(("error", "most"), [(0.0, 10), (0.21, 10), (0.01, 4), (0.01, 121)])
def test_what_was_never_simulated_has_no_level(error: float, most: int) -> None:
    with pytest.raises(ValueError, match="no level"):
        nominal_level(error, most)
