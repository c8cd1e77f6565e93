"""The decision rule on simulated noise: error, power, coverage, and pairs against Wald's test."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from perfagent.workloads.timing.decision import WORTHWHILE, ComparisonPlan, decide, provable

from .resample import protocol, sequential

KINDS = ("normal", "skewed", "spiky", "drifting")
SIZES = (0.005, 0.01, 0.02, 0.05)
GAINS = (0.05, 0.10, 0.50)
PAIRS = (5, 8, 12, 20, 30)

_SHAPE = 0.8
_SPIKES = 0.1
_SPIKE_TIMES = 10
_MOST_SPRT_PAIRS = 5000

Record = dict[str, Any]


def noise(kind: str, size: float, rng: random.Random, count: int) -> list[float]:
    """Return log ratios of pairs of launches of identical code.

    Args:
        kind: "normal". "skewed": each time is lognormal beyond its least. "spiky": normal, but one
            launch in ten takes longer by ten times `size` on average. "drifting": normal, on top of
            a random walk from launch to launch, with the orders of a comparison.
        size: Standard deviation of a pair's log ratio, spikes and walk not counted.
        rng: Decides all.
        count: How many.
    """
    each = size / math.sqrt(2)
    if kind == "normal":
        return [rng.gauss(0, size) for _ in range(count)]
    if kind == "skewed":
        variance = math.exp(_SHAPE**2)
        unit = each / math.sqrt((variance - 1) * variance)
        return [
            unit * (rng.lognormvariate(0, _SHAPE) - rng.lognormvariate(0, _SHAPE))
            for _ in range(count)
        ]
    if kind == "spiky":
        return [_spiky(each, size, rng) - _spiky(each, size, rng) for _ in range(count)]
    if kind == "drifting":
        return list(_drifting(size, rng, count))
    raise ValueError(f"no noise is called {kind}")


def _spiky(each: float, size: float, rng: random.Random) -> float:
    spike = rng.expovariate(1 / (_SPIKE_TIMES * size)) if rng.random() < _SPIKES else 0.0
    return rng.gauss(0, each) + spike


def _drifting(size: float, rng: random.Random, count: int) -> Iterator[float]:
    """Yield what is left of a walk within a pair, beside noise: what is common to it cancels."""
    sign = 1
    for place in range(count):
        # As in a comparison: an order of chance, then its reverse.
        sign = -sign if place % 2 else rng.choice((-1, 1))
        yield rng.gauss(0, size) + sign * rng.gauss(0, size / 2)


def drawing(kind: str, size: float, rng: random.Random) -> Callable[[int], list[float]]:
    """Return a function that draws so many log ratios of noise."""
    return lambda count: noise(kind, size, rng, count)


def protocols(
    plan: ComparisonPlan, what: str, gains: Sequence[float], runs: int, seed: int
) -> Iterator[Record]:
    """Yield how often gains are called faster, and confirmed, on every kind and size of noise."""
    for kind, size, gain in itertools.product(KINDS, SIZES, gains):
        draw = drawing(kind, size, random.Random(f"{seed}/{what}/{kind}/{size}/{gain}"))
        ran = [protocol(draw, plan, math.log1p(gain)) for _ in range(runs)]
        yield {
            "what": what,
            "kind": kind,
            "size": size,
            "gain": gain,
            "runs": runs,
            "gate_accepts": sum(one.gate.decision == "faster" for one in ran),
            "confirmed": sum(one.accepted for one in ran),
            "mean_pairs": sum(one.pairs for one in ran) / runs,
        }


def coverages(plan: ComparisonPlan, runs: int, seed: int) -> Iterator[Record]:
    """Yield how often the interval of a fixed number of pairs holds the truth."""
    for kind in KINDS:
        for pairs in PAIRS:
            rng = random.Random(f"{seed}/{kind}/{pairs}")
            fixed = ComparisonPlan(min_effect=plan.min_effect, fixed=True, max_pairs=pairs)
            covered = 0
            for _ in range(runs):
                standing = decide(noise(kind, 0.02, rng, pairs), fixed, final=True)
                covered += (standing.ci_low or 0.0) <= 1 <= (standing.ci_high or math.inf)
            what = {"what": "coverage", "kind": kind, "pairs": pairs}
            yield what | {"runs": runs, "covered": covered}


def against_wald(plan: ComparisonPlan, runs: int, seed: int) -> Iterator[Record]:
    """Yield expected pairs beside those of Wald's test, which is told the size of normal noise.

    Its hypotheses are a gain of `min_effect` and the gain that the plan is laid out to find.
    """
    null = math.log1p(plan.min_effect)
    for size in SIZES:
        sought = min(math.log1p(WORTHWHILE * plan.min_effect), null + provable(size, plan))
        for truth, name in ((null, "the smallest gain"), (sought, "the gain sought")):
            rng = random.Random(f"{seed}/{size}/{name}")
            draw = drawing("normal", size, rng)
            ours = wald = 0
            for _ in range(runs):
                ratios = [each + truth for each in draw(plan.max_pairs)]
                ours += sequential(ratios, plan)[1]
                wald += sprt(null, sought, size, truth, plan, rng)
            yield {
                "what": "wald",
                "size": size,
                "truth": name,
                "sought": math.expm1(sought),
                "runs": runs,
                "ours": ours / runs,
                "wald": wald / runs,
                "formula": wald_formula(null, sought, size, plan)[name],
            }


def sprt(
    null: float,
    sought: float,
    size: float,
    truth: float,
    plan: ComparisonPlan,
    rng: random.Random,
) -> int:
    """Return after how many values Wald's sequential probability ratio test ends.

    Wald, "Sequential tests of statistical hypotheses", Annals of Mathematical Statistics 1945.
    """
    upper, lower = _thresholds(plan)
    slope, middle = (sought - null) / size**2, (sought + null) / 2
    total = 0.0
    for count in range(1, _MOST_SPRT_PAIRS):
        total += slope * (rng.gauss(truth, size) - middle)
        if not lower < total < upper:
            return count
    return _MOST_SPRT_PAIRS


def wald_formula(null: float, sought: float, size: float, plan: ComparisonPlan) -> dict[str, float]:
    """Return Wald's approximation of the expected number of values, by the truth.

    It leaves out by how much the last value oversteps the threshold, so it is below the real one.
    """
    upper, lower = _thresholds(plan)
    drift = (sought - null) ** 2 / (2 * size**2)
    at_null = plan.error * upper + (1 - plan.error) * lower
    at_sought = (1 - plan.miss) * upper + plan.miss * lower
    return {"the smallest gain": -at_null / drift, "the gain sought": at_sought / drift}


def _thresholds(plan: ComparisonPlan) -> tuple[float, float]:
    upper = math.log((1 - plan.miss) / plan.error)
    return upper, math.log(plan.miss / (1 - plan.error))
