"""Elites: versions that were proven faster, held by the lower bound of what they gain on the base.

The gate compares a candidate with its parent, so a version's gain on the base is the product along
its lineage. The logs of the factors come from different launches; their distances to the lower
bounds are added as squares.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..memory import ledger
from ..memory.ledger import Entry
from ..runs.run import Run

_FILES_NAMED = 2


@dataclass(frozen=True, kw_only=True)
class Elite:
    """A version that candidates may start from.

    Attributes:
        candidate_id: Which; None for the base.
        log_gain: Log of its speedup over the base.
        low: Lower bound of that: what it is held by.
        files: What its patch touches.
        kind: What kind of change its last one is (`kinds.py`); empty for the base.
        round: The round that proposed it; 0 for the base.
    """

    candidate_id: str | None
    log_gain: float
    low: float
    files: tuple[str, ...] = ()
    kind: str = ""
    round: int = 0

    @property
    def cell(self) -> str:
        """Where it stands in the archive: the files it touches, and the kind of its change."""
        named = "+".join(self.files[:_FILES_NAMED])
        more = len(self.files) - _FILES_NAMED
        return f"{named}{f'+{more} more' if more > 0 else ''} {self.kind}".strip()


BASE = Elite(candidate_id=None, log_gain=0.0, low=0.0)


def elites(run: Run) -> list[Elite]:
    """Return the base and every accepted candidate of the run, the surest gain first."""
    known = {entry.candidate.candidate_id: entry for entry in ledger.entries(run)}
    accepted = [
        _elite(entry, known) for entry in known.values() if entry.verdict.outcome == "accepted"
    ]
    return ranked([BASE, *(each for each in accepted if each is not None)])


def ranked(found: Iterable[Elite]) -> list[Elite]:
    """Return them by the lower bound, equal ones in an order that is always the same."""
    return sorted(found, key=lambda each: (-each.low, each.candidate_id or ""))


def elite_of(run: Run, candidate_id: str | None) -> Elite:
    """Return one version of `elites`; the base for one that is not among them."""
    return next((each for each in elites(run) if each.candidate_id == candidate_id), BASE)


def speedup_of(run: Run, candidate_id: str | None) -> float:
    """Return base over version by the product of the accepted gains; for planning alone."""
    return math.exp(elite_of(run, candidate_id).log_gain)


def _elite(entry: Entry, known: Mapping[str, Entry]) -> Elite | None:
    """Return the version, None when a gain of its lineage was not measured."""
    log_gain = spread = 0.0
    at: str | None = entry.candidate.candidate_id
    while at is not None:
        step = known.get(at)
        if step is None or not step.verdict.speedup or not step.verdict.ci_low:
            return None
        log_gain += math.log(step.verdict.speedup)
        spread += math.log(step.verdict.speedup / step.verdict.ci_low) ** 2
        at = step.candidate.parent_id
    return Elite(
        candidate_id=entry.candidate.candidate_id,
        log_gain=log_gain,
        low=log_gain - math.sqrt(spread),
        files=entry.candidate.patch.files,
        kind=entry.candidate.kind,
        round=entry.candidate.round,
    )


def archive(found: Sequence[Elite]) -> dict[str, Elite]:
    """Return the elite of each cell: the one with the highest lower bound.

    This is the archive of MAP-Elites (Mouret and Clune, "Illuminating search spaces by mapping
    elites", 2015), with a lower confidence bound in place of one measurement, so that a newcomer
    takes a cell only when it is surely worth more.
    """
    cells: dict[str, Elite] = {}
    for elite in ranked(found):
        cells.setdefault(elite.cell, elite)
    return cells
