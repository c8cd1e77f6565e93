"""Running a piece of Python in the target's environment, on the scratch tree."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from ...errors import ToolError
from ...repos.commands.process import CommandResult, run_command
from ..sources.capped import ending
from .bench import Bench
from .tool import MOST_CHARACTERS, Arguments, Tool

LONGEST_S = 60
_MOST_PROCESSES = 64
_MEMORY_BYTES = 4 * 2**30
"""Of each process, where the settings give no limit."""
_KEPT_BYTES = 200_000
_MOST_CODE = 40_000


class RunSnippet(Arguments):
    """Arguments of `run_snippet`."""

    code: str = Field(
        max_length=_MOST_CODE,
        description="Python source that prints its answer.",
    )
    seconds: int = Field(default=20, ge=1, le=LONGEST_S, description="It is ended then.")


def _run_snippet(bench: Bench, asked: RunSnippet) -> str:
    if not asked.code.strip():
        raise ToolError("`code` is empty: give the Python source to run")
    environment, target = bench.target.environment, bench.target
    limits = replace(
        target.limits,
        wall_s=float(asked.seconds),
        memory_bytes=target.limits.memory_bytes or _MEMORY_BYTES,
        processes=_MOST_PROCESSES,
        output_bytes=_KEPT_BYTES,
    )
    with bench.scratch.running() as touched:
        tree = bench.scratch.tree
        result = run_command(
            [str(environment.python), "-"],
            cwd=tree,
            env=environment.variables(tree),
            limits=limits,
            cpus=target.other_cpus,
            stdin=asked.code.encode("utf-8", "replace"),
            enclosure=target.containment.around(environment, tree),
        )
    parts = [how_it_ended(result, asked.seconds)]
    room = MOST_CHARACTERS - 500
    for name, text in (("stdout", result.stdout), ("stderr", result.stderr)):
        if text.strip():
            parts.append(
                f"{name}:\n{ending(text.replace(str(tree), '<tree>').rstrip(), room // 2)}"
            )
    if len(parts) == 1:
        parts.append("It printed nothing; print what you want to know.")
    parts += what_was_put_back(touched)
    return "\n".join(parts)


def how_it_ended(result: CommandResult, seconds: float) -> str:
    """Return in one line how a command ended and what it used."""
    peak, floor = result.peak_rss_bytes or 0, result.peak_floor_bytes or 0
    # Up to the floor it may be the memory of the process that watches over it.
    memory = f", {peak / 2**20:.0f} MB" if peak > floor else ""
    used = f"{result.duration_s:.2f} s{memory}"
    if result.timed_out:
        return f"It was ended after {seconds:.0f} s; give it less to do."
    if result.stopped_by is not None:
        return f"It was ended at its limit ({result.stopped_by}) after {used}."
    if result.returncode:
        return f"It ended with status {result.returncode} after {used}."
    return f"It ended well after {used}."


def what_was_put_back(touched: list[str]) -> list[str]:
    """Return a line that names the files which code had changed in the scratch tree, if any."""
    if not touched:
        return []
    named = ", ".join(touched[:5]) + (", …" if len(touched) > 5 else "")
    return [
        f"It changed files of the tree, which are as before: {named}. Only `edit` changes them."
    ]


RUN_SNIPPET = Tool(
    name="run_snippet",
    description=(
        "Run Python in the repository's environment, with your edits, and show what it prints. "
        "Measure with run_workload instead."
    ),
    arguments=RunSnippet,
    run=_run_snippet,
)
