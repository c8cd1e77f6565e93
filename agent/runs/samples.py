"""Every timing behind a verdict, kept in the run directory."""

from __future__ import annotations

from collections.abc import Sequence

from ...workloads.timing.comparison import Comparison
from ..candidate import Candidate
from .plain import from_plain, to_plain
from .run import Run


def keep_samples(run: Run, name: str, compared: Comparison) -> str:
    """Write a comparison with all its samples and return the file's name in the directory."""
    file = f"samples/{name}.json"
    run.keep(file, to_plain(compared))
    return file


def gate_comparisons(run: Run, candidates: Sequence[Candidate]) -> list[Comparison]:
    """Return the comparisons by which candidates passed the gate; without those never timed."""
    files = [f"samples/{each.candidate_id}.json" for each in candidates]
    kept = [file for file in files if run.directory.has(file)]
    return [from_plain(Comparison, run.directory.read_json(file)) for file in kept]
