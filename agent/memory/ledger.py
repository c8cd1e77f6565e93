"""What was tried in this run and what came of it: told to proposers, and used to skip repeats."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ...repos.checkout import RunRepository
from ..candidate import Candidate
from ..runs.plain import from_plain
from ..runs.run import Run
from ..verdict import Verdict

# A candidate that was right but not faster is worth another trial once the rest of the workload
# has shrunk by this factor, because its own share has grown by as much.
RETRY_FACTOR = 1.5
SPEED_STAGES = frozenset({"quick timing", "full timing"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One candidate with its verdict, which names the files of a tree by their paths in it."""

    candidate: Candidate
    verdict: Verdict


def entries(run: Run) -> list[Entry]:
    """Return every judged candidate of the run, oldest round first."""
    candidates = {
        plain["candidate_id"]: Candidate.from_json(plain)
        for plain in run.directory.read_all("candidates")
    }
    trees = RunRepository(run.directory.path / "work").trees
    verdicts = [from_plain(Verdict, plain) for plain in run.directory.read_all("verdicts")]
    judged = [
        Entry(candidate=candidates[verdict.candidate_id], verdict=_within_trees(verdict, trees))
        for verdict in verdicts
        if verdict.candidate_id in candidates
    ]
    return sorted(judged, key=lambda e: (e.candidate.round, e.candidate.candidate_id))


def _within_trees(verdict: Verdict, trees: Path) -> Verdict:
    """Return a verdict without where on this machine the trees are that its lines speak of."""
    roots = "|".join(re.escape(str(path)) for path in dict.fromkeys((trees, trees.resolve())))
    file = re.compile(rf"(?:{roots})/[\w.-]+/")
    tree = re.compile(rf"(?:{roots})/[\w.-]+")

    def told(text: str) -> str:
        return tree.sub(".", file.sub("", text))

    return replace(
        verdict, reason=told(verdict.reason), evidence=tuple(map(told, verdict.evidence))
    )


def sentence(entry: Entry) -> str:
    """Return what was tried and what came of it, in one line for a proposer's prompt."""
    candidate, verdict = entry.candidate, entry.verdict
    text = (
        f"`{candidate.candidate_id}` {candidate.hypothesis or candidate.origin} -> "
        f"{verdict.outcome} at {verdict.stage}: {verdict.reason}"
    )
    interval = measured(verdict)
    shown = " ".join(text.split())
    return shown if interval is None or verdict.outcome == "accepted" else f"{shown}; {interval}"


def evidence(entry: Entry) -> tuple[str, ...]:
    """Return the lines that show why a candidate was refused, () for one that was not."""
    return entry.verdict.evidence if entry.verdict.outcome != "accepted" else ()


def measured(verdict: Verdict) -> str | None:
    """Return what a candidate's timing measured, None when it was not timed."""
    if verdict.speedup is None:
        return None
    if verdict.ci_low is None or verdict.ci_high is None:
        return f"measured {verdict.speedup:.3f}x"
    return f"measured {verdict.speedup:.3f}x ({verdict.ci_low:.3f}-{verdict.ci_high:.3f})"


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


def refused_before(run: Run, key: str, tip_speedup: float) -> str | None:
    """Return the candidate that was refused with a change, None when it is worth a trial.

    It is when nobody made it, when it was not faster while it mattered less, and when it was
    accepted on another version: what is in the parent already cannot be made again.
    """
    for entry in entries(run):
        if entry.candidate.change_key != key or entry.verdict.outcome == "accepted":
            continue
        grown = tip_speedup / entry.candidate.tip_speedup >= RETRY_FACTOR
        if entry.verdict.stage not in SPEED_STAGES or not grown:
            return entry.candidate.candidate_id
    return None
