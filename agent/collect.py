"""The step `collect`: proposals become candidates, each once, best guess first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..repos.patch import Patch
from ..tools.fingerprint import fingerprint
from . import ledger
from .candidate import Candidate
from .plain import to_plain
from .proposers.proposal import Proposal
from .run import Run
from .tip import Tip, patch_with, tip_tree
from .verdict import Verdict


def collect(run: Run, round_number: int, tip: Tip) -> list[str]:
    """Write this round's candidates and return their ids in the order they should be tried.

    A proposal that repeats the tip or an earlier candidate (by normalized syntax tree), or that was
    rejected for a reason that still holds, makes no candidate. One that could not be made into
    a patch becomes a rejected candidate, so that its reason is on record.
    """
    name = f"queue/{round_number:02d}.json"
    if run.directory.has(name):
        return list(run.directory.read_json(name))
    proposals = [
        Proposal.from_json(plain)
        for batch in run.directory.read_all(f"proposals/{round_number:02d}")
        for plain in batch
    ]
    seen = {entry.candidate.fingerprint for entry in ledger.entries(run)}
    queue: list[str] = []
    for number, proposal in enumerate(proposals):
        if proposal.problem is not None:
            _record_failed(run, round_number, number, tip, proposal)
            continue
        if len(queue) >= run.settings.max_candidates:
            run.note(f"{len(proposals) - number} proposal(s) left untried (--max-candidates)")
            break
        candidate = _candidate(run, round_number, tip, proposal)
        if candidate is None or candidate.fingerprint in seen:
            continue
        if not ledger.worth_trying(run, candidate.change_key, tip.speedup):
            continue
        seen.add(candidate.fingerprint)
        queue.append(candidate.candidate_id)
        write_candidate(run, candidate)
    run.keep(name, queue)
    return queue


def _candidate(run: Run, round_number: int, tip: Tip, proposal: Proposal) -> Candidate | None:
    patch = proposal.patch or patch_with(run, tip.candidate_id, proposal.sources)
    if patch.is_empty:
        return None
    before = texts(tip_tree(run, tip.candidate_id), patch.files)
    after = proposal.sources or texts(run.repository.trees / "agent", patch.files)
    return Candidate(
        candidate_id=candidate_id(patch.sha256),
        parent_id=tip.candidate_id,
        origin=proposal.origin,
        hypothesis=proposal.hypothesis,
        patch=patch,
        spend=proposal.spend,
        round=round_number,
        hotspot=proposal.hotspot,
        fingerprint=fingerprint({**before, **after}),
        change_key=ledger.change_key(before, dict(after)),
        tip_speedup=tip.speedup,
    )


def texts(tree: Path, paths: Sequence[str]) -> dict[str, str]:
    """Return the text of some files of a tree; those that are not there are left out."""
    files = {path: tree / path for path in paths}
    return {
        path: file.read_text(encoding="utf-8", errors="replace")
        for path, file in files.items()
        if file.is_file()
    }


def candidate_id(patch_sha256: str) -> str:
    """Return a candidate's id: the same patch is the same candidate."""
    return patch_sha256[:10]


def write_candidate(run: Run, candidate: Candidate) -> None:
    """Keep a candidate and say that it is there."""
    run.keep(f"candidates/{candidate.candidate_id}.json", candidate.to_json())
    run.emit(
        "candidate",
        candidate_id=candidate.candidate_id,
        origin=candidate.origin,
        hotspot=candidate.hotspot,
        hypothesis=candidate.hypothesis,
        state="proposed",
        files=list(candidate.patch.files),
    )


def _record_failed(run: Run, round_number: int, number: int, tip: Tip, proposal: Proposal) -> None:
    text = f"{round_number}:{number}:{proposal.origin}:{proposal.problem}"
    made = Candidate(
        candidate_id=candidate_id(hashlib.sha256(text.encode()).hexdigest()),
        parent_id=tip.candidate_id,
        origin=proposal.origin,
        hypothesis=proposal.hypothesis,
        patch=Patch(diff="", base_commit=run.request.repo.commit),
        spend=proposal.spend,
        round=round_number,
        hotspot=proposal.hotspot,
        fingerprint="",
        change_key="",
        tip_speedup=1.0,
    )
    reason = proposal.problem or "no candidate came of it"
    verdict = Verdict(
        candidate_id=made.candidate_id, outcome="rejected", stage="propose", reason=reason
    )
    run.keep(f"candidates/{made.candidate_id}.json", made.to_json())
    run.keep(f"verdicts/{made.candidate_id}.json", to_plain(verdict))
    run.emit(
        "candidate",
        candidate_id=made.candidate_id,
        origin=made.origin,
        hotspot=made.hotspot,
        hypothesis=made.hypothesis,
        state="rejected",
        stage="propose",
        reason=reason,
    )
