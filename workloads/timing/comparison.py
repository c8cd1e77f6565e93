"""How two versions compare."""

from __future__ import annotations

from dataclasses import dataclass

from .decision import Decision
from .samples import Samples
from .timings import Timings


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions compared on the same workload, machine and session.

    Attributes:
        samples: Everything that was measured; `judge.judge` derives all the rest from it.
        speedup: Baseline / candidate of what is measured, above 1 for a better candidate; None when
            it was not measured well enough to say (fewer than five pairs).
        ci_low: Lower bound of the interval of the speedup, None when there is none.
        ci_high: Upper bound, likewise.
        decision: "faster": the speedup exceeds 1 + min_effect, wrong in `plan.error` of such cases
            at most. "not_faster": a gain of min_effect is excluded or a worthwhile one unlikely, or
            the gain is not a real one (`reason` says why). "inconclusive": neither can be said on
            this machine at this cost.
        reason: One sentence.
        doubts: Reasons why the numbers may be unsound, in words.
        warm_only: The gain exists only in repeated calls within one process.
    """

    samples: Samples
    speedup: float | None
    ci_low: float | None
    ci_high: float | None
    decision: Decision
    reason: str
    doubts: tuple[str, ...] = ()
    warm_only: bool = False

    @property
    def baseline(self) -> Timings:
        """The timings of the version compared against."""
        return self.samples.baseline

    @property
    def candidate(self) -> Timings:
        """The timings of the version on trial."""
        return self.samples.candidate

    @property
    def pairs(self) -> int:
        """How many pairs of launches it rests on."""
        return len(self.samples.baseline.values)

    @property
    def confidence(self) -> float:
        """The share of comparisons whose interval holds the truth."""
        return self.samples.plan.confidence

    @property
    def min_effect(self) -> float:
        """The smallest gain that was to be accepted, as a share."""
        return self.samples.plan.min_effect
