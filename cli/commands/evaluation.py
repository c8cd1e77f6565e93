"""`perfagent eval …`: evaluations over the instances of a benchmark."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from ...errors import UserError
from ..door import door, print_json
from ..options import Group, Json, Number, Text, Texts, Whole, option
from ..root import app
from ..said import Settings, takes

if TYPE_CHECKING:
    from ...evals.batch.auditing import Audited
    from ...evals.batch.options import Options
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
Suite = Annotated[
    Text, option("swefficiency, gso or sweperf (default: by columns or ending).", CHOICE)
]
Only = Annotated[Text, option("Instances by id.", CHOICE, "--filter", metavar="REGEX")]
RunId = Annotated[Text, option("The evaluation's name; the same one resumes.", OUTPUT)]
Out = Annotated[File, option("Its folder.", OUTPUT)]

_WORDS = {"expert": "expert", "gold": "expert", "empty": "empty"}
"""What names patches that no file holds; the benchmarks call the expert's "gold"."""

CHOSEN: Group = {
    "only": Only,
    "limit": Annotated[Whole, option("Most instances.", CHOICE)],
    "suite": Suite,
}
SAMPLED: Group = {
    "samples": Annotated[
        Whole, option("Patches of each instance: runs of the agent, or rows of the file.", CHOICE)
    ],
}
SHARDED: Group = {
    "shard": Annotated[Text, option("The K-th of N shares.", CHOICE, metavar="K/N")],
}
PLACED: Group = {
    "repository": Annotated[
        Texts,
        option(
            "Where a repository is (repeatable); default: GitHub.",
            PLACE,
            metavar="OWNER/NAME=REPO",
        ),
    ],
    "python": Annotated[Text, option("Interpreter of all instances.", PLACE)],
    "workers": Annotated[
        Whole,
        option("Instances under way at once, on each machine; one at a time is timed.", PLACE),
    ],
}
CONTAINED: Group = {
    "sandbox": Annotated[
        Text, option("What contains the code.", PLACE, metavar="auto|local|docker|none")
    ],
    "images": Annotated[
        bool, option("Run each instance in the Docker image that it names.", PLACE, "--images")
    ],
    "backend": Annotated[
        Text, option("Who does the work: this machine or a cluster.", PLACE, metavar="local|ray")
    ],
}
PROTOCOL: Group = {
    "protocol": Annotated[
        Text,
        option("official: the benchmark's own samples too.", MEASURING, metavar="paired|official"),
    ],
    "timeout": Annotated[
        Number, option("Seconds of one launch, and of one run of the tests.", MEASURING)
    ],
}
COMPARED: Group = {
    "max_compare": Annotated[Number, option("Seconds of one comparison.", MEASURING)]
}
TIMED: Group = {
    **COMPARED,
    "max_pairs": Annotated[Whole, option("Most pairs of launches.", MEASURING)],
}
MEASURED: Group = {
    **TIMED,
    "min_effect": Annotated[Number, option("Smallest gain that counts.", MEASURING)],
    "force": Annotated[bool, option("Measure all of it again.", MEASURING, "--force")],
}


@evaluation.command()
@takes(SAMPLED, SHARDED, CHOSEN, PLACED, CONTAINED, PROTOCOL, MEASURED)
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
    *,
    settings: Settings,
    run_id: RunId = None,
    out: Out = None,
    quiet: Annotated[bool, option("No progress.", OUTPUT, "--quiet", "-q")] = False,
    as_json: Json = False,
) -> None:
    """Evaluate patches: a file's, an agent's, the expert's, or none."""
    with door(quiet=True):
        whose, files = _whose(what, predictions, agent)
        from ... import api

        folder = api.evaluate(
            instances,
            whose,
            file=files,
            options=_options(settings, out, run_id),
            on_result=None if quiet else _tell,
            **settings,
        )
        _show([folder], as_json=as_json)


def _whose(
    what: str | None, predictions: list[Path] | None, agent: Path | None
) -> tuple[Any, list[Path]]:
    """Return whose patches are evaluated, and the files that they come from."""
    chosen: list[tuple[Any, list[Path]]] = [
        *([_of_predictions(predictions)] if predictions else []),
        *([("agent", [agent])] if agent is not None else []),
        *([(_word(what), [])] if what is not None else []),
    ]
    if len(chosen) != 1:
        raise UserError("say once whose patches: --predictions FILE, --agent FILE, expert or empty")
    return chosen[0]


def _options(said: Settings, out: Path | None, run_id: str | None = None) -> Options:
    """Take out of what was said what is no setting: which instances, where, and how."""
    from ...evals.batch.options import Options

    timeout = said.pop("timeout", None)
    if timeout is not None:
        said |= {"workload_timeout_s": timeout, "suite_timeout_s": timeout}
    protocol = said.get("protocol", "paired")
    if protocol not in ("paired", "official"):
        raise UserError(f"--protocol {protocol}: paired or official")
    repositories = _places(said.pop("repository", []))
    names = {each.name for each in fields(Options)} & said.keys()
    chosen = {name: said.pop(name) for name in names}
    return Options(
        run_id=run_id, out=str(out) if out else None, repositories=repositories, **chosen
    )


def _of_predictions(named: list[Path]) -> tuple[str, list[Path]]:
    """Return whose patches --predictions names: a benchmark's word stands for a file there too."""
    word = str(named[0])
    if len(named) == 1 and word in _WORDS and not named[0].exists():
        return _WORDS[word], []
    return "predictions", named


def _word(what: str) -> str:
    if what in _WORDS:
        return _WORDS[what]
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
    from ...agent.runs.plain import to_plain
    from ...evals.batch.records import read_evaluation
    from ...evals.scoring.summary import summarize_all
    from ...reports.printed.evaluated import print_summaries

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
        from ...agent.runs.directory import RunDirectory
        from ...agent.runs.plain import to_plain
        from ...evals.gso import opt_at_k
        from ...evals.published import score_files
        from ...reports.printed.evaluation import print_scores

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
        from ...agent.runs.plain import to_plain
        from ...evals.batch.records import read_evaluation
        from ...evals.scoring.comparing import compare_evaluations
        from ...reports.printed.evaluated import print_compared

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
@takes(SAMPLED, CHOSEN, PLACED, COMPARED)
def audit(
    instances: Instances,
    predictions: Annotated[
        File, option("Patches to audit.", CHOICE, "--predictions", metavar="FILE")
    ] = None,
    run: Annotated[
        File, option("Evaluation whose patches are audited.", CHOICE, "--run", metavar="FOLDER")
    ] = None,
    *,
    settings: Settings,
    timing: Annotated[bool, option("Time too.", MEASURING, "--timing")] = False,
    out: Annotated[
        File, option("Folder of the audits (default: the evaluation's).", OUTPUT)
    ] = None,
    as_json: Json = False,
) -> None:
    """Put patches through every honesty check; exit 1 when one is refused."""
    with door(quiet=True):
        from ... import api
        from ...agent.runs.plain import to_plain
        from ...reports.printed.evaluated import print_audits

        found = api.audit_evaluation(
            instances,
            predictions=predictions,
            run=run,
            timing=timing,
            options=_options(settings, out),
            on_result=_tell_audit,
            **settings,
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
@takes(CHOSEN, PLACED, TIMED)
def verify_expert(
    instances: Instances,
    settings: Settings,
    run_id: RunId = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Say which instances' expert patches are correct and faster on this machine."""
    with door(quiet=True):
        from ... import api
        from ...agent.runs.plain import to_plain
        from ...evals.batch.records import read_evaluation
        from ...evals.scoring.reproduced import reproduced
        from ...reports.printed.evaluated import print_reproduced

        folder = api.evaluate(
            instances,
            "expert",
            options=_options(settings, out, run_id),
            on_result=_tell,
            **settings,
        )
        found = reproduced(read_evaluation(folder))
        if as_json:
            print_json([to_plain(each) for each in found])
        else:
            print_reproduced(found)
