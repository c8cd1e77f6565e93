"""`perfagent eval report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import UserError
from ..door import door, print_json
from ..options import OUTPUT, TARGET, Json, Text, Whole, option
from ..root import app

evaluation = typer.Typer(help="Evaluate over the instances of a benchmark.")
app.add_typer(evaluation, name="eval")


@evaluation.command()
def report(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Result files of one benchmark.")
    ],
    suite: Annotated[
        Text, option("swefficiency or gso (default: by the file's ending).", TARGET)
    ] = None,
    only: Annotated[
        Text, option("Instances to score, by id.", TARGET, "--filter", metavar="REGEX")
    ] = None,
    k: Annotated[Whole, option("Union of the first K runs too (GSO's Opt@K).", OUTPUT)] = None,
    as_json: Json = False,
) -> None:
    """Score result files: the benchmark's own number, and beside it what can be trusted."""
    with door(quiet=True):
        from ...agent.plain import to_plain
        from ...evals.gso import opt_at_k, read_report
        from ...evals.published import score_files
        from ...reports.evaluation import print_scores

        scored = score_files(files, suite=suite, only=only)
        of_gso = scored[0].suite == "gso"
        if k is not None and not (of_gso and only is None):
            raise UserError("--k is of whole GSO reports: leave it out")
        opt_k = None if k is None else opt_at_k([read_report(path) for path in files], k)
        if as_json:
            union = [] if k is None else [{"suite": "gso", "k": k, "opt_at_k": opt_k}]
            print_json([*(to_plain(each) for each in scored), *union])
        else:
            print_scores(scored, k=k, opt_k=opt_k)
