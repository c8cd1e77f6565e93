"""Whether candidates that did not pay were reached by the workload at all."""

from __future__ import annotations

from ...errors import ToolError
from ...profiles.facts.reached import Reach, changed_lines, record_reach
from ..memory import ledger
from ..memory.ledger import SPEED_STAGES, Entry
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run
from ..steps.tip import load_candidate, patched_texts, version_tree

MOST_LOOKS = 6
"""Candidates of one round that are looked into."""
_LOOKED_INTO = ("llm/", "command", "predictions/")


def look(run: Run, round_number: int) -> None:
    """Count, for a round's candidates that kept the behaviour and did not pay, what ran of them.

    The built-in rewrites learn nothing from it, so it is done only where a model takes part, and
    only for changes that somebody reasoned out.
    """
    if "llm" not in run.settings.proposers():
        return
    found = [each for each in ledger.entries(run) if _did_not_pay(each, round_number)]
    for entry in found[:MOST_LOOKS]:
        name = _file(entry.candidate.candidate_id)
        if run.directory.has(name):
            continue
        run.stage("decide", f"was {entry.candidate.candidate_id} reached?")
        run.keep(name, to_plain(_reach(run, entry)))


def reach_of(run: Run, candidate_id: str) -> Reach | None:
    """Return what is known of a candidate's lines, None when nobody looked."""
    name = _file(candidate_id)
    return from_plain(Reach, run.directory.read_json(name)) if run.directory.has(name) else None


def reach_lines(run: Run, entry: Entry) -> list[str]:
    """Return what is known of an entry's lines as text for the ledger, or nothing."""
    reach = reach_of(run, entry.candidate.candidate_id)
    return [] if reach is None or reach.problem is not None else [reach.text()]


def _file(candidate_id: str) -> str:
    return f"reached/{candidate_id}.json"


def _did_not_pay(entry: Entry, round_number: int) -> bool:
    return (
        entry.candidate.round == round_number
        and entry.candidate.origin.startswith(_LOOKED_INTO)
        and entry.verdict.stage in SPEED_STAGES
        and entry.verdict.outcome in ("rejected", "inconclusive")
    )


def _reach(run: Run, entry: Entry) -> Reach:
    candidate = entry.candidate
    parent = load_candidate(run, candidate.parent_id).patch if candidate.parent_id else None
    name = f"reached-{candidate.candidate_id}"
    try:
        before = {**_base_texts(run, candidate.patch.files)}
        if parent is not None:
            before |= patched_texts(run, parent)
        lines = changed_lines(before, patched_texts(run, candidate.patch))
        tree = version_tree(run, name, candidate.patch)
        with run.stopwatch.waiting_for("workload"):
            return record_reach(run.target, tree, lines, workload_s=run.prepared.baseline_s or 0.0)
    except ToolError as error:
        return Reach(problem=str(error))
    finally:
        run.repository.remove(name)


def _base_texts(run: Run, paths: tuple[str, ...]) -> dict[str, str]:
    files = {path: version_tree(run, "base", None) / path for path in paths}
    return {
        path: file.read_text(encoding="utf-8", errors="replace")
        for path, file in files.items()
        if file.is_file()
    }
