"""`perfagent verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from ..door import EXIT_NOTHING, EXIT_USAGE, door, fail, print_json
from ..options import MEASUREMENT, TARGET, Json, Python, Quiet, Text, Verbose, option
from ..root import app


@app.command()
def verify(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE", help="An evidence.json, or the directory or id of the run it is of."
        ),
    ],
    rerun: Annotated[
        bool,
        option("Measure the patch again too; runs what the bundle holds.", MEASUREMENT, "--rerun"),
    ] = False,
    repo: Annotated[
        Text,
        option("Where --rerun finds the base commit (default: as recorded).", TARGET),
    ] = None,
    python: Python = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Derive a run's verdict again from its evidence; with --rerun, measure it again."""
    if not rerun and (repo or python):
        fail("--repo and --python say where to measure again: add --rerun", EXIT_USAGE)
    with door(quiet=quiet or not rerun, verbose=verbose) as listener:
        from ...api import verify as run_it

        verified = run_it(bundle, rerun=rerun, repo=repo, python=python, listener=listener)
    if as_json:
        print_json(verified)
    else:
        from ...reports.printed.verification import print_verification

        print_verification(verified, rerun_asked=rerun)
    raise typer.Exit(0 if verified["holds"] else EXIT_NOTHING)
