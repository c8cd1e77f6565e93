"""The step `decide`: stack what was accepted while each still adds, then go on or stop."""

from __future__ import annotations

from dataclasses import replace

from ...settings import PREDICTIONS
from ..candidate import Candidate
from ..gate.judge import STAGES, judge
from ..memory import ledger
from ..memory.ledger import Entry
from ..runs.run import Run
from ..search.elites import elite_of, elites, speedup_of
from .collect import candidate_id, write_candidate
from .sums import untried_sums
from .tip import Tip, stacked_patch, tip_tree

STACKED = "stack/"
# The whole suite runs on the final patch; a stack of candidates that each passed it need not.
STACKING_STAGES = tuple(stage for stage in STAGES if stage[0] != "full suite")


def stack(run: Run, round_number: int, tip: Tip) -> Tip:
    """Return the tip after this round: accepted candidates stacked, surest gain first.

    A candidate that was made on another version than the tip, and surely gains more than it,
    becomes the tip. Each further one is judged again on top of the others. One that conflicts with
    them is left for a later round, where its proposer meets the new tip.
    """
    accepted = [
        entry
        for entry in ledger.entries(run)
        if entry.candidate.round == round_number
        and entry.verdict.outcome == "accepted"
        and not entry.candidate.origin.startswith(STACKED)
    ]
    order = {each.candidate_id: place for place, each in enumerate(elites(run))}
    accepted.sort(key=lambda e: order.get(e.candidate.candidate_id, len(order)))
    for entry in accepted:
        if tip.candidate_id != entry.candidate.parent_id and run.budget.exhausted(run.spend()):
            break
        tip = _put_on(run, round_number, tip, entry)
    return tip


def _put_on(run: Run, round_number: int, tip: Tip, entry: Entry) -> Tip:
    candidate = entry.candidate
    is_next = tip.candidate_id == candidate.parent_id
    if is_next or elite_of(run, candidate.candidate_id).low > elite_of(run, tip.candidate_id).low:
        return _tip(run, candidate)
    combined = _combined(run, round_number, tip, candidate)
    if combined is None:
        return tip
    judged = judge(run, combined, tip_tree(run, tip.candidate_id), stages=STACKING_STAGES)
    return _tip(run, combined) if judged.outcome == "accepted" else tip


def _tip(run: Run, candidate: Candidate) -> Tip:
    speedup = speedup_of(run, candidate.candidate_id)
    return Tip(candidate_id=candidate.candidate_id, speedup=speedup)


def _combined(run: Run, round_number: int, tip: Tip, addition: Candidate) -> Candidate | None:
    assert tip.candidate_id is not None
    patch = stacked_patch(run, tip.candidate_id, addition)
    if patch is None or patch.is_empty:
        run.emit("note", text=f"{addition.candidate_id} conflicts with the stack; tried next round")
        return None
    made = replace(
        addition,
        candidate_id=candidate_id(patch.sha256),
        parent_id=tip.candidate_id,
        origin=f"{STACKED}{addition.origin}",
        patch=patch,
        round=round_number,
        fingerprint="",
        change_key="",
    )
    if not run.directory.has(f"candidates/{made.candidate_id}.json"):
        write_candidate(run, made)
    return made


def gained_in(run: Run, round_number: int) -> bool:
    """Return whether a round proved a version faster, even if it is not the tip."""
    return any(
        entry.verdict.outcome == "accepted"
        for entry in ledger.entries(run)
        if entry.candidate.round == round_number
    )


def stop_reason(run: Run, round_number: int, fruitless: int, tip: Tip) -> str | None:
    """Return why no further round is worth starting, or None.

    Args:
        run: The run.
        round_number: The round that is over.
        fruitless: Rounds in a row after which the tip is what it was.
        tip: The tip now. Sums of near misses that nobody tried on it are worth one more round.
    """
    if fruitless >= patience(run) and not untried_sums(run, round_number + 1, tip.candidate_id):
        return "no further progress"
    return run.budget.exhausted(run.spend(round_number))


def patience(run: Run) -> int:
    """Return after how many fruitless rounds the proposers have nothing more to say.

    Rules say the same again; predictions were all said in the first round.
    """
    chosen = run.settings.proposers()
    if all(name.startswith(PREDICTIONS) for name in chosen):
        return 0
    return 2 if {"llm", "command"} & set(chosen) else 1
