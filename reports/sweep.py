"""What a sweep over sizes and a guard test amount to, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..workloads.timing.growth import AtSize, Crossover, Exponent
from .wording import amount_text, change_text, one_line

_AT_SIZE = ("size", "baseline", "candidate", "speedup", "ci_low", "ci_high", "pairs", "regime")


@dataclass(frozen=True, kw_only=True)
class SizeSweep:
    """Base and patched version over sizes of input.

    Attributes:
        points: What was measured, the smallest size first.
        baseline: How the base grows with the size; None when too few sizes tell.
        candidate: How the patched version does.
        crossover: Below which size the patch is slower; None when it is below none.
        notes: Sizes that were left out, and why.
        metric: What was measured.
        confidence: Of the intervals.
    """

    points: tuple[AtSize, ...]
    baseline: Exponent | None
    candidate: Exponent | None
    crossover: Crossover | None
    notes: tuple[str, ...]
    metric: str
    confidence: float

    def rows(self) -> list[tuple[str, str, str, str]]:
        """Return size, base, patched and the speedup with its interval, a row a size."""
        return [
            (
                size_text(point.size),
                amount_text(point.baseline, self.metric),
                amount_text(point.candidate, self.metric),
                "too few pairs"
                if point.speedup is None
                else change_text(
                    point.speedup, point.ci_low, point.ci_high, self.confidence, self.metric
                ),
            )
            for point in self.points
        ]

    def sentences(self) -> list[str]:
        """Return how both versions grow, and where the patch is slower."""
        notes = (f"Not measured: {one_line(note)}." for note in self.notes)
        told = [self._growth(), self._crossing(), *notes]
        return [sentence for sentence in told if sentence]

    def _growth(self) -> str:
        if self.baseline is None or self.candidate is None:
            return ""
        grown = [
            f"size^{each.value:.2f} ({self.confidence:.0%} CI {each.low:.2f} to {each.high:.2f})"
            for each in (self.baseline, self.candidate)
        ]
        return f"The base grows as {grown[0]}, the patched version as {grown[1]}."

    def _crossing(self) -> str:
        slower = [point.size for point in self.points if point.is_slower]
        if not slower:
            return "The patch is slower at no measured size." if self.points else ""
        crossing = self.crossover
        if crossing is None:
            return f"The patch is slower at {', '.join(map(size_text, slower))}."
        if crossing.size is None or crossing.high is None:
            return f"The patch is slower up to size {size_text(crossing.low)}, and faster at none."
        return (
            f"The patch is slower below a size of about {size_text(crossing.size)} (surely at "
            f"{size_text(crossing.low)}, surely faster at {size_text(crossing.high)})."
        )


def size_text(size: float) -> str:
    """Return a size with the digits that mean something: `1,000`, `0.25`."""
    return f"{round(size):,}" if size >= 100 or float(size).is_integer() else f"{size:.3g}"


def read_sweep(part: Mapping[str, Any], metric: str, confidence: float) -> SizeSweep | None:
    """Return the sweep of a record; None when there is none.

    Args:
        part: What the record's `sweep` holds.
        metric: What the run measured.
        confidence: Of the run's intervals.
    """
    if not part:
        return None
    crossing = part.get("crossover")
    return SizeSweep(
        points=tuple(
            AtSize(**{name: point.get(name) for name in _AT_SIZE})
            for point in part.get("points") or ()
        ),
        baseline=_exponent(part.get("baseline_exponent")),
        candidate=_exponent(part.get("candidate_exponent")),
        crossover=Crossover(
            size=crossing.get("size"), low=crossing["low"], high=crossing.get("high")
        )
        if crossing
        else None,
        notes=tuple(map(str, part.get("notes") or ())),
        metric=metric,
        confidence=confidence,
    )


def _exponent(part: Mapping[str, Any] | None) -> Exponent | None:
    return Exponent(value=part["value"], low=part["low"], high=part["high"]) if part else None


def guard_text(part: Mapping[str, Any]) -> str:
    """Return what became of the guard test, in words; "" when none was asked for.

    Args:
        part: What the record's `guard` holds.
    """
    if not part:
        return ""
    if not part.get("file"):
        return f"none: {one_line(str(part.get('problem') or 'it was not made'))}"
    limits = part.get("limits") or ()
    checked = ", ".join(
        f"{limit['what']} of {limit['module']} ({limit['base']:,} -> {limit['patched']:,}, at most "
        f"{limit['allowed']:,})"
        for limit in limits[:3]
    )
    more = f" and {len(limits) - 3} more" if len(limits) > 3 else ""
    return (
        f"{part['file']} passed {part['passed']} times with the patch and failed {part['failed']} "
        f"times without it; it counts {checked}{more}"
    )
