"""Another agent uses perfagent through its MCP server, over standard input and output."""

from __future__ import annotations

import difflib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import psutil
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from perfagent.tests.shop import FAST_PAIRS, PAIRS, Shop

Session = Callable[[Client], Awaitable[None]]


def diff_to(new: str) -> str:
    names = ("a/deliveries/pairs.py", "b/deliveries/pairs.py")
    return "".join(difflib.unified_diff(PAIRS.splitlines(True), new.splitlines(True), *names))


def talk(shop: Shop, session: Session, *words: str) -> None:
    """Start the server as a client would, let the session talk to it, and end it."""
    # What runs commands, and which interpreter does, is the user's to say, not the agent's.
    (shop.folder / "perfagent.toml").write_text(
        f"python = {json.dumps(sys.prefix)}\nmax_pairs = 5\n"
    )
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "perfagent", "mcp", *words],
        env=shop.environ,
        cwd=shop.folder,
    )

    async def run() -> None:
        async with Client(command) as client:
            await session(client)

    anyio.run(run)


async def ask(client: Client, tool: str, **arguments: Any) -> Any:
    """Return what a tool answers, which must not be an error."""
    told = await client.call_tool(tool, arguments)
    assert not told.is_error, told.content
    assert isinstance(told.content[0], TextContent)
    return told.structured_content


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Return the message with which a tool refuses."""
    told = await client.call_tool(tool, arguments)
    assert told.is_error
    assert isinstance(told.content[0], TextContent)
    return told.content[0].text


def test_an_agent_profiles_measures_and_verifies(shop: Shop):
    # Long enough for the first call to be what is timed, so that five pairs decide.
    shop.workload.write_text(shop.workload.read_text().replace("3000", "9000"))

    async def session(client: Client) -> None:
        tools = await client.list_tools()
        assert {tool.name for tool in tools.tools} == {"profile", "facts", "measure", "verify"}
        assert all(tool.description and tool.input_schema for tool in tools.tools)

        found = await ask(client, "profile")
        assert found["hotspots"][0]["function"] == "shared"
        assert "known = list(second)" in found["hotspots"][0]["source"]

        (spot,) = (await ask(client, "facts", run=found["run_id"], function="shared"))["result"]
        assert spot["facts"]["calls"] >= 1

        good = await ask(client, "measure", patch=diff_to(FAST_PAIRS))
        assert good["outcome"] == "accepted"
        assert good["ci_low"] > 2

        wrong = FAST_PAIRS.replace("if number in known", "if number in known and number")
        bad = await ask(client, "measure", patch=diff_to(wrong))
        assert (bad["outcome"], bad["stage"]) == ("no_improvement", "same calls")

        held = await ask(client, "verify", run=good["directory"])
        assert held["holds"]

    talk(shop, session, "--repo", str(shop.repo), "--workload", str(shop.workload))


def test_what_an_agent_may_not_say_is_refused_in_words(shop: Shop):
    pinned = {"repo": str(shop.repo), "workload": str(shop.workload)}

    async def session(client: Client) -> None:
        told = await refused(client, "measure", patch="", options={"install": ["touch here"]})
        assert "install: no option of measure here" in told
        assert "leave `repo` out" in await refused(client, "profile", repo="/elsewhere")
        assert "no run 'never'" in await refused(client, "facts", run="never")
        assert "not a patch" in await refused(client, "measure", patch="no diff")

    talk(shop, session, "--repo", pinned["repo"], "--workload", pinned["workload"])
    assert not (shop.folder / "here").exists()


def test_a_cancelled_call_ends_everything_it_started(shop: Shop):
    shop.workload.write_text("import time\n\n\ndef workload():\n    time.sleep(200)\n")

    async def session(client: Client) -> None:
        begun = anyio.Event()

        async def seen(progress: float, total: float | None, message: str | None) -> None:
            begun.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: client.call_tool("profile", {}, progress_callback=seen))
            await begun.wait()
            await anyio.sleep(1)
            tasks.cancel_scope.cancel()
        # The server is still there for the next question.
        assert "no run" in await refused(client, "facts", run="never")

    talk(shop, session, "--repo", str(shop.repo), "--workload", str(shop.workload))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and left_of(shop):
        time.sleep(0.2)
    assert not left_of(shop)


def left_of(shop: Shop) -> list[str]:
    """Return the command lines of processes that work on the shop."""
    found: list[str] = []
    for process in psutil.process_iter(["cmdline", "pid"]):
        words = process.info["cmdline"] or []
        if process.info["pid"] != os.getpid() and any(str(shop.folder) in word for word in words):
            found.append(" ".join(words))
    return found
