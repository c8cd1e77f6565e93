"""Which instances' experts are correct and faster on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..batch.records import Evaluation
from ..running.outcome import Estimate, InstanceResult

Word = Literal["reproduces", "no gain here", "undecided", "slower here", "wrong", "does not run"]

_WORDS: dict[str, Word] = {
    "faster": "reproduces",
    "no_gain": "no gain here",
    "inconclusive": "undecided",
    "slower": "slower here",
    "wrong_tests": "wrong",
    "wrong_answer": "wrong",
}


@dataclass(frozen=True, kw_only=True)
class Reproduced:
    """One instance's expert, here and as published.

    Attributes:
        instance_id: The instance.
        word: How it fares here.
        speedup: As measured here; None where it was not.
        published: As the benchmark's authors measured it; None where they do not say.
        reason: One sentence.
    """

    instance_id: str
    word: Word
    speedup: Estimate | None
    published: float | None
    reason: str


def reproduced(found: Evaluation) -> list[Reproduced]:
    """Return how each expert of an evaluation of kind "expert" fares here."""
    published = found.request.get("published", {})
    return [_one(each, published.get(each.instance_id)) for each in found.results.values()]


def _one(found: InstanceResult, published: float | None) -> Reproduced:
    return Reproduced(
        instance_id=found.instance_id,
        word=_WORDS.get(found.outcome, "does not run"),
        speedup=found.speedup,
        published=published,
        reason=found.reason,
    )
