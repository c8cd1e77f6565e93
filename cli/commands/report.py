"""`perfagent report`: the reports of a run, made anew from its record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from ..door import door, finished
from ..options import OUTPUT, RunName, option
from ..root import app


@app.command()
def report(
    run: RunName,
    markdown: Annotated[bool, option("Markdown, not HTML.", OUTPUT, "--markdown")] = False,
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer evaluates it
        option(
            "Where it goes (default: the run's directory; - is stdout).", OUTPUT, metavar="FILE"
        ),
    ] = None,
) -> None:
    """Write a run's report anew, from its record alone: one HTML file, or Markdown."""
    with door(quiet=True):
        from ...reports.past.written import write_report

        told = write_report(finished(run), markdown=markdown, out=out)
    typer.echo(told)
