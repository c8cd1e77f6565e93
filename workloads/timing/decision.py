"""What is asked of a comparison, and the rule that decides it pair by pair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .boundary import MOST_PAIRS, looks_until, nominal_level
from .interval import FEWEST, Location, factor, freedom_of, locate, t_quantile

Decision = Literal["faster", "not_faster", "inconclusive"]

RESOLUTION = 2e-4
"""The smallest standard error of a log ratio to believe: 0.02 %."""

WORTHWHILE = 2.5
"""A gain of so many times the smallest acceptable one is what a comparison is laid out to find."""


@dataclass(frozen=True, kw_only=True)
class ComparisonPlan:
    """What is asked of a comparison, and what it may cost.

    Attributes:
        min_effect: The smallest gain worth accepting, as a share: 0.02 asks for a speedup above
            1.02.
        error: How often a version that gains no more than `min_effect` is called "faster" at most,
            all looks together (0-0.2).
        miss: How often one that gains WORTHWHILE times `min_effect` is given up early at most
            (0-0.2); likewise a smaller gain that the pairs planned could prove.
        confidence: Of the interval that is reported (0-1).
        fixed: Take exactly `max_pairs` and look once, at the end. The interval then has exactly its
            confidence; one after looks has more, as it pays for each of them. It confirms what a
            gate has found within `error`, so what decides is that interval: a stricter test would
            refuse more true gains, and make the reports of small ones that pass too high.
        max_pairs: The most pairs of launches, disturbed ones that are repeated not counted.
        max_wall_s: Seconds after which no further pair is begun.
        warm_up: Launch each version once for nothing first; not needed where each has run before.
        allow_memory: The candidate's peak memory may be at most so many times the baseline's.
        allow_import: Likewise its import time.
    """

    min_effect: float = 0.02
    error: float = 0.01
    miss: float = 0.05
    confidence: float = 0.95
    fixed: bool = False
    max_pairs: int = 30
    max_wall_s: float = 300.0
    warm_up: bool = True
    allow_memory: float = 1.2
    allow_import: float = 1.2

    def __post_init__(self) -> None:
        if not (0 < self.error <= 0.2 and 0 < self.miss <= 0.2 and 0.8 <= self.confidence < 1):
            raise ValueError("error and miss must lie in 0-0.2, confidence in 0.8-1")
        if self.min_effect < 0:
            raise ValueError("min_effect must be 0 or above")
        if not FEWEST <= self.max_pairs <= MOST_PAIRS:
            raise ValueError(
                f"max_pairs must be {FEWEST} to {MOST_PAIRS}: fewer pairs decide nothing"
            )

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of pairs at which the data are looked at."""
        return (self.max_pairs,) if self.fixed else looks_until(self.max_pairs)

    @property
    def strictness(self) -> float:
        """Error of the bound that a gain has to clear: `error`; when fixed, the interval's own."""
        return (1 - self.confidence) / 2 if self.fixed else self.error

    def level(self, overall: float) -> float:
        """Return the one-sided level of each look that adds up to `overall`."""
        return overall if self.fixed else nominal_level(overall, self.max_pairs)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the pairs so far say.

    Attributes:
        decision: None when more pairs are to be taken; else as in Comparison.
        reason: One sentence with the numbers.
        speedup: Baseline time / candidate time; None for fewer than five pairs.
        ci_low: Lower bound of the interval; None for fewer than five pairs.
        ci_high: Upper bound, likewise.
    """

    decision: Decision | None
    reason: str
    speedup: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None


def decide(log_ratios: Sequence[float], plan: ComparisonPlan, *, final: bool = False) -> Standing:
    """Say what paired log ratios (log of baseline / candidate) amount to.

    Two one-sided tests run side by side, each at the constant level that `boundary` gives for all
    looks together. "faster" is said when the gain exceeds `min_effect` at the level for
    `plan.error`; "not_faster" when it is below `min_effect` likewise, or when, at the level for
    `plan.miss`, a gain is unlikely that is worthwhile or (if that is less) could be proven with the
    pairs planned. The second never makes a false "faster" likelier. The interval is the
    repeated confidence interval of Jennison & Turnbull ("Group Sequential Methods with Applications
    to Clinical Trials", 2000, chapter 9): it holds the truth in `plan.confidence` of comparisons at
    least, whenever they stop.

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
    half = location.half_width(2 * plan.level((1 - plan.confidence) / 2))
    low, high = location.center - half, location.center + half
    last = final or count >= plan.max_pairs
    decision, reason = None, f"{count} pairs so far"
    if last or count in plan.looks:
        decision, reason = _judge(location, count, plan)
    if decision is None and last:
        decision = "inconclusive"
        reason = (
            f"{count} pairs leave the speedup between {factor(low):.3f} and {factor(high):.3f},"
            f" too wide to tell it from {1 + plan.min_effect:g}"
        )
    return Standing(
        decision=decision,
        reason=reason,
        speedup=factor(location.center),
        ci_low=factor(low),
        ci_high=factor(high),
    )


def _judge(location: Location, count: int, plan: ComparisonPlan) -> tuple[Decision | None, str]:
    margin, least = math.log1p(plan.min_effect), 1 + plan.min_effect
    strict, error = _bound(location, plan.level(plan.strictness)), f"error {plan.strictness:.1%}"
    high = location.center + strict
    if location.center - strict > margin:
        low = factor(location.center - strict)
        return "faster", f"the gain exceeds {least:g}: at least {low:.3f} ({error})"
    if high < 0:
        return "not_faster", f"slower: {factor(high):.3f} at most ({error})"
    if high < margin:
        most = f"{factor(high):.3f} at most ({error})"
        return "not_faster", f"the gain is below {least:g}: {most}"
    sought = math.log1p(WORTHWHILE * plan.min_effect)
    if not plan.fixed:
        sought = min(sought, margin + provable(noise_of(location, count), plan))
    if location.center + _bound(location, plan.level(plan.miss)) < sought:
        gain = math.expm1(sought)
        return "not_faster", f"a gain of {gain:.1%} or more is unlikely (error {plan.miss:.0%})"
    return None, "not decided yet"


def provable(noise: float, plan: ComparisonPlan, pairs: int | None = None) -> float:
    """Return by how much a gain must exceed `min_effect` to be proven, as a log ratio.

    It is the effect that a test of so many pairs, at the levels of the plan, misses in `plan.miss`
    of cases: (t of error + t of miss) * noise / sqrt(pairs).

    Args:
        noise: Standard deviation of the log ratio of one pair.
        plan: The errors and looks.
        pairs: How many; None for all that are planned.
    """
    pairs = pairs or plan.max_pairs
    levels, freedom = (plan.level(plan.strictness), plan.level(plan.miss)), freedom_of(pairs)
    quantiles = (t_quantile(freedom, 1 - level) for level in levels)
    return sum(quantiles) * noise / math.sqrt(pairs)


def provable_gain(location: Location, count: int, plan: ComparisonPlan, pairs: int) -> float:
    """Return the smallest gain, as a share, that pairs with this noise can prove.

    Args:
        location: Where the log ratios of pairs lie.
        count: How many pairs it rests on.
        plan: The errors and looks, and the gain that is to be exceeded.
        pairs: How many pairs are to prove it.
    """
    to_prove = provable(noise_of(location, count), plan, pairs)
    return math.expm1(math.log1p(plan.min_effect) + to_prove)


def noise_of(location: Location, count: int) -> float:
    """Return the standard deviation of one pair's log ratio, as its location over `count` tells."""
    return location.standard_error * math.sqrt(count)


def _bound(location: Location, level: float) -> float:
    """Return how far from the center the one-sided bound of this level lies."""
    return t_quantile(location.freedom, 1 - level) * location.standard_error
