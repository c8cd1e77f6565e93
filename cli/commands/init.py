"""`perfagent init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import options as of
from ..door import EXIT_NOTHING, door, print_json
from ..options import OUTPUT, Json, Quiet, Verbose, option
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(of.BASE, of.INSTALLATION, of.SUITE, of.CONTAINMENT, of.LAUNCHED)
def init(
    settings: Settings,
    repo: Annotated[str, typer.Argument(metavar="[REPO]", help="As for optimize.")] = ".",
    force: Annotated[bool, option("Replace files that are there.", OUTPUT, "--force")] = False,
    dry_run: Annotated[bool, option("Write nothing.", OUTPUT, "--dry-run")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Look at a repository, propose workloads, write perfagent.toml, and check that it works."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import survey as look

        found = look(
            repo,
            folder=None if dry_run else Path.cwd(),
            force=force,
            listener=listener,
            **settings,
        )
    if as_json:
        print_json(found)
    else:
        from ...reports.printed.surveyed import survey_lines
        from ...reports.printed.tables import print_lines

        print_lines(survey_lines(found))
    raise typer.Exit(EXIT_NOTHING if found["questions"] else 0)
