"""`perfagent openevolve export`, `score` and `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .. import options as of
from ..door import door, finish, print_json
from ..options import OUTPUT, TARGET, Json, Quiet, Repo, Text, Verbose, WorkloadArgument, option
from ..root import app
from ..said import Settings, takes

evolution = typer.Typer(help="Evolve a workload's hottest file with OpenEvolve.")
app.add_typer(evolution, name="openevolve")

Exported = Annotated[Path, typer.Argument(metavar="DIR", help="What export wrote.")]
Program = Annotated[Path, typer.Argument(metavar="PROGRAM", help="A program of the evolution.")]


@evolution.command()
@takes(of.BASE, of.INSTALLATION, of.SUITE, of.COMPARED, of.LAUNCHED)
def export(
    repo: Repo,
    workload: WorkloadArgument,
    settings: Settings,
    folder: Annotated[Path, option("Where the files go.", OUTPUT, "--out", metavar="DIR")],
    file: Annotated[
        Text, option("File to evolve (default: the hottest function's).", TARGET, metavar="PATH")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write program, evaluator and configuration for openevolve-run."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import openevolve_export

        made = openevolve_export(repo, workload, folder, file=file, listener=listener, **settings)
    for path in made:
        typer.echo(str(path))


@evolution.command()
def score(folder: Exported, program: Program) -> None:
    """Score a program: the evaluator's command; prints JSON."""
    with door(quiet=True):
        from ...api import openevolve_score

        found = openevolve_score(folder, program)
    print_json(found)


@evolution.command()
def check(
    folder: Exported,
    program: Program,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Measure a champion as `measure` does: only this number counts."""
    with door(quiet=quiet, verbose=verbose) as listener:
        from ...api import openevolve_check

        record = openevolve_check(folder, program, listener=listener)
    finish(record, as_json=as_json)
