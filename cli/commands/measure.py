"""`perfagent measure`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

from .. import options as of
from ..door import door, finish
from ..options import TARGET, Json, Out, Quiet, Repo, Text, Verbose, WorkloadArgument, option
from ..root import app
from ..said import Settings, takes


@app.command()
@takes(
    of.BASE,
    of.EXPERT,
    of.INSTALLATION,
    of.SUITE,
    of.CONTAINMENT,
    of.COMPARED,
    of.GUARDED,
    of.METRICS,
    of.TIMED,
    of.LAUNCHED,
    of.PROVEN,
    of.SEEDED,
)
def measure(
    repo: Repo,
    workload: WorkloadArgument,
    settings: Settings,
    candidate: Annotated[Text, option("Revision to measure.", TARGET, metavar="REV")] = None,
    patch: Annotated[
        Optional[Path],  # noqa: UP045 - typer evaluates it
        option("Unified diff against the base to measure.", TARGET, metavar="FILE"),
    ] = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put one patch through the gate: is it right, and is it faster?"""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import measure as run_it

        record = run_it(
            repo,
            workload,
            candidate=candidate,
            patch=patch,
            out=out,
            listener=listener,
            **settings,
        )
    finish(record, as_json=as_json)
