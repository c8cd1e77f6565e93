"""Everything that a comparison measured, and what it was asked: the evidence of its verdict."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Literal

from .calibration import Calibration
from .decision import ComparisonPlan
from .noise import changed_speed, is_disturbed
from .timings import Timings

Ended = Literal["decided", "pairs", "time"]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The samples of two versions measured side by side.

    Attributes:
        plan: What was asked.
        calibration: How the workload was timed.
        baseline: The version compared against, one value a pair.
        candidate: The version on trial, likewise.
        baseline_first: For each pair, whether the baseline ran before the other version.
        ended: Why no more pairs were taken: the data had decided, the pairs planned were in, or
            time was up.
        repeated: How many pairs were set aside and taken again because something else had had the
            core. Their values took no part.
        load: Processes that wanted to run on average over the last minute; None when unknown.
        cores: The machine's cores.
        notes: Doubts that do not follow from the numbers.
    """

    plan: ComparisonPlan
    calibration: Calibration
    baseline: Timings
    candidate: Timings
    baseline_first: tuple[bool, ...]
    ended: Ended
    repeated: int = 0
    load: float | None = None
    cores: int = 1
    notes: tuple[str, ...] = ()

    @property
    def log_ratios(self) -> list[float]:
        """The log of baseline / candidate, pair by pair."""
        pairs = zip(self.baseline.values, self.candidate.values, strict=True)
        return [math.log(value) - math.log(other) for value, other in pairs]

    @property
    def disturbed(self) -> int:
        """How many of the pairs were disturbed and kept, since repeating had not helped."""
        base, other, count = self.baseline, self.candidate, len(self.baseline_first)
        shares = zip(base.disturbed_share, other.disturbed_share, strict=True)
        probes = zip(base.probes_s or [()] * count, other.probes_s or [()] * count, strict=True)
        return sum(
            is_disturbed(max(pair), self.plan.min_effect)
            or changed_speed(itertools.chain(*probed), base.metric)
            for pair, probed in zip(shares, probes, strict=True)
        )
