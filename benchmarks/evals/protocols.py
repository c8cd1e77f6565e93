"""The paired protocol beside the official one: machine time, and how far each can be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import stats

from perfagent.evals.batch.records import read_evaluation
from perfagent.evals.running.outcome import Blocks, Estimate

from ..study.tables import table

RESAMPLES = 2_000
_HEADER = [
    *("run", "instance", "patches", "paired: s", "SR (95 % CI)"),
    *("official: s", "its expert: s", "SR (95 % CI of its samples alone)"),
    *("time", "width", "time at equal width"),
]
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Patches of one instance by both protocols.

    Attributes:
        run: The evaluation.
        instance_id: The instance.
        paired: SR of each patch in the paired session.
        paired_s: What that session took, base and expert in it.
        official: SR of the benchmark's samples, likewise.
        official_s: What the blocks of base and patch took, imports and setups in them.
        expert_s: What the expert's own run took: one serves all patches.
        bases: Logarithms of the means of the blocks of the base, each taken at another time.
    """

    run: str
    instance_id: str
    paired: tuple[Estimate, ...]
    paired_s: float
    official: tuple[Estimate, ...]
    official_s: float
    expert_s: float
    bases: tuple[float, ...]

    @property
    def time(self) -> float:
        """Time of the paired protocol over the official one's."""
        return self.paired_s / (self.official_s + self.expert_s)

    def width(self, drift: float) -> float:
        """Width of the paired intervals over the official ones', of logarithms: geometric mean.

        Args:
            drift: Least width that an official interval has, since blocks differ.
        """
        pairs = zip(self.paired, self.official, strict=True)
        ratios = [math.log(log_width(one) / max(drift, log_width(other))) for one, other in pairs]
        return math.exp(math.fsum(ratios) / len(ratios))

    def at_equal_width(self, drift: float) -> float:
        """`time`, if the official protocol is repeated until its intervals are as narrow.

        The width goes with the root of the number of samples, so the time with its square.
        """
        return self.time * self.width(drift) ** 2


@dataclass(frozen=True, kw_only=True)
class Drift:
    """By how much blocks of the same code differ, over all instances.

    Attributes:
        deviation: Standard deviation of the logarithm of a block's mean.
        freedom: Degrees of freedom that it rests on.
    """

    deviation: float
    freedom: int

    @property
    def width(self) -> float:
        """Width of the interval of a ratio of two ratios of blocks, of logarithms; 0 for none.

        Four blocks are in SR, so its variance is four times that of one.
        """
        if not self.freedom:
            return 0.0
        quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, self.freedom))
        return 2 * quantile * math.sqrt(4) * self.deviation


def drift_of(found: Sequence[Beside]) -> Drift:
    """Return how far the blocks of the base lie apart, pooled over instances."""
    squares, freedom = 0.0, 0
    for each in found:
        if len(each.bases) > 1:
            squares += float(np.var(each.bases, ddof=1)) * (len(each.bases) - 1)
            freedom += len(each.bases) - 1
    return Drift(deviation=math.sqrt(squares / freedom) if freedom else 0.0, freedom=freedom)


def protocols_table(folders: Sequence[Path]) -> str:
    """Return a line for each instance of which patches have both kinds of samples, as Markdown.

    Args:
        folders: Evaluations with `--protocol official`, of SWE-fficiency.
    """
    found = [each for folder in folders for each in beside(folder)]
    if not found:
        return "no instance has both kinds of samples\n"
    drift = drift_of(found)
    ratios = [_ratios(each, drift.width) for each in found]
    rows = [[*_row(each), *map(_two, own)] for each, own in zip(found, ratios, strict=True)]
    middle = np.median(np.asarray(ratios), axis=0)
    rows.append(["median", *[""] * 7, *map(_two, middle)])
    told = (
        f"\nBlocks of the same base differ by {100 * drift.deviation:.1f} % (standard deviation, "
        f"{drift.freedom} degrees of freedom), so that no official interval counts as narrower "
        f"than a factor of {math.exp(drift.width):.2f} from end to end.\n"
    )
    return table(_HEADER, rows) + (told if drift.freedom else "")


def beside(folder: Path) -> Iterator[Beside]:
    """Yield the instances of an evaluation whose patches were measured by both protocols."""
    run = read_evaluation(folder)
    for name, samples in run.samples.items():
        found = [
            (each, official, each.ratio, _spent(each.blocks))
            for each in samples
            if each.blocks and each.ratio and (official := official_ratio(each.blocks))
        ]
        if found:
            yield Beside(
                run=run.name,
                instance_id=name,
                paired=tuple(ratio for _, _, ratio, _ in found),
                paired_s=math.fsum(each.seconds["timing"] for each, *_ in found),
                official=tuple(official for _, official, _, _ in found),
                official_s=math.fsum(own for *_, (own, _) in found),
                expert_s=found[0][3][1],
                bases=tuple(_bases(each.blocks for each, *_ in found if each.blocks)),
            )


def _bases(blocks: Iterable[Blocks]) -> Iterator[float]:
    """Yield the logarithm of the mean of each block of the base; the expert's own is one."""
    sides = (side for each in blocks for side in (each.base_s, each.expert_base_s))
    for values in dict.fromkeys(tuple(each) for side in sides for each in side.values()):
        yield math.log(math.fsum(values) / len(values))


def _spent(blocks: Blocks) -> tuple[float, float]:
    """Return the seconds of the blocks of base and patch, and of the expert's own run.

    The expert's run is made with the first patch of an instance, whose seconds then hold both and
    are shared out as the samples are; the others' are their own, and the expert's in proportion.
    """
    own = _sum(blocks.base_s, blocks.candidate_s)
    theirs = _sum(blocks.expert_base_s, blocks.expert_s)
    both = blocks.seconds >= own + theirs
    each = blocks.seconds / (own + theirs if both else own)
    return own * each, theirs * each


def _sum(*sides: Mapping[str, Sequence[float]]) -> float:
    return math.fsum(value for side in sides for values in side.values() for value in values)


def _row(found: Beside) -> list[str]:
    return [
        *(found.run, found.instance_id, str(len(found.paired))),
        *(f"{found.paired_s:.0f}", "; ".join(map(_cell, found.paired))),
        *(f"{found.official_s:.0f}", f"{found.expert_s:.0f}"),
        "; ".join(map(_cell, found.official)),
    ]


def _ratios(found: Beside, drift: float) -> tuple[float, ...]:
    return found.time, found.width(drift), found.at_equal_width(drift)


def _two(value: float) -> str:
    return f"{value:.2f}"


def official_ratio(blocks: Blocks) -> Estimate | None:
    """Return SR of a benchmark's samples with the interval that they give by themselves.

    Each block is drawn again with replacement. What differs from block to block, the drift of the
    machine, is not in it (see `Drift`); so the interval is narrower than the number deserves.
    """
    sides = (blocks.base_s, blocks.candidate_s, blocks.expert_base_s, blocks.expert_s)
    values = [np.asarray(next(iter(side.values()), ()), dtype=np.float64) for side in sides]
    if not all(len(each) > 1 for each in values):
        return None
    base, patched, apart, expert = values
    value = (base.mean() / patched.mean()) / (apart.mean() / expert.mean())
    rng = np.random.default_rng(0)
    drawn = [
        each[rng.integers(len(each), size=(RESAMPLES, len(each)))].mean(axis=1) for each in values
    ]
    samples = (drawn[0] / drawn[1]) / (drawn[2] / drawn[3])
    low, high = np.quantile(samples, (0.025, 0.975))
    return Estimate(value=float(value), ci_low=float(low), ci_high=float(high))


def log_width(found: Estimate) -> float:
    """Return how wide a ratio's interval is, on the scale of logarithms."""
    return math.log(found.ci_high / found.ci_low)


def _cell(found: Estimate) -> str:
    return f"{found.value:.3f} ({found.ci_low:.3f}-{found.ci_high:.3f})"
