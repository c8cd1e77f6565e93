"""SWE-Perf: the gain of a test that is still significant, and its three scores.

The names of its keys and columns stand here and nowhere else.
"""

from __future__ import annotations

import bisect
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

SIGNIFICANCE = 0.1
STEP = 0.001

Durations = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]
"""An instance's `report.json`: node id, side ("base", "human"), session, outcome and duration."""


def without_outliers(values: Sequence[float]) -> list[float]:
    """Return the values within one interquartile range of the quartiles (linear quantiles)."""
    low, high = np.percentile(np.asarray(values, dtype=np.float64), (25, 75))
    reach = high - low
    return [value for value in values if low - reach <= value <= high + reach]


@cache
def _grid() -> tuple[float, ...]:
    """Return the gains that are tried: 0, 0.001, … up to 1, added up as the benchmark does."""
    found: list[float] = []
    x = 0.0
    while x <= 1:
        found.append(x)
        x += STEP
    return tuple(found)


def least_gain(base: Sequence[float], patched: Sequence[float]) -> float:
    """Return the largest gain of the grid by which the patched times are still shorter.

    A gain x holds when a one-sided Mann-Whitney U test tells `base * (1 - x)` from `patched` at a
    level of 0.1. The benchmark goes up the grid until it no longer does; as shrinking one side
    only ever raises the p-value, bisection ends at the same gain in ten tests.

    Args:
        base: Seconds of a test at the base, outliers removed.
        patched: Likewise with the patch.

    Returns:
        0 to 1; 0 where not even a gain of 0 can be told.
    """
    from scipy.stats import mannwhitneyu

    before, after = np.asarray(base, dtype=np.float64), np.asarray(patched, dtype=np.float64)

    def lost(x: float) -> bool:
        found = mannwhitneyu(before * (1 - x), after, alternative="greater")
        return not float(found.pvalue) < SIGNIFICANCE

    grid = _grid()
    first_lost = bisect.bisect_left(grid, True, key=lost)
    return grid[first_lost - 1] if first_lost else 0.0


@dataclass(frozen=True, kw_only=True)
class InstanceScore:
    """One instance.

    Attributes:
        answered: Whether the run left a complete report, which the benchmark calls "apply".
        correct: Whether every efficiency test passed in every session of both sides.
        gain: Mean over the efficiency tests of `least_gain` (0-1); 0 unless correct.
    """

    answered: bool
    correct: bool
    gain: float


def score_instance(durations: Durations | None, efficiency_tests: Sequence[str]) -> InstanceScore:
    """Return the score of an instance.

    Args:
        durations: Its report; None when there is none.
        efficiency_tests: Node ids of the tests that count.
    """
    if durations is None:
        return InstanceScore(answered=False, correct=False, gain=0.0)
    if not efficiency_tests or not all(_passed(durations, test) for test in efficiency_tests):
        return InstanceScore(answered=True, correct=False, gain=0.0)
    gains = [
        least_gain(*(_times(durations[test][side]) for side in ("base", "human")))
        for test in efficiency_tests
    ]
    return InstanceScore(answered=True, correct=True, gain=float(np.mean(gains)))


def _passed(durations: Durations, test: str) -> bool:
    sides = durations.get(test, {})
    return all(
        sides.get(side) and all(each["outcome"] == "passed" for each in sides[side].values())
        for side in ("base", "human")
    )


def _times(sessions: Mapping[str, Mapping[str, Any]]) -> list[float]:
    return without_outliers([float(each["duration"]) for each in sessions.values()])


def expert_gain(changes: Sequence[Mapping[str, Mapping[str, Any]]], tests: Sequence[str]) -> float:
    """Return the expert's gain by the same rule, from the times that the dataset holds (0-1).

    Args:
        changes: `duration_changes` of the instance: one mapping a session, by node id.
        tests: Node ids of the efficiency tests.
    """
    gains: list[float] = []
    for test in tests:
        base, head = (
            without_outliers([float(session[test][side]) for session in changes])
            for side in ("base", "head")
        )
        gains.append(least_gain(base, head))
    return float(np.mean(gains)) if gains else 0.0


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a run comes to; every share and mean is over all instances.

    Attributes:
        instances: Of the dataset.
        apply: Share that left a complete report.
        correctness: Share of which all efficiency tests passed.
        performance: Mean gain; what is not correct counts as 0.
        expert_performance: Mean gain of the expert over the same correct instances.
        expert_total_performance: Mean gain of the expert over all instances.
    """

    instances: int
    apply: float
    correctness: float
    performance: float
    expert_performance: float
    expert_total_performance: float


def score(found: Mapping[str, InstanceScore], expert: Mapping[str, float]) -> Score:
    """Return what a run comes to.

    Args:
        found: By instance id; what is missing counts as not answered.
        expert: The expert's gain of every instance of the dataset, by id.

    Raises:
        ValueError: The dataset is empty.
    """
    total = len(expert)
    if not total:
        raise ValueError("a score needs at least one instance")
    scored = {key: found[key] for key in expert if key in found}
    correct = [key for key, each in scored.items() if each.correct]
    return Score(
        instances=total,
        apply=sum(each.answered for each in scored.values()) / total,
        correctness=len(correct) / total,
        performance=sum(each.gain for each in scored.values()) / total,
        expert_performance=sum(expert[key] for key in correct) / total,
        expert_total_performance=sum(expert.values()) / total,
    )


COLUMNS = (
    *("model", "total", "with_prediction", "with_run", "success", "model_improved"),
    *("human_improved", "human_total_improved", "apply", "correctness", "performance"),
    *("human_performance", "human_total_performance", "repo"),
)
"""Of a result CSV, in its order; "improved" are sums, the last five means over all instances."""


def result_text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Return lines as the text of a result CSV: the total first, then a line a repository."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="total", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()
