"""`perfagent eval …`: evaluations over the instances of a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from ...errors import UserError
from ..door import door, print_json
from ..options import Json, Number, Text, Texts, Whole, option
from ..root import app

if TYPE_CHECKING:
    from ...evals.batch.auditing import Audited
    from ...evals.running.outcome import InstanceResult

evaluation = typer.Typer(help="Evaluate over the instances of a benchmark.", no_args_is_help=True)
app.add_typer(evaluation, name="eval")

CHOICE, PLACE, MEASURING, OUTPUT = "Which instances", "Where", "Measurement", "Output"

File = Optional[Path]  # noqa: UP045 - typer evaluates it at run time
Files = Optional[list[Path]]  # noqa: UP045


Instances = Annotated[
    str,
    typer.Argument(
        metavar="INSTANCES",
        help="A .json, .jsonl or .parquet file, a saved dataset, or OWNER/NAME on Hugging Face.",
    ),
]
What = Annotated[
    Text, typer.Argument(metavar="[expert|empty]", help="The expert's patches, or none at all.")
]
Samples = Annotated[
    Whole, option("Patches of each instance: runs of the agent, or rows of the file.", CHOICE)
]
Suite = Annotated[
    Text, option("swefficiency, gso or sweperf (default: by columns or ending).", CHOICE)
]
Only = Annotated[Text, option("Instances by id.", CHOICE, "--filter", metavar="REGEX")]


Repositories = Annotated[
    Texts,
    option(
        "Where a repository is (repeatable); default: GitHub.", PLACE, metavar="OWNER/NAME=REPO"
    ),
]
Workers = Annotated[
    int, option("Instances under way at once, on each machine; one at a time is timed.", PLACE)
]


@evaluation.command()
def run(
    instances: Instances,
    what: What = None,
    predictions: Annotated[
        Files,
        option(
            "Patches to evaluate (repeatable: further samples).",
            CHOICE,
            "--predictions",
            metavar="FILE",
        ),
    ] = None,
    agent: Annotated[
        File,
        option("Settings (TOML) of `optimize`, which makes the patches.", CHOICE, metavar="FILE"),
    ] = None,
    samples: Samples = None,
    only: Only = None,
    limit: Annotated[Whole, option("Most instances.", CHOICE)] = None,
    shard: Annotated[Text, option("The K-th of N shares.", CHOICE, metavar="K/N")] = None,
    suite: Suite = None,
    repository: Repositories = None,
    python: Annotated[Text, option("Interpreter of all instances.", PLACE)] = None,
    sandbox: Annotated[
        Text, option("What contains the code.", PLACE, metavar="auto|local|docker|none")
    ] = None,
    images: Annotated[
        bool, option("Run each instance in the Docker image that it names.", PLACE, "--images")
    ] = False,
    backend: Annotated[
        Text, option("Who does the work: this machine or a cluster.", PLACE, metavar="local|ray")
    ] = "local",
    workers: Workers = 1,
    protocol: Annotated[
        Text,
        option("official: the benchmark's own samples too.", MEASURING, metavar="paired|official"),
    ] = "paired",
    timeout: Annotated[
        Number, option("Seconds of one launch, and of one run of the tests.", MEASURING)
    ] = None,
    max_compare: Annotated[Number, option("Seconds of one comparison.", MEASURING)] = None,
    max_pairs: Annotated[Whole, option("Most pairs of launches.", MEASURING)] = None,
    min_effect: Annotated[Number, option("Smallest gain that counts.", MEASURING)] = None,
    force: Annotated[bool, option("Measure all of it again.", MEASURING, "--force")] = False,
    run_id: Annotated[Text, option("The evaluation's name; the same one resumes.", OUTPUT)] = None,
    out: Annotated[File, option("Its folder.", OUTPUT)] = None,
    quiet: Annotated[bool, option("No progress.", OUTPUT, "--quiet", "-q")] = False,
    as_json: Json = False,
) -> None:
    """Evaluate patches: a file's, an agent's, the expert's, or none."""
    with door(quiet=True):
        chosen: list[tuple[Any, list[Path]]] = [
            *([("predictions", predictions)] if predictions else []),
            *([("agent", [agent])] if agent is not None else []),
            *([(_word(what), [])] if what is not None else []),
        ]
        if len(chosen) != 1:
            raise UserError(
                "say once whose patches: --predictions FILE, --agent FILE, expert or empty"
            )
        if protocol not in ("paired", "official"):
            raise UserError(f"--protocol {protocol}: paired or official")
        from ... import api
        from ...evals.batch.options import Options

        options = Options(
            run_id=run_id,
            out=str(out) if out else None,
            workers=workers,
            suite=suite,
            only=only,
            limit=limit,
            shard=shard,
            protocol=protocol,
            repositories=_places(repository or []),
            backend=backend or "local",
            force=force,
            images=images,
            samples=samples,
        )
        folder = api.evaluate(
            instances,
            chosen[0][0],
            file=chosen[0][1],
            options=options,
            on_result=None if quiet else _tell,
            python=python,
            sandbox=sandbox,
            workload_timeout_s=timeout,
            suite_timeout_s=timeout,
            max_compare_s=max_compare,
            max_pairs=max_pairs,
            min_effect=min_effect,
        )
        _show([folder], as_json=as_json)


def _word(what: str) -> str:
    if what in ("expert", "empty"):
        return what
    raise UserError(f"{what!r}: after INSTANCES stands expert, empty, or nothing")


def _places(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        name, mark, place = each.partition("=")
        if not mark or name.count("/") != 1 or not place:
            raise UserError(f"--repository {each}: write OWNER/NAME=PATH or OWNER/NAME=URL")
        found[name] = place
    return found


def _tell(found: InstanceResult, done: int, total: int) -> None:
    speed = f" {found.speedup.value:.3g}x" if found.speedup else ""
    ratio = f", SR {found.ratio.value:.3g}" if found.ratio else ""
    kept = " (kept)" if found.kept else ""
    line = f"{done}/{total} {_called(found)}: {found.outcome.replace('_', ' ')}{speed}{ratio}"
    typer.echo(line + kept, err=True)
    if found.outcome not in ("faster", "no_gain", "inconclusive", "slower", "empty"):
        typer.echo(f"    {' '.join(found.reason.split())[:300]}", err=True)


def _called(found: InstanceResult | Audited) -> str:
    return found.instance_id + (f" sample {found.sample}" if found.sample > 1 else "")


def _show(folders: list[Path], *, as_json: bool) -> None:
    from ...agent.plain import to_plain
    from ...evals.batch.records import read_evaluation
    from ...evals.scoring.summary import summarize_all
    from ...reports.evaluated import print_summaries

    summaries = summarize_all([read_evaluation(folder) for folder in folders])
    if as_json:
        print_json([to_plain(each) for each in summaries])
    else:
        print_summaries(summaries)


@evaluation.command()
def report(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Result files or folders of logs of one benchmark, or folders of `eval run`.",
        ),
    ],
    suite: Suite = None,
    only: Only = None,
    expert: Annotated[
        File,
        option("The expert's run, beside SWE-fficiency's logs.", CHOICE, metavar="FILE|FOLDER"),
    ] = None,
    instances: Annotated[
        Text,
        option("The dataset, beside folders of logs.", CHOICE, "--instances", metavar="INSTANCES"),
    ] = None,
    out: Annotated[File, option("Where the benchmark's own files of it go.", OUTPUT)] = None,
    k: Annotated[Whole, option("Union of the first K runs too (GSO's Opt@K).", OUTPUT)] = None,
    as_json: Json = False,
) -> None:
    """Score result files: the benchmark's own number, and beside it what can be trusted."""
    with door(quiet=True):
        from ...evals.batch.records import is_evaluation

        if all(is_evaluation(path) for path in files):
            if suite or only or k or expert or instances or out:
                raise UserError(
                    "--suite, --filter, --expert, --instances, --out and --k are of others"
                    "' results: leave them out (`eval export` writes files)"
                )
            _show(files, as_json=as_json)
            return
        from ...agent.plain import to_plain
        from ...agent.run_directory import RunDirectory
        from ...evals.gso import opt_at_k
        from ...evals.published import score_files
        from ...reports.evaluation import print_scores

        found = score_files(files, suite=suite, only=only, expert=expert, instances=instances)
        scored, reports = [each.scored for each in found], [each.report for each in found]
        if k is not None and not (all(reports) and only is None):
            raise UserError("--k is of whole GSO reports: leave it out")
        opt_k = None if k is None else opt_at_k([each for each in reports if each], k)
        if out is not None:
            for name, text in (pair for each in found for pair in each.files.items()):
                RunDirectory(out).write_text(name, text)
                typer.echo(str(out / name), err=True)
        if as_json:
            union = [] if k is None else [{"suite": "gso", "k": k, "opt_at_k": opt_k}]
            print_json([*(to_plain(each) for each in scored), *union])
        else:
            print_scores(scored, k=k, opt_k=opt_k)


@evaluation.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of an evaluation.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.")],
    as_json: Json = False,
) -> None:
    """Set two evaluations beside each other, instance by instance."""
    with door(quiet=True):
        from ...agent.plain import to_plain
        from ...evals.batch.records import read_evaluation
        from ...evals.scoring.comparing import compare_evaluations
        from ...reports.evaluated import print_compared

        found = compare_evaluations(read_evaluation(first), read_evaluation(second))
        if as_json:
            print_json(to_plain(found))
        else:
            print_compared(found)


@evaluation.command("export")
def export_files(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of evaluations of a benchmark.")
    ],
    out: Annotated[Path, option("Where the files go.", OUTPUT)],
) -> None:
    """Write CSV and JSON in the benchmark's own schemas and in ours, and one HTML page for all."""
    with door(quiet=True):
        from ... import api

        for path in api.export_evaluations(runs, out):
            typer.echo(str(path))


@evaluation.command()
def audit(
    instances: Instances,
    predictions: Annotated[
        File, option("Patches to audit.", CHOICE, "--predictions", metavar="FILE")
    ] = None,
    run: Annotated[
        File, option("Evaluation whose patches are audited.", CHOICE, "--run", metavar="FOLDER")
    ] = None,
    samples: Samples = None,
    only: Only = None,
    limit: Annotated[Whole, option("Most instances.", CHOICE)] = None,
    suite: Suite = None,
    repository: Repositories = None,
    python: Annotated[Text, option("Interpreter of all instances.", PLACE)] = None,
    workers: Workers = 1,
    timing: Annotated[bool, option("Time too.", MEASURING, "--timing")] = False,
    max_compare: Annotated[Number, option("Seconds of one comparison.", MEASURING)] = None,
    out: Annotated[
        File, option("Folder of the audits (default: the evaluation's).", OUTPUT)
    ] = None,
    as_json: Json = False,
) -> None:
    """Put patches through every honesty check; exit 1 when one is refused."""
    with door(quiet=True):
        from ... import api
        from ...agent.plain import to_plain
        from ...evals.batch.options import Options
        from ...reports.evaluated import print_audits

        options = Options(
            out=str(out) if out else None,
            workers=workers,
            suite=suite,
            samples=samples,
            only=only,
            limit=limit,
            repositories=_places(repository or []),
        )
        found = api.audit_evaluation(
            instances,
            predictions=predictions,
            run=run,
            timing=timing,
            options=options,
            on_result=_tell_audit,
            python=python,
            max_compare_s=max_compare,
        )
        if as_json:
            print_json([to_plain(each) for each in found])
        else:
            print_audits(found)
    if any(each.holds is False for each in found):
        raise typer.Exit(1)


def _tell_audit(found: Audited, done: int, total: int) -> None:
    word = {True: "holds", False: "refused", None: "could not be asked"}[found.holds]
    typer.echo(f"{done}/{total} {_called(found)}: {word}", err=True)


@evaluation.command("verify-expert")
def verify_expert(
    instances: Instances,
    only: Only = None,
    limit: Annotated[Whole, option("Most instances.", CHOICE)] = None,
    suite: Suite = None,
    repository: Repositories = None,
    python: Annotated[Text, option("Interpreter of all instances.", PLACE)] = None,
    workers: Workers = 1,
    max_compare: Annotated[Number, option("Seconds of one comparison.", MEASURING)] = None,
    max_pairs: Annotated[Whole, option("Most pairs of launches.", MEASURING)] = None,
    run_id: Annotated[Text, option("The evaluation's name; the same one resumes.", OUTPUT)] = None,
    out: Annotated[File, option("Its folder.", OUTPUT)] = None,
    as_json: Json = False,
) -> None:
    """Say which instances' expert patches are correct and faster on this machine."""
    with door(quiet=True):
        from ... import api
        from ...agent.plain import to_plain
        from ...evals.batch.options import Options
        from ...evals.batch.records import read_evaluation
        from ...evals.scoring.reproduced import reproduced
        from ...reports.evaluated import print_reproduced

        folder = api.evaluate(
            instances,
            "expert",
            options=Options(
                run_id=run_id,
                out=str(out) if out else None,
                workers=workers,
                suite=suite,
                only=only,
                limit=limit,
                repositories=_places(repository or []),
            ),
            on_result=_tell,
            python=python,
            max_compare_s=max_compare,
            max_pairs=max_pairs,
        )
        found = reproduced(read_evaluation(folder))
        if as_json:
            print_json([to_plain(each) for each in found])
        else:
            print_reproduced(found)
