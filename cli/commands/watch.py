"""`perfagent watch`: the runs of a repository over time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..door import door, print_json
from ..options import Json, Text
from ..root import app

Watched = Annotated[
    Text,
    typer.Argument(metavar="[REPO]", help="As it was named, or a part of it (default: all)."),
]


@app.command()
def watch(repo: Watched = None, as_json: Json = False) -> None:
    """Show how a repository's runs went over time: drift of the base, and changed machines."""
    with door(quiet=True):
        from ...agent.runs.finished import finished_records
        from ...agent.runs.plain import to_plain
        from ...reports.past.history import history, history_lines
        from ...reports.printed.tables import print_lines
        from ...settings import load_settings

        found = history(finished_records(load_settings({}, working_dir=Path.cwd()), repo))
    if as_json:
        print_json([to_plain(past) for past in found])
    else:
        print_lines(history_lines(found))
