"""How many samples and blocks SWE-fficiency's rule needs to err as rarely as ours."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from perfagent.workloads.timing.decision import WORTHWHILE, ComparisonPlan

REPEATS = (10, 15, 20, 30, 50, 100, 200)
BLOCKS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)


@dataclass(frozen=True, kw_only=True)
class Noise:
    """What blocks of samples of the same code tell of their noise, as shares of the mean.

    Attributes:
        effects: One factor a block, in the order of measurement: by how much the block as a whole
            is slow, without what its few samples scatter.
        residuals: One factor a sample: by how much it differs from its own block.
    """

    effects: tuple[float, ...]
    residuals: tuple[float, ...]

    @property
    def block_sd(self) -> float:
        """Standard deviation of the block effects."""
        return statistics.pstdev(self.effects)

    @property
    def sample_sd(self) -> float:
        """Standard deviation of the samples within a block."""
        return statistics.pstdev(self.residuals)


def noise_of_blocks(blocks: Sequence[Sequence[float]]) -> Noise:
    """Divide the variance of samples into that between blocks and that within (one-way ANOVA).

    Args:
        blocks: At least two blocks of at least two samples.
    """
    means = [statistics.fmean(block) for block in blocks]
    center = statistics.fmean(means)
    residuals = [
        sample / mean for block, mean in zip(blocks, means, strict=True) for sample in block
    ]
    count = statistics.fmean(map(len, blocks))
    # Residuals from the block's own mean scatter less than samples do.
    within = statistics.pvariance(residuals) * count / (count - 1)
    seen = statistics.variance([mean / center for mean in means])
    between = max(0.0, seen - within / count)
    shrink = math.sqrt(between / seen) if seen else 0.0
    widen = math.sqrt(count / (count - 1))
    return Noise(
        effects=tuple(1 + shrink * (mean / center - 1) for mean in means),
        residuals=tuple(1 + widen * (residual - 1) for residual in residuals),
    )


def ratios(
    noise: Noise, *, repeats: int, blocks: int, gain: float, runs: int, seed: int
) -> list[float]:
    """Return the ratio of the means, before over after, of so many resampled runs.

    A before block and its after block are neighbours in time, which favours the rule.

    Args:
        noise: What was measured.
        repeats: Samples a block.
        blocks: Pairs of a before and an after block; their means are averaged.
        gain: The true gain, as a share.
        runs: How many times.
        seed: Decides the draws.
    """
    import numpy

    rng = numpy.random.default_rng(seed)
    effects, residuals = numpy.asarray(noise.effects), numpy.asarray(noise.residuals)
    before, after = numpy.zeros(runs), numpy.zeros(runs)
    for _ in range(blocks):
        at = rng.integers(0, len(effects) - 1, runs)
        # The later of two neighbours is the after block as often as the earlier one: the machine
        # may as well have drifted the other way.
        swap = rng.integers(0, 2, runs)
        for total, place in ((before, at + swap), (after, at + 1 - swap)):
            drawn = residuals[rng.integers(0, len(residuals), (runs, repeats))]
            total += effects[place] * drawn.mean(axis=1)
    return (before * (1 + gain) / after).tolist()


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The cheapest layout with the error rates asked for.

    Attributes:
        repeats: Samples a block.
        blocks: Pairs of blocks.
        threshold: The rule says faster above it: chosen so that it errs as rarely as asked.
        power: Share of the gains to be found that it finds.
    """

    repeats: int
    blocks: int
    threshold: float
    power: float

    def seconds(self, sample_s: float, start_s: float, gain: float) -> float:
        """Return what it takes on a candidate of this gain."""
        samples_s = self.repeats * sample_s * (1 + 1 / (1 + gain))
        return self.blocks * (2 * start_s + samples_s)


def cheapest(
    noise: Noise,
    *,
    sample_s: float,
    start_s: float,
    plan: ComparisonPlan,
    runs: int,
    seed: int,
) -> Needed | None:
    """Return the cheapest layout of REPEATS and BLOCKS with our error rates; None when none has.

    The same rates for the same question: a gain of `min_effect` is called faster in `plan.error` of
    cases, and a worthwhile one is missed in `plan.miss`.

    Args:
        noise: What was measured.
        sample_s: Seconds a sample takes, its fork included.
        start_s: Seconds to start a block.
        plan: Ours, with the error rates.
        runs: Resampled runs for each layout.
        seed: Decides the draws.
    """
    import numpy

    layouts = itertools.product(REPEATS, BLOCKS)
    for repeats, blocks in sorted(
        layouts, key=lambda each: each[1] * (start_s + each[0] * sample_s)
    ):
        small, worthwhile = (
            ratios(noise, repeats=repeats, blocks=blocks, gain=gain, runs=runs, seed=seed)
            for gain in (plan.min_effect, WORTHWHILE * plan.min_effect)
        )
        threshold = float(numpy.quantile(small, 1 - plan.error))
        power = float(numpy.mean(numpy.asarray(worthwhile) > threshold))
        if power >= 1 - plan.miss:
            return Needed(repeats=repeats, blocks=blocks, threshold=threshold, power=power)
    return None
