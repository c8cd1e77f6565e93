"""How many samples and blocks SWE-fficiency's rule needs to err as rarely as ours."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

REPEATS = (10, 15, 20, 30, 50, 100, 200)
BLOCKS = (1, 2, 3, 4, 6, 8, 12, 16)
GAIN_TO_FIND = 0.10
SHARE_TO_FIND = 0.90


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


def accepted_share(
    noise: Noise, *, repeats: int, blocks: int, gain: float, margin: float, runs: int, seed: int
) -> float:
    """Return how often the ratio of the means exceeds the margin, by resampling.

    A before block and its after block are neighbours in time, which favours the rule.

    Args:
        noise: What was measured.
        repeats: Samples a block.
        blocks: Pairs of a before and an after block; their means are averaged.
        gain: The true gain, as a share.
        margin: The rule says faster above it.
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
    return float(numpy.mean(before * (1 + gain) / after > margin))


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The cheapest layout that errs rarely enough and finds the gain.

    Attributes:
        repeats: Samples a block.
        blocks: Pairs of blocks.
        error: Share of identical code that it calls faster.
        power: Share of GAIN_TO_FIND that it finds.
    """

    repeats: int
    blocks: int
    error: float
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
    error: float,
    margin: float,
    runs: int,
    seed: int,
) -> Needed | None:
    """Return the cheapest layout of REPEATS and BLOCKS that does it; None when none does.

    Args:
        noise: What was measured.
        sample_s: Seconds a sample takes, its fork included.
        start_s: Seconds to start a block.
        error: How often it may call identical code faster.
        margin: The rule says faster above it.
        runs: Resampled runs for each layout.
        seed: Decides the draws.
    """
    layouts = itertools.product(REPEATS, BLOCKS)
    for repeats, blocks in sorted(
        layouts, key=lambda each: each[1] * (start_s + each[0] * sample_s)
    ):
        wrong, right = (
            accepted_share(
                noise,
                repeats=repeats,
                blocks=blocks,
                gain=gain,
                margin=margin,
                runs=runs,
                seed=seed,
            )
            for gain in (0.0, GAIN_TO_FIND)
        )
        if wrong <= error and right >= SHARE_TO_FIND:
            return Needed(repeats=repeats, blocks=blocks, error=wrong, power=right)
    return None
