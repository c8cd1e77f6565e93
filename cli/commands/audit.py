"""`perfagent audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import options as of
from ..door import EXIT_NOTHING, door, print_json
from ..options import MEASUREMENT, TARGET, Json, Out, Quiet, Text, Verbose, option
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(
    of.BASE,
    of.INSTALLATION,
    of.SUITE,
    of.COMPARED,
    of.GUARDED,
    of.SERVED,
    of.TIMED,
    of.LAUNCHED,
    of.SEEDED,
)
def audit(
    settings: Settings,
    patch: Annotated[
        str,
        typer.Argument(
            metavar="PATCH",
            help="A file with a unified diff, or the directory or id of a run whose patch it is.",
        ),
    ],
    workload: Annotated[
        Text,
        typer.Argument(metavar="[WORKLOAD]", help="As for optimize; a run's patch needs none."),
    ] = None,
    repo: Annotated[
        Text, option("Where the base is (default: here, or as the run had it).", TARGET)
    ] = None,
    no_timing: Annotated[
        bool, option("Leave out the checks that time.", MEASUREMENT, "--no-timing")
    ] = False,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put one patch through every check for tricks, and say what each of them finds."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import audit as run_it

        audited = run_it(
            patch,
            workload,
            repo=repo,
            timing=not no_timing,
            out=out,
            listener=listener,
            **settings,
        )
    if as_json:
        print_json(audited)
    else:
        from ...reports.printed.audited import print_audit

        print_audit(audited)
    raise typer.Exit(0 if audited["holds"] else EXIT_NOTHING)
