"""`perfagent why`, `apply` and `export`: what is done with a run that ended."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from ...errors import UserError
from ..door import door, finished, print_json
from ..options import OUTPUT, TARGET, Json, Quiet, RunName, Text, option
from ..root import app

CandidateName = Annotated[
    Text, typer.Argument(metavar="[ID]", help="A candidate, or the beginning of its id.")
]
Checkout = Annotated[
    Path, option("The checkout (default: the working directory).", TARGET, "--repo", metavar="DIR")
]


@app.command()
def why(run: RunName, candidate: CandidateName = None, as_json: Json = False) -> None:
    """Explain why a run, or one of its candidates, ended as it did, with the data."""
    with door(quiet=True):
        from ...reports.past.why import find_candidate, why_candidate, why_run
        from ...reports.record import RunRecord

        record = finished(run).record
        if candidate is None:
            told, named = why_run(record), None
        else:
            told = why_candidate(record, candidate)
            named = find_candidate(RunRecord(record), candidate).candidate_id
    if as_json:
        lines = record["candidates"]
        print_json([one for one in lines if named is None or one["candidate_id"] == named])
    else:
        from ...reports.printed.tables import print_markdown

        print_markdown(told)


@app.command()
def apply(
    run: RunName,
    repo: Checkout = Path(),
    commit: Annotated[
        bool, option("Commit it, with the run's sentence as the message.", OUTPUT, "--commit")
    ] = False,
) -> None:
    """Apply a run's patch to a checkout: all of it, or nothing."""
    with door(quiet=True):
        from ...agent.apply import apply_patch
        from ...reports.exports.pull_request import commit_message

        found = finished(run)
        message = commit_message(found.record) if commit else None
        for file in apply_patch(found, repo, message=message):
            typer.echo(file)


@app.command()
def export(
    run: RunName,
    kind: Annotated[
        str,
        option(
            "What for.",
            OUTPUT,
            "--format",
            metavar="patch|pr|guard|speedscope|pytest-benchmark|asv|openevolve",
        ),
    ],
    out: Annotated[
        Optional[Path],  # noqa: UP045 - typer evaluates it
        option("File, or folder for asv and openevolve (default: stdout).", OUTPUT, metavar="PATH"),
    ] = None,
    repo: Checkout = Path(),
    commit: Annotated[
        Text, option("For asv: the commit that holds the patch.", TARGET, metavar="REV")
    ] = None,
    file: Annotated[
        Text, option("For openevolve: the file to evolve.", TARGET, metavar="PATH")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Write a run in another tool's format."""
    with door(quiet=quiet or kind not in ("openevolve", "guard")) as listener:
        from ...reports.exports import formats

        if kind not in formats.FORMATS:
            raise UserError(f"no format {kind!r}: choose one of {', '.join(formats.FORMATS)}")
        found = finished(run)
        if kind in ("asv", "openevolve") and out is None:
            raise UserError(f"--format {kind} writes several files: name a folder with --out")
        if kind == "openevolve":
            from ...api import openevolve_again

            made = openevolve_again(found.path, out or Path(), file=file, listener=listener)
        elif kind == "guard":
            from ...api import guard

            text = guard(str(found.path), listener=listener).read_text(encoding="utf-8")
            if out is None:
                typer.echo(text, nl=False)
                return
            made = [formats.written(out, text)]
        elif kind == "asv":
            made = [formats.export_asv(found, out or Path(), repository=repo, commit=commit)]
        elif out is None:
            typer.echo(formats.export_text(found, kind), nl=False)
            return
        else:
            made = [formats.written(out, formats.export_text(found, kind))]
    for path in made:
        typer.echo(str(path))
