"""The paired protocol beside the official one: machine time, and how far each can be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from perfagent.evals.batch.records import read_evaluation
from perfagent.evals.running.outcome import Blocks, Estimate

from ..study.tables import table

RESAMPLES = 2_000
_HEADER = [
    *("run", "instance", "paired: s", "SR (95 % CI)"),
    *("official: s", "its expert: s", "SR (95 % CI)"),
    *("time for one", "time for many", "width"),
]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """One patch by both protocols.

    Attributes:
        run: The evaluation.
        instance_id: The instance.
        paired: SR of the paired session.
        paired_s: What that session took, the expert in it.
        official: SR of the benchmark's samples.
        official_s: What its samples of base and patch took.
        expert_s: What the expert's own run took, which one run serves all patches of an instance.
    """

    run: str
    instance_id: str
    paired: Estimate
    paired_s: float
    official: Estimate
    official_s: float
    expert_s: float

    @property
    def for_one(self) -> float:
        """Time of the paired protocol over the official one's for one patch."""
        return self.paired_s / (self.official_s + self.expert_s)

    @property
    def for_many(self) -> float:
        """Likewise for so many patches that the expert's run does not count."""
        return self.paired_s / self.official_s

    @property
    def width(self) -> float:
        """Width of the paired interval over the official one's, of logarithms."""
        return log_width(self.paired) / log_width(self.official)


def protocols_table(folders: Sequence[Path]) -> str:
    """Return a line for each instance that has both kinds of samples, as Markdown.

    Args:
        folders: Evaluations with `--protocol official`, of SWE-fficiency.
    """
    found = [each for folder in folders for each in beside(folder)]
    if not found:
        return "no instance has both kinds of samples\n"
    rows = [_row(each) for each in found]
    middle = (
        float(np.median([getattr(each, name) for each in found]))
        for name in ("for_one", "for_many", "width")
    )
    rows.append(["median", *[""] * 6, *(f"{value:.2f}" for value in middle)])
    return table(_HEADER, rows)


def beside(folder: Path) -> Iterator[Beside]:
    """Yield the patches of an evaluation that were measured by both protocols."""
    found = read_evaluation(folder)
    for each in found.results.values():
        official = official_ratio(each.blocks) if each.blocks else None
        if official is None or each.ratio is None or each.blocks is None:
            continue
        blocks = each.blocks
        yield Beside(
            run=found.name,
            instance_id=each.instance_id,
            paired=each.ratio,
            paired_s=each.seconds["timing"],
            official=official,
            official_s=_sum(blocks.base_s, blocks.candidate_s),
            expert_s=_sum(blocks.expert_base_s, blocks.expert_s),
        )


def _sum(*sides: Mapping[str, Sequence[float]]) -> float:
    return math.fsum(value for side in sides for values in side.values() for value in values)


def _row(found: Beside) -> list[str]:
    return [
        *(found.run, found.instance_id, f"{found.paired_s:.0f}", _cell(found.paired)),
        *(f"{found.official_s:.0f}", f"{found.expert_s:.0f}", _cell(found.official)),
        *(f"{value:.2f}" for value in (found.for_one, found.for_many, found.width)),
    ]


def official_ratio(blocks: Blocks) -> Estimate | None:
    """Return SR of a benchmark's samples with the interval that they give by themselves.

    Each block is drawn again with replacement. What differs from block to block, the drift of the
    machine, is not in it; so the interval is narrower than the number deserves.
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
