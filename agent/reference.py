"""The base's own answer to the workload, which every candidate must give too."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from ..workloads.answers.answer import doubts_of, stable_answer
from ..workloads.launch import LaunchPlan, launch
from .plain import from_plain, to_plain
from .run import Run

_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The base's answer under one hash seed.

    Attributes:
        hash_seed: The interpreter's hash seed.
        answer: The canonical structure; what two runs of the base disagree on is masked.
        doubts: What is not compared, and why; possibly empty.
    """

    hash_seed: int
    answer: dict[str, Any]
    doubts: tuple[str, ...]


def reference(run: Run, *, hash_seed: int) -> Reference:
    """Return the base's answer, captured once a run: two launches, so that chance is seen.

    Raises:
        WorkloadFailed: The workload fails on the base.
    """
    name = f"answers/seed-{hash_seed}.json"
    with _lock:
        if run.directory.has(name):
            return from_plain(Reference, run.directory.read_json(name))
        tree = run.repository.trees / "base"
        plan = LaunchPlan(capture_answer=True, hash_seed=hash_seed, pinned=False)
        with run.stopwatch.waiting_for("workload"):
            answers = [launch(run.target, tree, plan).answer or {} for _ in range(2)]
        answer = stable_answer(*answers)
        made = Reference(hash_seed=hash_seed, answer=answer, doubts=doubts_of(answer))
        run.keep(name, to_plain(made))
        return made
