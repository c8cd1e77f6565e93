"""The base's own answer to the workload, which every candidate must give too."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...repos.git import git
from ...workloads.answers.answer import Answer, compare_again, doubts_of, stable_answer
from ...workloads.answers.capture import capture_answer
from ...workloads.answers.loosening import Loosening
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run

_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The base's answer under one hash seed.

    Attributes:
        hash_seed: The interpreter's hash seed.
        answer: The canonical structure; what runs of the base disagree on is masked.
        doubts: What is not compared, and why, with what the user loosened; possibly empty.
    """

    hash_seed: int
    answer: dict[str, Any]
    doubts: tuple[str, ...]


def reference(run: Run, *, hash_seed: int) -> Reference:
    """Return the base's answer, captured once a run: two launches, so that chance is seen.

    Raises:
        WorkloadFailed: The workload fails on the base.
    """
    name = _kept(hash_seed)
    with _lock:
        if run.directory.has(name):
            return from_plain(Reference, run.directory.read_json(name))
        tree = run.repository.trees / "base"
        first, second = (captured(run, tree, hash_seed) for _ in range(2))
        loosening = Loosening.parse(run.settings.loosen)
        made = _reference(hash_seed, stable_answer(first, second, loosening), loosening)
        run.keep(name, to_plain(made))
        return made


def _kept(hash_seed: int) -> str:
    return f"answers/seed-{hash_seed}.json"


def _reference(hash_seed: int, answer: Answer, loosening: Loosening) -> Reference:
    doubts = (*((loosening.note,) if loosening.note else ()), *doubts_of(answer))
    return Reference(hash_seed=hash_seed, answer=answer, doubts=doubts)


def difference_from(run: Run, expected: Reference, answer: Answer) -> tuple[Reference, str | None]:
    """Return the first difference of a candidate's answer from the base's; see `compare_again`.

    What the base's further launches show is kept for the candidates that come after.

    Args:
        run: The run.
        expected: What `reference` returned; what was seen since then counts too.
        answer: The candidate's.

    Returns:
        What is known of the base's answer now, and the difference, None when there is none.
    """
    loosening, tree = Loosening.parse(run.settings.loosen), run.repository.trees / "base"
    name = _kept(expected.hash_seed)
    with _lock:
        expected = from_plain(Reference, run.directory.read_json(name))
        known, difference = compare_again(
            expected.answer, answer, lambda: captured(run, tree, expected.hash_seed), loosening
        )
        if known is not expected.answer:
            expected = _reference(expected.hash_seed, known, loosening)
            run.keep(name, to_plain(expected))
    return expected, difference


def captured(run: Run, tree: Path, hash_seed: int) -> Answer:
    """Return the workload's answer in a tree, with the files that the user declared outputs.

    Raises:
        WorkloadFailed: The workload fails there.
    """
    with run.stopwatch.waiting_for("workload"):
        return capture_answer(
            run.target, tree, hash_seed=hash_seed, outputs=tuple(run.settings.outputs)
        )


def lost_files(run: Run, tree: Path) -> list[str]:
    """Return the base commit's files that its tree still has and `tree` has not."""
    commit = run.request.repo.commit
    listed = git(run.repository.git_dir, "ls-tree", "-r", "--name-only", "-z", commit)
    base = run.repository.trees / "base"
    return [
        path
        for path in listed.split("\0")
        if path and not os.path.lexists(tree / path) and os.path.lexists(base / path)
    ]
