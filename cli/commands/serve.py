"""`perfagent serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Optional

from ..door import EXIT_USAGE, PACKAGE, door, fail
from ..options import OUTPUT, Text, option
from ..root import app

_HALVES: dict[str | None, Literal["both", "web", "worker"]] = {
    None: "both",
    "web": "web",
    "worker": "worker",
}


@app.command()
def serve(
    host: Annotated[str, option("Address to listen on.", OUTPUT)] = "127.0.0.1",
    port: Annotated[int, option("Port to listen on.", OUTPUT)] = 8000,
    folder: Annotated[
        Optional[Path],  # noqa: UP045 - typer evaluates it
        option("Where the app keeps everything (default: the state folder).", OUTPUT),
    ] = None,
    database: Annotated[
        Text, option("Postgres address (default: SQLite in the folder).", OUTPUT, metavar="DSN")
    ] = None,
    public_url: Annotated[
        Text, option("Where the forge and people reach it.", OUTPUT, metavar="URL")
    ] = None,
    only: Annotated[
        Text, option("Run one half (default: both).", OUTPUT, metavar="web|worker")
    ] = None,
    python: Annotated[Text, option("Interpreter of the targets, as for optimize.", OUTPUT)] = None,
    sandbox: Annotated[
        Text,
        option(
            "What contains the targets' code (default local).",
            OUTPUT,
            metavar="local|docker|none",
        ),
    ] = None,
) -> None:
    """Serve the GitHub App: comments, pushes and a schedule in, pull requests and checks out."""
    if only not in _HALVES:
        fail(f"--only {only}: choose web or worker", EXIT_USAGE)
    try:
        from ...app.serve import run
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == PACKAGE:
            raise
        fail("the app needs its extra: pip install 'perfagent[app]'", EXIT_USAGE)
        return
    with door(quiet=True):
        run(
            folder=folder,
            host=host,
            port=port,
            half=_HALVES[only],
            database=database,
            public_url=public_url,
            python=python,
            sandbox=sandbox,
        )
