"""SWE-Perf: the gain by bisection is the gain by going up, and the scores are by the formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from perfagent.evals.sweperf import (
    InstanceScore,
    expert_gain,
    least_gain,
    score,
    score_instance,
    without_outliers,
)


def going_up(base: list[float], head: list[float]) -> float:
    """The benchmark's own way: one step after the other until the test fails."""
    x, last = 0.0, 0.0
    while x <= 1:
        shrunk = [value * (1 - x) for value in base]
        if not mannwhitneyu(shrunk, head, alternative="greater").pvalue < 0.1:
            break
        last = x
        x += 0.001
    return last


@pytest.mark.parametrize("gain", [0.0, 0.004, 0.06, 0.5, 0.95])
def test_bisection_ends_at_the_very_gain_of_going_up(gain: float):
    rng = np.random.default_rng(int(gain * 1000))
    base = list(rng.lognormal(0, 0.03, 20))
    head = list((1 - gain) * rng.lognormal(0, 0.03, 18))
    assert least_gain(base, head) == going_up(base, head)


def test_a_slowdown_and_a_tie_are_no_gain():
    assert least_gain([1.0] * 20, [1.0] * 20) == 0
    assert least_gain([1.0 + i / 100 for i in range(20)], [3.0 + i / 100 for i in range(20)]) == 0


def test_outliers_beyond_one_interquartile_range_are_left_out():
    # Quartiles 2 and 4 (linear), so what lies outside of 0 to 6 goes.
    assert without_outliers([1.0, 2.0, 3.0, 4.0, 100.0]) == [1.0, 2.0, 3.0, 4.0]
    assert without_outliers([2.0, 2.0, 2.0, 2.0, 2.1]) == [2.0] * 4


def sessions(times: list[float], outcome: str = "passed") -> dict[str, dict[str, Any]]:
    return {str(i): {"outcome": outcome, "duration": time} for i, time in enumerate(times)}


def durations(factor: float, outcome: str = "passed") -> dict[str, Any]:
    base = [1 + i / 1000 for i in range(20)]
    patched = [factor * value for value in base]
    return {"t.py::a": {"base": sessions(base), "human": sessions(patched, outcome)}}


def test_an_instance_without_a_report_and_one_with_a_failing_test_gain_nothing():
    assert score_instance(None, ["t.py::a"]) == InstanceScore(
        answered=False, correct=False, gain=0.0
    )
    failing = score_instance(durations(0.5, "failed"), ["t.py::a"])
    assert (failing.answered, failing.correct, failing.gain) == (True, False, 0.0)
    missing = score_instance(durations(0.5), ["t.py::a", "t.py::gone"])
    assert (missing.correct, missing.gain) == (False, 0.0)


def test_an_instance_s_gain_is_the_mean_over_its_tests():
    both = durations(0.5) | {"t.py::b": durations(1.0)["t.py::a"]}
    half = score_instance(durations(0.5), ["t.py::a"]).gain
    assert 0.49 < half < 0.51
    assert score_instance(both, ["t.py::a", "t.py::b"]).gain == pytest.approx(half / 2, abs=0.003)


def test_the_expert_s_gain_comes_from_the_dataset_s_times():
    changes = [{"t.py::a": {"base": 1 + i / 1000, "head": 0.8 * (1 + i / 1000)}} for i in range(20)]
    assert expert_gain(changes, ["t.py::a"]) == pytest.approx(0.2, abs=0.01)
    assert expert_gain(changes, []) == 0


def test_the_scores_are_over_all_instances_of_the_dataset():
    found = {
        "a": InstanceScore(answered=True, correct=True, gain=0.4),
        "b": InstanceScore(answered=True, correct=False, gain=0.0),
        "stranger": InstanceScore(answered=True, correct=True, gain=0.9),
    }
    scored = score(found, {"a": 0.5, "b": 0.3, "c": 0.1, "d": 0.1})
    assert (scored.apply, scored.correctness) == (0.5, 0.25)
    assert scored.performance == pytest.approx(0.1)
    assert scored.expert_performance == pytest.approx(0.125)
    assert scored.expert_total_performance == pytest.approx(0.25)
