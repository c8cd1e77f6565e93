"""What was tried in this run and what came of it: told to proposers, and used to skip repeats."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .candidate import Candidate
from .plain import from_plain
from .run import Run
from .verdict import Verdict

# A candidate that was right but not faster is worth another trial once the rest of the workload
# has shrunk by this factor, because its own share has grown by as much.
RETRY_FACTOR = 1.5
SPEED_STAGES = frozenset({"quick timing", "full timing"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One candidate with its verdict."""

    candidate: Candidate
    verdict: Verdict


def entries(run: Run) -> list[Entry]:
    """Return every judged candidate of the run, oldest round first."""
    candidates = {
        plain["candidate_id"]: Candidate.from_json(plain)
        for plain in run.directory.read_all("candidates")
    }
    verdicts = [from_plain(Verdict, plain) for plain in run.directory.read_all("verdicts")]
    judged = [
        Entry(candidate=candidates[verdict.candidate_id], verdict=verdict)
        for verdict in verdicts
        if verdict.candidate_id in candidates
    ]
    return sorted(judged, key=lambda e: (e.candidate.round, e.candidate.candidate_id))


def lines(run: Run) -> list[str]:
    """Return one line a judged candidate, for a proposer's prompt."""
    return [
        f"{entry.candidate.hypothesis} -> {entry.verdict.outcome} at {entry.verdict.stage}: "
        f"{entry.verdict.reason}"
        for entry in entries(run)
    ]


def change_key(before: dict[str, str], after: dict[str, str]) -> str:
    """Return a name for a change by the lines it removes and adds, wherever they stand."""
    import difflib

    digest = hashlib.sha256()
    for path in sorted(after):
        old, new = before.get(path, "").splitlines(), after[path].splitlines()
        for line in difflib.unified_diff(old, new, lineterm="", n=0):
            if line[:1] in "+-" and line[:3] not in ("+++", "---"):
                digest.update(f"{path}\0{line}\n".encode())
    return digest.hexdigest()


def worth_trying(run: Run, key: str, tip_speedup: float) -> bool:
    """Return whether a change has not been tried, or was not faster when it mattered less."""
    for entry in entries(run):
        if entry.candidate.change_key != key:
            continue
        grown = tip_speedup / entry.candidate.tip_speedup >= RETRY_FACTOR
        if entry.verdict.stage not in SPEED_STAGES or not grown:
            return False
    return True
