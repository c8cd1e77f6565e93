"""`perfagent resume`, `runs` and `show`: runs that are there already."""

from __future__ import annotations

from pathlib import Path

import typer

from ..door import door, finish, finished, print_json
from ..options import Json, Quiet, RunName, Verbose
from ..root import app


@app.command()
def resume(
    run: RunName, as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """Go on with a run that was stopped or killed."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import resume as run_it

        record = run_it(run, listener=listener)
    finish(record, as_json=as_json)


@app.command()
def runs(as_json: Json = False) -> None:
    """List the runs, newest first."""
    with door(quiet=True):
        from ...agent.runs.on_disk import list_runs
        from ...agent.runs.plain import to_plain
        from ...reports.printed.tables import print_runs
        from ...settings import load_settings

        found = [to_plain(run) for run in list_runs(load_settings({}, working_dir=Path.cwd()))]
    if as_json:
        print_json(found)
    else:
        print_runs(found)


@app.command()
def show(run: RunName, as_json: Json = False) -> None:
    """Show a run's report."""
    with door(quiet=True):
        name = "report.json" if as_json else "report.md"
        text = (finished(run).path / name).read_text(encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        from ...reports.printed.tables import print_markdown

        print_markdown(text)
