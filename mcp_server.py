"""`perfagent mcp`: profile, facts, measure and verify as tools of a Model Context Protocol server.

A door for other agents: they propose, perfagent measures. Each tool is one call of the command
line in a process of its own, so that what an agent gets is what a person gets, a call that is
cancelled ends with everything it started, and the server stays free to answer.

An agent says what is measured and how; it cannot say a command. What runs commands (installation,
builds, proposers) comes from the user: from `perfagent.toml` in the server's folder.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio
from anyio.abc import ByteReceiveStream, Process
from anyio.streams.text import TextReceiveStream
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from . import __version__
from .api import option_words

PROFILE_OPTIONS = frozenset(
    {"rev", "subdir", "min_share", "native", "facts", "workload_timeout_s", "seed"}
)
MEASURE_OPTIONS = frozenset(
    {"rev", "subdir", "expert", "tests", "no_tests", "outputs", "loosen", "metric", "min_effect"}
    | {"max_pairs", "max_compare_s", "workload_timeout_s", "suite_timeout_s", "seed"}
    | {"allow_memory", "allow_import"}
)
"""Settings that an agent may say: those that run no command and let no other file be changed."""

DECIDED = (0, 1)
"""Exit statuses of a call that came to an answer."""

LONGEST_TABLE = 20
"""Functions of a profile that are told, at most."""

_SECONDS_TO_END = 20.0

_INSTRUCTIONS = (
    "perfagent measures whether a patch makes a Python repository faster on a workload, and whether"
    " it stays right. Call profile first, then facts on its run; write a patch as a unified diff "
    "against the base commit; measure says accepted, or why not. A speedup counts only when measure"
    " accepted it. A measurement takes from half a minute to several minutes."
)

Repo = Annotated[
    str | None,
    Field(
        description="Path, URL, owner/name or pypi:NAME==VERSION; may be left out where the "
        "server was started with --repo."
    ),
]
WorkloadText = Annotated[
    str | None,
    Field(
        description="Path of a Python script with workload(), pytest:NODEID, "
        "python:MODULE:FUNCTION or cmd:SHELL COMMAND; may be left out where the server was "
        "started with --workload."
    ),
]
ProfileOptions = Annotated[
    dict[str, Any] | None,
    Field(description=f"Settings by name: {', '.join(sorted(PROFILE_OPTIONS))}."),
]
MeasureOptions = Annotated[
    dict[str, Any] | None,
    Field(description=f"Settings by name: {', '.join(sorted(MEASURE_OPTIONS))}."),
]


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What the user fixed when the server was started; None leaves it to the agent."""

    repo: str | None = None
    workload: str | None = None

    def target(self, repo: str | None, workload: str | None) -> tuple[str, str]:
        """Return what a call is about.

        Raises:
            ToolError: It names another target than the pinned one, or none.
        """
        return _one("repo", repo, self.repo), _one("workload", workload, self.workload)


def _one(name: str, said: str | None, pinned: str | None) -> str:
    if pinned is not None and said not in (None, pinned):
        raise ToolError(f"this server works on the {name} {pinned} alone: leave `{name}` out")
    found = pinned or said
    if not found:
        raise ToolError(f"`{name}` is missing: say it, or start the server with --{name}")
    return found


def serve(*, repo: str | None = None, workload: str | None = None) -> None:
    """Serve on standard input and output until the client goes.

    Args:
        repo: The only repository that may be worked on; None leaves it to each call.
        workload: Likewise the workload.
    """
    make_server(Pinned(repo=repo, workload=workload)).run("stdio")


def make_server(pinned: Pinned) -> MCPServer:
    """Return the server with its four tools; nothing runs yet."""
    server = MCPServer(
        "perfagent", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING"
    )

    @server.tool()
    async def profile(
        ctx: Context,
        repo: Repo = None,
        workload: WorkloadText = None,
        options: ProfileOptions = None,
    ) -> dict[str, Any]:
        """Profile a workload: hotspots with source, shares and what a change could save."""
        target = pinned.target(repo, workload)
        found = await _call(ctx, _words("profile", target, options, PROFILE_OPTIONS))
        # The facts of each hotspot are long, and a tool of their own.
        lean = [{k: v for k, v in line.items() if k != "facts"} for line in found["hotspots"]]
        return {**found, "hotspots": lean, "functions": found["functions"][:LONGEST_TABLE]}

    @server.tool()
    async def facts(
        run: Annotated[str, Field(description="Id of a run that profile returned.")],
        function: Annotated[
            str | None, Field(description="Only this function's; None returns all.")
        ] = None,
    ) -> list[dict[str, Any]]:
        """How the hotspots are called: counts, distinct arguments, sizes, writes, growth."""
        return await anyio.to_thread.run_sync(_facts, run, function)

    @server.tool()
    async def measure(
        ctx: Context,
        patch: Annotated[str, Field(description="Unified diff against the base commit.")],
        repo: Repo = None,
        workload: WorkloadText = None,
        options: MeasureOptions = None,
    ) -> dict[str, Any]:
        """Put a patch through the gate: right (tests, answer, honesty) and faster, or why not."""
        target = pinned.target(repo, workload)
        with tempfile.TemporaryDirectory(prefix="perfagent-mcp-") as folder:
            file = Path(folder) / "patch.diff"
            file.write_text(patch, encoding="utf-8")
            words = _words("measure", target, options, MEASURE_OPTIONS, "--patch", str(file))
            return verdict(await _call(ctx, words))

    @server.tool()
    async def verify(
        ctx: Context,
        run: Annotated[str, Field(description="Id or folder of a run, or an evidence.json.")],
        rerun: Annotated[bool, Field(description="Measure the patch again as well.")] = False,
    ) -> dict[str, Any]:
        """Derive a run's verdict again from its evidence; with rerun, measure it again."""
        words = ["verify", "--json", *(["--rerun"] if rerun else [])]
        return await _call(ctx, [*words, "--", run])

    return server


def verdict(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a proposer needs of the record of `perfagent measure`."""
    judged = record["candidates"][-1] if record["candidates"] else {}
    told = ("stage", "reason", "speedup", "ci_low", "ci_high", "pairs", "evidence")
    return {
        "outcome": record["outcome"],
        "sentence": record["sentence"],
        **{key: judged.get(key) for key in told},
        "expert": record["expert"],
        "suite": record["suite"],
        "doubts": list(dict.fromkeys([*judged.get("doubts", ()), *record["doubts"]])),
        "notes": record["notes"],
        "run": record["run_id"],
        "directory": record["directory"],
    }


def _words(
    kind: str,
    target: tuple[str, str],
    options: Mapping[str, Any] | None,
    allowed: frozenset[str],
    *more: str,
) -> list[str]:
    """Return the command line of a call, without the program.

    Raises:
        ToolError: An option that is not the agent's to say.
    """
    strange = sorted(set(options or {}) - allowed)
    if strange:
        raise ToolError(
            f"{', '.join(strange)}: no option of {kind} here; its options are "
            f"{', '.join(sorted(allowed))}"
        )
    return [kind, "--json", *option_words(options or {}), *more, "--", *target]


def _facts(run: str, function: str | None) -> list[dict[str, Any]]:
    from .agent.runs.on_disk import open_run
    from .agent.runs.record import hotspot_lines
    from .errors import UserError
    from .settings import load_settings

    try:
        opened = open_run(
            run, settings=load_settings({}, working_dir=Path.cwd()), listener=lambda event: None
        )
    except UserError as error:
        raise ToolError(str(error)) from None
    found = [
        {"path": line["path"], "function": line["function"], "text": line["facts_text"]}
        | {"facts": line["facts"]}
        for line in hotspot_lines(opened, "round-01")
        if line["facts"] is not None and function in (None, line["function"])
    ]
    if not found:
        raise ToolError(f"no facts of {function or 'any function'} in run {run}: profile it first")
    return found


async def _call(ctx: Context, words: Sequence[str]) -> Any:
    """Run perfagent, pass its progress on, and return what it answers.

    Raises:
        ToolError: It could not come to an answer; the message is its own line.
    """
    command = [sys.executable, "-m", __package__ or "perfagent", *words]
    said: list[str] = []
    answer = ""
    async with await anyio.open_process(command, stdin=None) as process:
        try:
            async with anyio.create_task_group() as tasks:
                assert process.stderr is not None
                assert process.stdout is not None
                tasks.start_soon(_pass_on, ctx, process.stderr, said)
                answer = "".join([text async for text in TextReceiveStream(process.stdout)])
            status = await process.wait()
        except BaseException:
            await _end(process)
            raise
    if status not in DECIDED or not answer.strip():
        raise ToolError(_last_words(said) or f"perfagent ended with status {status}")
    return json.loads(answer)


def _last_words(said: Sequence[str]) -> str:
    """Return the line in which perfagent says why it ended, else the end of what it said."""
    own = [line for line in said if line.startswith("perfagent: ")]
    return own[-1] if own else "\n".join(said[-5:])


async def _pass_on(ctx: Context, stream: ByteReceiveStream, said: list[str]) -> None:
    rest = ""
    async for text in TextReceiveStream(stream, errors="replace"):
        *lines, rest = (rest + text).split("\n")
        for line in filter(None, map(str.strip, lines)):
            said.append(line)
            await ctx.report_progress(len(said), message=line)


async def _end(process: Process) -> None:
    """End a call as Ctrl-C does, which ends everything it started; then by force."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            with anyio.move_on_after(_SECONDS_TO_END):
                await process.wait()
        if process.returncode is None:
            process.kill()
