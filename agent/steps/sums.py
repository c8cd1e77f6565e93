"""Sums: near misses of earlier rounds, put together on the tip and proposed once more."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ...errors import ToolError
from ...repos.patch import combine
from ..memory import ledger
from ..memory.ledger import SPEED_STAGES, Entry
from ..proposers.pairs import PAIR, NearMiss, hypothesis_of, log_gain_now, planned_sums
from ..proposers.proposal import Proposal
from ..runs.run import Run
from .minimize import hunk_key
from .tip import lineage, load_candidate, patched_texts


def untried_sums(run: Run, round_number: int, tip: str | None) -> list[list[NearMiss]]:
    """Return the near misses of earlier rounds that may pass together and were not tried so.

    Args:
        run: The run.
        round_number: The round that they would be proposed in; what it tried itself, in an
            attempt that was killed, does not count.
        tip: The version they would be put on: a candidate's id, or None for the base.
    """
    near = [_near_miss(run, each, tip) for each in _missed(run, round_number, tip)]
    margin = math.log1p(run.settings.min_effect)
    return planned_sums(near, least_log_gain=margin, tried=_tried(run, round_number))


def propose_sums(run: Run, round_number: int, tip: str | None) -> list[Proposal]:
    """Return a proposal for each sum whose members do not conflict."""
    sums = untried_sums(run, round_number, tip)
    made = [each for each in (_proposal(run, tip, members) for members in sums) if each]
    run.keep(_sums_file(round_number), [[each.candidate_id for each in row] for row in sums])
    return made


def _missed(run: Run, round_number: int, tip: str | None) -> Iterator[Entry]:
    """Yield the candidates that were right, seemed to gain, and are not in the tip."""
    stack = lineage(run, tip)
    parents = {None, *(each.candidate_id for each in stack)}
    inside = {hunk_key(hunk) for hunk in stack[-1].patch.hunks()} if stack else set[str]()
    for entry in ledger.entries(run):
        candidate = entry.candidate
        is_single = candidate.fingerprint and candidate.origin != PAIR
        if not is_single or candidate.round >= round_number or candidate.parent_id not in parents:
            continue
        hunks = {hunk_key(hunk) for hunk in candidate.patch.hunks()}
        if _nearly_passed(run, entry) and not hunks <= inside:
            yield entry


def _nearly_passed(run: Run, entry: Entry) -> bool:
    """Return whether a candidate was refused for its gain alone, which is not far from enough."""
    verdict, least = entry.verdict, run.settings.min_effect
    if verdict.stage not in SPEED_STAGES or verdict.outcome == "infrastructure":
        return False
    if verdict.speedup is None or verdict.ci_high is None or verdict.speedup <= 1:
        return False
    return verdict.ci_high > 1 + least or verdict.speedup >= 1 + least / 2


def _near_miss(run: Run, entry: Entry, tip: str | None) -> NearMiss:
    candidate, speedup = entry.candidate, entry.verdict.speedup
    assert speedup is not None
    return NearMiss(
        candidate_id=candidate.candidate_id,
        log_gain=log_gain_now(speedup, _grown(run, candidate.parent_id, tip)),
        hypothesis=candidate.hypothesis,
        hotspot=candidate.hotspot,
    )


def _grown(run: Run, earlier: str | None, tip: str | None) -> float:
    """Return how many times faster the tip is than an earlier version that it stacks upon."""
    known = {each.candidate_id for each in lineage(run, earlier)}
    added = [each for each in lineage(run, tip) if each.candidate_id not in known]
    gains = {each.candidate.candidate_id: each.verdict.speedup for each in ledger.entries(run)}
    return math.prod(max(1.0, gains.get(each.candidate_id) or 1.0) for each in added)


def _tried(run: Run, round_number: int) -> set[frozenset[str]]:
    earlier = (_sums_file(number) for number in range(1, round_number))
    return {
        frozenset(members)
        for name in earlier
        if run.directory.has(name)
        for members in run.directory.read_json(name)
    }


def _sums_file(round_number: int) -> str:
    return f"sums/{round_number:02d}.json"


def _proposal(run: Run, tip: str | None, members: Sequence[NearMiss]) -> Proposal | None:
    """Return a proposal of all members that go together, None when fewer than two do."""
    base = run.request.repo.commit
    whole = load_candidate(run, tip).patch if tip else None
    chosen: list[NearMiss] = []
    for member in members:
        patch = load_candidate(run, member.candidate_id).patch
        try:
            with run.tree_lock:
                whole = combine(run.repository, base, [*([whole] if whole else []), patch])
        except ToolError:
            continue
        chosen.append(member)
    if whole is None or len(chosen) < 2:
        return None
    try:
        texts = patched_texts(run, whole)
    except ToolError:
        return None
    return Proposal(
        origin=PAIR,
        hypothesis=hypothesis_of(chosen),
        hotspot=chosen[0].hotspot,
        sources=texts,
    )
