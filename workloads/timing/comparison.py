"""How two versions compare: the plan, the rule that decides, and its result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .interval import FEWEST, level_at, locate
from .timings import Timings

Decision = Literal["faster", "not_faster", "inconclusive"]

RESOLUTION = 2e-4
"""The smallest standard error of a log ratio to believe: 0.02 %."""


@dataclass(frozen=True, kw_only=True)
class ComparisonPlan:
    """What is asked of a comparison, and what it may cost.

    Attributes:
        min_effect: The smallest gain worth accepting, as a share: 0.02 asks for a speedup above
            1.02.
        alpha: The overall two-sided error of the interval, all looks together (0-1).
        beta: How often a gain of exactly `min_effect` may be given up early (0-1).
        futility: Stop early when a gain of `min_effect` has become unlikely.
        looks: Numbers of pairs after which the data are looked at; the last one planned is always
            `max_pairs`, and those beyond it do not happen.
        max_pairs: The most pairs of launches.
        max_wall_s: Seconds after which no further pair is begun.
        warm_up: Launch each version once for nothing first; not needed where each has run before.
    """

    min_effect: float = 0.02
    alpha: float = 0.05
    beta: float = 0.1
    futility: bool = True
    looks: tuple[int, ...] = (5, 7, 10, 14, 20, 30)
    max_pairs: int = 30
    max_wall_s: float = 300.0
    warm_up: bool = True

    def __post_init__(self) -> None:
        if not (0 < self.alpha < 1 and 0 < self.beta < 1 and self.min_effect >= 0):
            raise ValueError("alpha and beta must lie between 0 and 1, min_effect at 0 or above")
        if self.max_pairs < FEWEST:
            raise ValueError(f"max_pairs must be {FEWEST} or more: fewer pairs decide nothing")
        if list(self.looks) != sorted(set(self.looks)) or min(self.looks) < FEWEST:
            raise ValueError(f"looks must increase from {FEWEST} or more")

    @property
    def planned_looks(self) -> tuple[int, ...]:
        """The looks that will happen, the last at `max_pairs`."""
        return (*(look for look in self.looks if look < self.max_pairs), self.max_pairs)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the pairs so far say.

    Attributes:
        decision: None when more pairs are to be taken; else as in Comparison.
        reason: One sentence with the numbers.
        speedup: Baseline time / candidate time; None for fewer than five pairs.
        ci_low: Lower bound of the interval; None between looks.
        ci_high: Upper bound, likewise.
    """

    decision: Decision | None
    reason: str
    speedup: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions compared on the same workload, machine and session.

    Attributes:
        baseline: The timings of the version compared against.
        candidate: The timings of the version on trial.
        speedup: Baseline time / candidate time, above 1 for a faster candidate; None when it was
            not measured well enough to say (fewer than five pairs).
        ci_low: Lower bound of the interval of the speedup, None when there is none.
        ci_high: Upper bound, likewise.
        confidence: 1 - alpha: the share of comparisons whose interval holds the truth, all looks
            and early stops accounted for.
        pairs: How many pairs of launches it rests on.
        min_effect: The smallest gain that was to be accepted, as a share.
        decision: "faster": the speedup exceeds 1 + min_effect, wrong in alpha / 2 of such cases at
            most. "not_faster": a gain of min_effect is excluded or (early) unlikely, or the gain is
            not a real one (`reason` says why). "inconclusive": neither can be said on this
            machine at this cost.
        reason: One sentence.
        doubts: Reasons why the numbers may be unsound, in words.
        warm_only: The gain exists only in repeated calls within one process.
    """

    baseline: Timings
    candidate: Timings
    speedup: float | None
    ci_low: float | None
    ci_high: float | None
    confidence: float
    pairs: int
    min_effect: float
    decision: Decision
    reason: str
    doubts: tuple[str, ...] = ()
    warm_only: bool = False


def decide(log_ratios: Sequence[float], plan: ComparisonPlan, *, final: bool = False) -> Standing:
    """Say what paired log ratios (log of baseline time / candidate time) amount to.

    At each look the interval is a repeated confidence interval: the trimmed-t interval of
    `locate`, at the level that the error spent there allows (`interval.level_at`). All of them
    together hold the truth in 1 - alpha of comparisons, so the one at the look where the
    comparison stops does too, whatever the reason for stopping (Jennison & Turnbull 2000,
    chapter 9). "faster" is said when its lower bound exceeds 1 + min_effect.

    The futility rule is apart from it and not binding: it never makes a false "faster" likelier.
    It gives up when the upper bound of a one-sided interval, whose own error `beta` is spent in
    the same way, is below 1 + min_effect.

    Args:
        log_ratios: One value a pair, in the order of measurement.
        plan: The looks and errors.
        final: No more pairs will follow (time is up), for a reason that has nothing to do with
            how they stand.
    """
    count = len(log_ratios)
    location = locate(log_ratios, resolution=RESOLUTION)
    if location is None:
        needed = f"{count} of the {FEWEST} pairs that the fewest decision needs"
        return Standing(decision="inconclusive" if final else None, reason=needed)
    planned = plan.planned_looks
    if not (final or count in planned or count >= plan.max_pairs):
        return Standing(
            decision=None,
            reason=f"{count} pairs so far",
            speedup=math.exp(location.center),
        )
    looks = [*(look for look in planned if look < count), count]
    last = final or count >= plan.max_pairs
    half = location.half_width(level_at(plan.alpha, looks, plan.max_pairs, final=last))
    low, high = location.center - half, location.center + half
    margin = math.log1p(plan.min_effect)
    decision, reason = _judge(low, high, margin, plan)
    if decision is None and plan.futility:
        level = level_at(min(1.0, 2 * plan.beta), looks, plan.max_pairs, final=last)
        if location.center + location.half_width(level) < margin:
            decision = "not_faster"
            reason = f"a gain of {plan.min_effect:.1%} or more is unlikely (error {plan.beta:.0%})"
    if decision is None and last:
        decision = "inconclusive"
        reason = (
            f"{count} pairs leave the speedup between {math.exp(low):.3f} and "
            f"{math.exp(high):.3f}; {1 + plan.min_effect:g} lies within"
        )
    return Standing(
        decision=decision,
        reason=reason,
        speedup=math.exp(location.center),
        ci_low=math.exp(low),
        ci_high=math.exp(high),
    )


def _judge(
    low: float, high: float, margin: float, plan: ComparisonPlan
) -> tuple[Decision | None, str]:
    if low > margin:
        return "faster", f"the lower bound {math.exp(low):.3f} exceeds {1 + plan.min_effect:g}"
    if high < 0:
        return "not_faster", f"slower: the upper bound is {math.exp(high):.3f}"
    if high < margin:
        return (
            "not_faster",
            f"the upper bound {math.exp(high):.3f} is below {1 + plan.min_effect:g}",
        )
    return None, "not decided yet"
