"""`perfagent mine`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..door import EXIT_NOTHING, door, say
from ..options import (
    ENVIRONMENT,
    MEASUREMENT,
    OUTPUT,
    TARGET,
    BaseUrl,
    MaxTokens,
    MaxUsd,
    Model,
    Number,
    Repo,
    Text,
    Texts,
    option,
)
from ..root import app


@app.command()
def mine(
    repo: Repo,
    out: Annotated[Path, option("Instances found, as JSON Lines.", OUTPUT)],
    since: Annotated[Text, option("Only commits after this date.", TARGET, metavar="DATE")] = None,
    most: Annotated[int, option("Most commits whose message fits.", TARGET)] = 50,
    most_files: Annotated[int, option("Most files a commit changes.", TARGET)] = 5,
    word: Annotated[
        Texts,
        option(
            "Word of such messages, besides the usual ones (repeatable).", TARGET, metavar="WORD"
        ),
    ] = None,
    python: Annotated[Text, option("Interpreter of the repository.", ENVIRONMENT)] = None,
    install: Annotated[
        Texts, option("Command that installs it (repeatable).", ENVIRONMENT, metavar="CMD")
    ] = None,
    sandbox: Annotated[
        Text, option("What contains the code.", ENVIRONMENT, metavar="auto|local|docker|none")
    ] = None,
    max_compare: Annotated[Number, option("Seconds of one comparison.", MEASUREMENT)] = None,
    max_pairs: Annotated[int, option("Most pairs of launches.", MEASUREMENT)] = 30,
    model: Model = None,
    base_url: BaseUrl = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
) -> None:
    """Make instances of a repository's history: commits whose gain holds on this machine."""
    kept = 0
    with door(quiet=True):
        from ... import api

        found = api.mine(
            repo,
            out,
            since=since,
            most=most,
            most_files=most_files,
            words=word or (),
            on_step=lambda text: typer.echo(text, err=True),
            python=python,
            install=install,
            sandbox=sandbox,
            max_compare_s=max_compare,
            max_pairs=max_pairs,
            model=model,
            base_url=base_url,
            max_usd=max_usd,
            max_tokens=max_tokens,
        )
        for each in found:
            state = "kept" if each.row else "left out"
            typer.echo(f"{each.commit[:10] or '-'} {state}: {each.reason}")
            kept += each.row is not None
    say(f"{kept} instances in {out}")
    if not kept:
        raise typer.Exit(EXIT_NOTHING)
