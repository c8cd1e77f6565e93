"""`perfagent mcp`."""

from __future__ import annotations

from typing import Annotated

from ..door import EXIT_USAGE, fail
from ..options import TARGET, Text, option
from ..root import app


@app.command()
def mcp(
    repo: Annotated[Text, option("The only repository to work on.", TARGET, metavar="REPO")] = None,
    workload: Annotated[
        Text, option("The only workload to work on.", TARGET, metavar="WORKLOAD")
    ] = None,
) -> None:
    """Serve profile, facts, measure and verify to other agents (MCP, on stdin and stdout)."""
    try:
        from ...mcp_server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "mcp":
            raise
        fail("the MCP server needs its extra: pip install 'perfagent[mcp]'", EXIT_USAGE)
        return
    serve(repo=repo, workload=workload)
