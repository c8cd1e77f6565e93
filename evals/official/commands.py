"""Runs a file of perfagent's, or a benchmark's script, in a target's interpreter."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError
from ...repos.commands.process import USUAL_LIMITS, CommandResult, run_command
from ...repos.locks import turn_on
from ..running.ground import Ground

_INSIDE = Path(__file__).resolve().parents[1] / "inside"


class BlockFailed(Exception):
    """A block gave no samples; the message is one line that says why."""


def asked(ground: Ground, tree: Path, file: str, job: dict[str, Any], timeout_s: float) -> Any:
    """Return what a file of ours answers to a job about a tree.

    Args:
        ground: The instance.
        tree: The tree.
        file: Name of the file in `inside/`.
        job: What it is told, JSON-plain.
        timeout_s: Seconds it may take.

    Raises:
        BlockFailed: It failed, took too long, or gave no answer.
        InfrastructureError: It could not be run.
    """
    nonce = secrets.token_hex(8)
    program = _INSIDE / file
    result = run(
        ground,
        tree,
        [str(program), "{channel}"],
        timeout_s=timeout_s,
        stdin=json.dumps({**job, "nonce": nonce}).encode(),
        readable=[program],
    )
    if not result.ok:
        raise BlockFailed(why(result, timeout_s))
    try:
        said, answer = json.loads(result.channel)
    except ValueError:
        raise BlockFailed("it ended without an answer") from None
    if said != nonce:
        raise BlockFailed("its answer is not to the job that was asked")
    return answer


def run(
    ground: Ground,
    tree: Path,
    words: Sequence[str],
    *,
    timeout_s: float,
    stdin: bytes | None = None,
    readable: Sequence[Path] = (),
    writable: Sequence[Path] = (),
) -> CommandResult:
    """Run the target's interpreter in a tree, on the timing core.

    Raises:
        InfrastructureError: It could not be run.
    """
    environment = ground.known.environment
    enclosure = ground.containment.around(environment, tree, readable=readable, writable=writable)
    if not tree.is_dir():
        raise InfrastructureError(f"the tree {tree} is gone")
    cpus = ground.lane.timing_cpus
    with turn_on(cpus or ()):
        return run_command(
            [str(environment.python), *words],
            cwd=tree,
            env=environment.variables(tree),
            limits=replace(USUAL_LIMITS, wall_s=timeout_s),
            cpus=cpus,
            channel=any("{channel}" in word for word in words),
            stdin=stdin,
            enclosure=enclosure,
        )


def why(result: CommandResult, timeout_s: float) -> str:
    """Return in one line why a command did not go well."""
    if result.timed_out:
        return f"it took longer than {timeout_s:g} s"
    return " ".join(result.tail(3).split())[-400:] or f"exit status {result.returncode}"
