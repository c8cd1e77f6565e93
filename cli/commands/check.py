"""`perfagent check`."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options as of
from ..door import EXIT_NOTHING, door, print_json
from ..options import MEASUREMENT, TARGET, Json, Out, Quiet, Repo, WorkloadArgument, option
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(of.BASE, of.INSTALLATION, of.CONTAINMENT, of.METRICS, of.TIMED, of.LAUNCHED, of.SEEDED)
def check(
    repo: Repo,
    workload: WorkloadArgument,
    settings: Settings,
    candidate: Annotated[str, option("The later revision.", TARGET, "--candidate", metavar="REV")],
    threshold: Annotated[
        float,
        option("Slowdown that is too much, as a share (default 0.1).", MEASUREMENT),
    ] = 0.1,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say whether a later revision is slower than the base: status 1 only when it surely is."""
    with door(quiet=quiet) as listener:
        from ...api import check as run_it
        from ...reports.regression import regression_text

        found = run_it(
            repo,
            workload,
            candidate=candidate,
            threshold=threshold,
            out=out,
            listener=listener,
            **settings,
        )
    if as_json:
        print_json(found)
    else:
        typer.echo(regression_text(found))
    raise typer.Exit(EXIT_NOTHING if found["decision"] == "slower" else 0)
