"""The verdict: what the gate decided about one candidate, at which stage, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["accepted", "rejected", "inconclusive", "infrastructure"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The gate's decision about a candidate.

    Attributes:
        candidate_id: Which candidate.
        outcome: "accepted"; "rejected" (wrong, out of scope, or not faster); "inconclusive" (this
            machine could not tell); "infrastructure" (never counted for or against it).
        stage: The gate stage that decided ("full suite" for an accepted one).
        reason: One sentence with the numbers that matter.
        speedup: Parent's time over candidate's time, or None when it was not measured.
        ci_low: Lower bound of the speedup's interval, or None.
        ci_high: Upper bound, or None.
        pairs: Pairs of launches behind the interval.
        samples: Name of the file in the run directory that holds them, or None.
        evidence: Lines that show it (failing tests, differences, findings), possibly empty.
        doubts: Reasons the numbers may be unsound.
        suite_passed: Tests passed in the last suite run of this candidate, or None.
    """

    candidate_id: str
    outcome: Outcome
    stage: str
    reason: str
    speedup: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    pairs: int = 0
    samples: str | None = None
    evidence: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    suite_passed: int | None = None
