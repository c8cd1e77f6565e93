"""Comparisons made of random numbers, decided pair by pair by the rule itself."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from perfagent.workloads.timing.decision import ComparisonPlan, Standing, decide

Noise = Callable[[np.random.Generator, int, int], np.ndarray]
"""Log times of so many comparisons (rows) of so many launches (columns, in order)."""

UNLUCKY = 1e-3
"""A bound that holds is passed by chance this often; seeds are fixed, so once or never."""


def normal(pair_noise: float) -> Noise:
    """Log ratios of a pair are normal with this standard deviation."""
    return lambda rng, runs, n: rng.normal(0, pair_noise / math.sqrt(2), (runs, n))


def skewed(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """Times have a long tail to the slow side."""
    return np.log1p(rng.lognormal(-3, 1.0, (runs, n)))


def spiky(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """One launch in ten takes up to several times as long."""
    spikes = (rng.random((runs, n)) < 0.1) * rng.exponential(0.5, (runs, n))
    return rng.normal(0, 0.01, (runs, n)) + spikes


def two_modes(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """A layout or a frequency comes in two kinds."""
    return rng.normal(0, 0.01, (runs, n)) + 0.15 * (rng.random((runs, n)) < 0.5)


def uneven(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """The noise itself comes and goes: from pair to pair it differs up to tenfold."""
    sizes = np.repeat(np.exp(rng.normal(-4, 1.0, (runs, (n + 1) // 2))), 2, axis=1)[:, :n]
    return rng.normal(0, 1, (runs, n)) * sizes


def drifting(rng: np.random.Generator, runs: int, n: int) -> np.ndarray:
    """The machine becomes slower by 0.2 % a launch and wanders besides."""
    walk = np.cumsum(rng.normal(0.002, 0.01, (runs, n)), axis=1)
    return walk + rng.normal(0, 0.01, (runs, n))


def draw(noise: Noise, gain: float, *, runs: int, pairs: int, seed: int = 20) -> np.ndarray:
    """Return log ratios, a comparison a row, in the orders of `compare`: A B, B A or the reverse.

    Args:
        noise: Of the launches.
        gain: The true log ratio.
        runs: Comparisons.
        pairs: Of each.
        seed: Of the random numbers.
    """
    rng = np.random.default_rng(seed)
    times = noise(rng, runs, 2 * pairs)
    differences = times[:, 0::2] - times[:, 1::2]
    first = np.repeat(rng.random((runs, (pairs + 1) // 2)) < 0.5, 2, axis=1)[:, :pairs]
    baseline_first = first ^ (np.arange(pairs) % 2 == 1)
    return gain + np.where(baseline_first, differences, -differences)


def follow(ratios: list[float], plan: ComparisonPlan) -> tuple[Standing, int]:
    """Decide after each look until something is decided; return that and the pairs it took."""
    for look in plan.looks:
        standing = decide(ratios[:look], plan)
        if standing.decision is not None:
            return standing, look
    raise AssertionError("the last look decided nothing")


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What became of simulated comparisons.

    Attributes:
        runs: How many there were.
        shares: The share of each decision.
        coverage: The share whose interval held the truth.
        pairs: Their mean number of pairs.
        most_pairs: The largest.
    """

    runs: int
    shares: dict[str, float]
    coverage: float
    pairs: float
    most_pairs: int

    def share(self, decision: str) -> float:
        """Return how often this was decided."""
        return self.shares.get(decision, 0.0)


def rates(
    noise: Noise, gain: float, plan: ComparisonPlan, *, runs: int = 3000, seed: int = 20
) -> Rates:
    """Simulate comparisons of a true log ratio `gain`."""
    decisions: Counter[str] = Counter()
    covered, taken = 0, []
    for row in draw(noise, gain, runs=runs, pairs=plan.max_pairs, seed=seed).tolist():
        standing, pairs = follow(row, plan)
        assert standing.decision is not None
        assert standing.ci_low is not None
        assert standing.ci_high is not None
        decisions[standing.decision] += 1
        covered += math.log(standing.ci_low) <= gain <= math.log(standing.ci_high)
        taken.append(pairs)
    shares = {name: count / runs for name, count in decisions.items()}
    return Rates(
        runs=runs,
        shares=shares,
        coverage=covered / runs,
        pairs=sum(taken) / runs,
        most_pairs=max(taken),
    )


def at_most(share: float, runs: int) -> float:
    """Return what share of `runs` a true one of `share` stays below but for UNLUCKY."""
    return float(binom.ppf(1 - UNLUCKY, runs, share)) / runs


def at_least(share: float, runs: int) -> float:
    """Return what share of `runs` a true one of `share` stays above but for UNLUCKY."""
    return float(binom.ppf(UNLUCKY, runs, share)) / runs
