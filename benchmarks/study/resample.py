"""The protocol on resampled noise: what was measured, drawn again in runs of consecutive pairs."""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from perfagent.workloads.timing.comparison import Comparison
from perfagent.workloads.timing.confirm import confirmation_plan
from perfagent.workloads.timing.decision import ComparisonPlan, Standing, decide

BLOCK = 5
"""So many consecutive pairs stay together, and with them whatever drifts: never fewer pairs than
a comparison has."""

Draw = Callable[[int], list[float]]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run of the protocol on drawn pairs.

    Attributes:
        gate: Where the sequential comparison ended.
        pairs: How many pairs it took.
        confirmation: Of fresh pairs; None when the gate did not accept.
    """

    gate: Standing
    pairs: int
    confirmation: Standing | None

    @property
    def accepted(self) -> bool:
        """Whether the candidate would be reported as faster."""
        return self.confirmation is not None and self.confirmation.decision == "faster"


class Pool:
    """Measured log ratios, comparison by comparison.

    Every pair is as likely to begin a drawn run as any other, so the mean of what is drawn is the
    mean of all pairs, whenever each comparison stopped.

    Args:
        sequences: The log ratios of each comparison, less the truth; not all empty.
    """

    def __init__(self, sequences: Sequence[Sequence[float]]) -> None:
        self.sequences = [list(each) for each in sequences if each]
        self._ends = list(itertools.accumulate(map(len, self.sequences)))
        if not self._ends:
            raise ValueError("nothing was measured that could be drawn from")

    @property
    def size(self) -> int:
        """How many pairs there are."""
        return self._ends[-1]

    def draw(self, rng: random.Random, count: int) -> list[float]:
        """Return `count` log ratios, in runs of BLOCK from one comparison each."""
        drawn: list[float] = []
        while len(drawn) < count:
            at = rng.randrange(self.size)
            place = bisect.bisect_right(self._ends, at)
            sequence = self.sequences[place]
            start = at - (self._ends[place] - len(sequence))
            whole = itertools.islice(itertools.cycle(sequence), start, start + BLOCK)
            drawn += itertools.islice(whole, min(BLOCK, len(sequence)))
        return drawn[:count]


def protocol(draw: Draw, plan: ComparisonPlan, shift: float = 0.0) -> Ran:
    """Run comparison and confirmation on drawn noise.

    Args:
        draw: Gives so many log ratios of noise.
        plan: The gate's plan.
        shift: The true log ratio.
    """
    ratios = [noise + shift for noise in draw(plan.max_pairs)]
    gate, pairs = sequential(ratios, plan)
    if gate.decision != "faster":
        return Ran(gate=gate, pairs=pairs, confirmation=None)
    seen = SimpleNamespace(samples=SimpleNamespace(log_ratios=ratios[:pairs]), pairs=pairs)
    again = confirmation_plan(plan, [cast(Comparison, seen)])
    fresh = [noise + shift for noise in draw(again.max_pairs)]
    return Ran(gate=gate, pairs=pairs, confirmation=decide(fresh, again, final=True))


def sequential(ratios: Sequence[float], plan: ComparisonPlan) -> tuple[Standing, int]:
    """Return where a comparison of these log ratios ends, and after how many of them."""
    for look in plan.looks:
        standing = decide(ratios[:look], plan)
        if standing.decision is not None:
            return standing, look
    raise ValueError(f"{len(ratios)} log ratios are fewer than the plan's {plan.max_pairs}")


def best_of(pool: Pool, plan: ComparisonPlan, *, groups: int, size: int, seed: int) -> Any:
    """Return how often identical code passes: of single candidates, and of groups of `size`."""
    rng = random.Random(seed)
    gate, both, any_of_group = 0, 0, 0
    for _ in range(groups):
        ran = [protocol(lambda count: pool.draw(rng, count), plan) for _ in range(size)]
        gate += sum(one.gate.decision == "faster" for one in ran)
        both += sum(one.accepted for one in ran)
        any_of_group += any(one.accepted for one in ran)
    return {
        "pairs_in_pool": pool.size,
        "candidates": groups * size,
        "gate_accepts": gate,
        "confirmed": both,
        "groups": groups,
        "groups_with_one": any_of_group,
    }


def power(pool: Pool, plan: ComparisonPlan, gain: float, *, runs: int, seed: int) -> Any:
    """Return how often a gain passes, its mean report against the truth, and the coverage."""
    rng = random.Random(seed)
    truth = math.log1p(gain)
    gate, both, covered, confirmations, pairs, reported = 0, 0, 0, 0, 0, 0.0
    for _ in range(runs):
        ran = protocol(lambda count: pool.draw(rng, count), plan, truth)
        pairs += ran.pairs
        gate += ran.gate.decision == "faster"
        again = ran.confirmation
        if again is None or again.ci_low is None or again.ci_high is None:
            continue
        confirmations += 1
        covered += again.ci_low <= 1 + gain <= again.ci_high
        if ran.accepted:
            both += 1
            reported += (again.speedup or 1.0) - 1
    return {
        "gain": gain,
        "pairs_in_pool": pool.size,
        "runs": runs,
        "gate_accepts": gate,
        "confirmed": both,
        "confirmations": confirmations,
        "covered": covered,
        "mean_pairs": pairs / runs,
        "mean_reported_gain": reported / both if both else None,
    }


def coverage(pool: Pool, plan: ComparisonPlan, pairs: int, *, runs: int, seed: int) -> Any:
    """Return how often the interval of a fixed number of drawn pairs holds the truth."""
    rng = random.Random(seed)
    fixed = ComparisonPlan(min_effect=plan.min_effect, fixed=True, max_pairs=pairs)
    covered = 0
    for _ in range(runs):
        standing = decide(pool.draw(rng, pairs), fixed, final=True)
        if standing.ci_low is not None and standing.ci_high is not None:
            covered += standing.ci_low <= 1 <= standing.ci_high
    return {"pairs": pairs, "pairs_in_pool": pool.size, "runs": runs, "covered": covered}
