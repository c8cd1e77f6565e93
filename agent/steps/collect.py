"""The step `collect`: proposals become candidates, each once, best guess first."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import ToolError
from ...repos.patch import Patch
from ...tools.edits.fingerprint import fingerprint
from ..candidate import Candidate
from ..memory import ledger
from ..proposers.proposal import Proposal
from ..runs.plain import to_plain
from ..runs.run import Run
from ..search.ask import Ask, collected_file
from ..search.elites import speedup_of
from ..search.kinds import kind_of_change
from ..verdict import Verdict
from .tip import patch_with, patched_texts, tip_tree


def collect(run: Run, round_number: int, asks: Sequence[Ask]) -> list[str]:
    """Write this round's candidates and return their ids in the order they should be tried.

    A proposal that repeats its parent or an earlier candidate (by normalized syntax tree), or that
    was rejected for a reason that still holds, makes no candidate and costs nothing more. One that
    could not be made into a patch becomes a rejected candidate, so that its reason is on record.
    What came of each ask is written down beside.
    """
    name = f"queue/{round_number:02d}.json"
    if run.directory.has(name):
        return list(run.directory.read_json(name))
    batch = _Batch(run, round_number)
    for ask in asks:
        file = ask.file(round_number)
        plain = run.directory.read_json(file) if run.directory.has(file) else []
        for proposal in map(Proposal.from_json, plain):
            batch.add(ask, proposal)
    if batch.untried:
        run.note(f"{batch.untried} proposal(s) left untried (--max-candidates)")
    run.keep(collected_file(round_number), batch.answers)
    run.keep(name, batch.queue)
    return batch.queue


class _Batch:
    """A round's proposals on their way to candidates.

    Attributes:
        queue: Ids of the candidates to try.
        answers: By an ask's label: its candidates, the earlier ones that it repeated, its tokens.
        untried: Proposals beyond the most that a round tries.
    """

    def __init__(self, run: Run, round_number: int) -> None:
        self._run = run
        self._round = round_number
        self._seen = {
            entry.candidate.fingerprint: entry.candidate.candidate_id
            for entry in ledger.entries(run)
            if entry.candidate.fingerprint
        }
        self._failed = 0
        self.queue: list[str] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.untried = 0

    def add(self, ask: Ask, proposal: Proposal) -> None:
        """Take in one proposal."""
        empty: dict[str, Any] = {"candidates": [], "repeats": [], "tokens": 0}
        answer = self.answers.setdefault(ask.label, empty)
        answer["tokens"] += proposal.spend.tokens
        if proposal.problem is not None:
            self._fail(ask, proposal, answer)
            return
        if len(self.queue) >= self._run.settings.max_candidates:
            self.untried += 1
            return
        try:
            candidate = _candidate(self._run, self._round, ask.parent, proposal)
        except ToolError as error:
            self._fail(ask, replace(proposal, problem=str(error), patch=None), answer)
            return
        if candidate is None:
            answer["repeats"].append(ask.parent or "the original")
        elif candidate.fingerprint in self._seen:
            answer["repeats"].append(self._seen[candidate.fingerprint])
        elif earlier := ledger.refused_before(
            self._run, candidate.change_key, candidate.tip_speedup
        ):
            answer["repeats"].append(earlier)
        else:
            self._seen[candidate.fingerprint] = candidate.candidate_id
            self.queue.append(candidate.candidate_id)
            answer["candidates"].append(candidate.candidate_id)
            write_candidate(self._run, candidate)

    def _fail(self, ask: Ask, proposal: Proposal, answer: dict[str, Any]) -> None:
        self._failed += 1
        made = _record_failed(self._run, self._round, self._failed, ask.parent, proposal)
        answer["candidates"].append(made)


def _candidate(
    run: Run, round_number: int, parent: str | None, proposal: Proposal
) -> Candidate | None:
    """Return the candidate, None when it means the same as its parent.

    Raises:
        ToolError: The proposal's patch does not apply.
    """
    patch = proposal.patch or patch_with(run, parent, proposal.sources)
    if patch.is_empty:
        return None
    before = texts(tip_tree(run, parent), patch.files)
    after = proposal.sources or patched_texts(run, patch)
    if fingerprint(before) == fingerprint({**before, **after}) and set(after) >= set(before):
        return None
    return Candidate(
        candidate_id=candidate_id(patch.sha256),
        parent_id=parent,
        origin=proposal.origin,
        hypothesis=proposal.hypothesis,
        patch=patch,
        spend=proposal.spend,
        round=round_number,
        hotspot=proposal.hotspot,
        fingerprint=fingerprint({**before, **after}),
        change_key=ledger.change_key(before, dict(after)),
        tip_speedup=speedup_of(run, parent),
        kind=kind_of_change(before, after),
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


def _record_failed(
    run: Run, round_number: int, number: int, parent: str | None, proposal: Proposal
) -> str:
    text = f"{round_number}:{number}:{proposal.origin}:{proposal.problem}"
    made = Candidate(
        candidate_id=candidate_id(hashlib.sha256(text.encode()).hexdigest()),
        parent_id=parent,
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
    return made.candidate_id
