"""Two evaluations of the same instances, instance by instance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...errors import UserError
from ..aggregates import Aggregate, aggregate, geometric_mean
from ..batch.records import Evaluation
from ..running.outcome import NOT_THE_PATCH, Estimate, InstanceResult
from .weighed import deviation

HALF_WIDTH = 1.959963984540054
"""Standard deviations on each side of a normal distribution's middle 95 %."""

Better = Literal["first", "second", "even", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One instance in both.

    Attributes:
        instance_id: The instance.
        outcomes: In the first and in the second.
        speedups: That count, likewise; None where there is none.
        ratio: The second's over the first's; None where one is missing.
        better: Which of them is faster, by the interval; "unknown" where one is missing.
    """

    instance_id: str
    outcomes: tuple[str, str]
    speedups: tuple[float | None, float | None]
    ratio: Estimate | None
    better: Better


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What two evaluations come to beside each other.

    Attributes:
        names: Of the first and of the second.
        pairs: Instances that both have.
        only: How many instances the first alone has, and the second alone.
        ratio: Geometric mean of the second's speedup over the first's, over the pairs that have
            one, with its interval over instances and measurement.
        first_better: Pairs in which the first is faster by the interval.
        second_better: Likewise the second.
        p_sign: Chance that so uneven a count, or one more so, comes about between equals (the
            sign test, two-sided); None where no pair is decided.
        correct: Instances done as before in the first alone, and in the second alone.
        p_correct: Likewise of these two counts (McNemar's exact test).
    """

    names: tuple[str, str]
    pairs: tuple[Pair, ...]
    only: tuple[int, int]
    ratio: Aggregate
    first_better: int
    second_better: int
    p_sign: float | None
    correct: tuple[int, int]
    p_correct: float | None


def compare_evaluations(first: Evaluation, second: Evaluation) -> Compared:
    """Return two evaluations beside each other, paired by instance.

    Both speedups of a pair are over the same base, measured beside it, so their ratio owes nothing
    to the machine's speed on the day; the errors of the two are independent.

    Raises:
        UserError: They are of different benchmarks, or have no instance in common.
    """
    if first.request["suite"] != second.request["suite"]:
        raise UserError(
            f"{first.name} is of {first.request['suite']}, {second.name} of "
            f"{second.request['suite']}: compare evaluations of one benchmark"
        )
    common = [name for name in first.results if name in second.results]
    if not common:
        raise UserError(f"{first.name} and {second.name} have no instance in common")
    pairs = [_pair(first.results[name], second.results[name]) for name in common]
    known = [pair.ratio for pair in pairs if pair.ratio is not None]
    wins = [sum(pair.better == side for pair in pairs) for side in ("first", "second")]
    alone = _correct_alone([(first.results[n], second.results[n]) for n in common])
    return Compared(
        names=(first.name, second.name),
        pairs=tuple(pairs),
        only=(len(first.results) - len(common), len(second.results) - len(common)),
        ratio=aggregate(
            geometric_mean,
            [each.value for each in known],
            deviations=[deviation(each) for each in known],
        ),
        first_better=wins[0],
        second_better=wins[1],
        p_sign=_sign_test(*wins),
        correct=alone,
        p_correct=_sign_test(*alone),
    )


def _pair(one: InstanceResult, other: InstanceResult) -> Pair:
    speedups = (one.counted, other.counted)
    ratio = _over(one, other)
    better: Better = "unknown"
    if ratio is not None:
        better = "even"
        if ratio.ci_low > 1:
            better = "second"
        elif ratio.ci_high < 1:
            better = "first"
    return Pair(
        instance_id=one.instance_id,
        outcomes=(one.outcome, other.outcome),
        speedups=speedups,
        ratio=ratio,
        better=better,
    )


def _over(one: InstanceResult, other: InstanceResult) -> Estimate | None:
    if one.counted is None or other.counted is None:
        return None
    spread = math.hypot(*(deviation(_measured(each)) for each in (one, other)))
    value = other.counted / one.counted
    half = math.exp(HALF_WIDTH * spread)
    return Estimate(value=value, ci_low=value / half, ci_high=value * half)


def _measured(found: InstanceResult) -> Estimate | None:
    """Return the measurement behind the speedup that counts; None where it is a plain 1."""
    return found.speedup if found.is_correct and not found.masked else None


def _correct_alone(pairs: Sequence[tuple[InstanceResult, InstanceResult]]) -> tuple[int, int]:
    fair = [
        (one, other)
        for one, other in pairs
        if one.outcome not in NOT_THE_PATCH and other.outcome not in NOT_THE_PATCH
    ]
    first = sum(one.is_correct and not other.is_correct for one, other in fair)
    second = sum(other.is_correct and not one.is_correct for one, other in fair)
    return first, second


def _sign_test(one: int, other: int) -> float | None:
    from scipy.stats import binomtest

    if one + other == 0:
        return None
    return float(binomtest(one, one + other).pvalue)
