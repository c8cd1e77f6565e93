"""Runs a workload once, untimed, for its answer: values, printed text and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..launch import LaunchPlan, launch
from ..target import Target
from .answer import Answer
from .files import described, matching, snapshot, written


def capture_answer(
    target: Target, tree: Path, *, hash_seed: int = 0, outputs: Sequence[str] = ()
) -> Answer:
    """Return the workload's answer in `tree`.

    Args:
        target: The workload and where it runs.
        tree: A checkout, prepared for the environment; files that the workload wrote stay there.
        hash_seed: The interpreter's hash seed.
        outputs: Globs, relative to the tree, of files that are part of the answer whichever launch
            wrote them; one that matches nothing is named in the answer's doubts.

    Raises:
        WorkloadFailed: It raised, exited, was killed, ran past its time, or ran other code than
            that in `tree`.
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    plan = LaunchPlan(capture_answer=True, hash_seed=hash_seed, pinned=False)
    watched = target.workload.kind == "command"
    before = snapshot(tree) if watched else {}
    answer = launch(target, tree, plan).answer or {}
    paths = written(before, snapshot(tree)) if watched else []
    found = matching(outputs, tree)
    missing = [f"no file matches the output {glob!r}" for glob, files in found.items() if not files]
    files = described(tree, [*paths, *(path for files in found.values() for path in files)])
    doubts = [*answer.get("doubts", ()), *missing]
    return answer | {"files": files, "doubts": doubts}
