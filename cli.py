"""The command line. A door: it reads options, calls the API, and prints; it decides nothing.

Results go to stdout, everything else to stderr. Exit status: 0 accepted, 1 no improvement or
inconclusive, 2 usage or prerequisite, 3 infrastructure, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from . import __version__
from .cli_evaluation import evaluation
from .errors import InfrastructureError, UserError

EXIT_ACCEPTED, EXIT_NOTHING, EXIT_USAGE, EXIT_INFRASTRUCTURE, EXIT_INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="perfagent",
    help="Makes a repository faster on a workload, and proves it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

TARGET, ENVIRONMENT, PROPOSERS = "Target", "Environment", "Proposers"
ANSWER, SANDBOX = "Answer", "Sandbox"
SEARCH, MEASUREMENT, BUDGET, OUTPUT = "Search", "Measurement", "Budget", "Output"


def _option(text: str, panel: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=text, rich_help_panel=panel, show_default=False, **more)


# typer reads the annotations at run time, so they are spelled out once, here, and shared.
Repo = Annotated[
    str,
    typer.Argument(
        metavar="REPO",
        help="A path, an https/ssh/file URL, owner/name (GitHub), or pypi:NAME==VERSION; "
        "@REV picks the base.",
    ),
]
WorkloadArgument = Annotated[
    str,
    typer.Argument(
        metavar="WORKLOAD",
        help="A Python script (with setup()/workload(), or plain), pytest:NODEID, "
        "python:module:function, or cmd:SHELL COMMAND.",
    ),
]
Text = Optional[str]  # noqa: UP045 - typer evaluates these at run time
Number = Optional[float]  # noqa: UP045
Whole = Optional[int]  # noqa: UP045
Flag = Optional[bool]  # noqa: UP045
Texts = Optional[list[str]]  # noqa: UP045

Rev = Annotated[Text, _option("Revision that is the base (default: the source's HEAD).", TARGET)]
Expert = Annotated[Text, _option("Revision of the expert commit to compare with.", TARGET)]
Subdir = Annotated[Text, _option("Folder of the package inside the repository.", TARGET)]
Python = Annotated[
    Text, _option('Interpreter: "3.9", a path, or a virtual environment.', ENVIRONMENT)
]
Install = Annotated[
    Texts, _option("Command that installs the target (repeatable).", ENVIRONMENT, metavar="CMD")
]
Build = Annotated[
    Text,
    _option(
        "Command rerun in every tree after a patch: compiled code.", ENVIRONMENT, metavar="CMD"
    ),
]
Tests = Annotated[
    Text, _option("pytest arguments that choose the suite.", ENVIRONMENT, metavar='"ARGS"')
]
NoTests = Annotated[
    bool,
    _option("Go on without a suite; the answer check alone guards.", ENVIRONMENT, "--no-tests"),
]
SandboxOption = Annotated[
    Text,
    _option(
        "What contains the target's code (default auto).",
        SANDBOX,
        "--sandbox",
        metavar="auto|local|docker|none",
    ),
]
AllowNetwork = Annotated[
    bool, _option("Let the target's code use the network.", SANDBOX, "--allow-network")
]
AllowRead = Annotated[
    Texts,
    _option("Path outside the repository that it may read (repeatable).", SANDBOX, metavar="PATH"),
]
Output = Annotated[
    Texts,
    _option("File the workload writes, part of its answer (repeatable).", ANSWER, metavar="GLOB"),
]
Loosen = Annotated[
    Texts,
    _option(
        "What of the answer is compared loosely (repeatable): float-rel=N, float-abs=N, "
        "key-order, messages, aliasing, stdout, files, dtype, private, calls.",
        ANSWER,
        metavar="NAME",
    ),
]
Proposer = Annotated[
    Text,
    _option(
        "Who suggests patches: rewrites,llm,command,predictions:FILE.", PROPOSERS, metavar="LIST"
    ),
]
Model = Annotated[
    Texts,
    _option(
        "openai:NAME, anthropic:NAME or openai-compatible:NAME; repeatable, =N weighs it.",
        PROPOSERS,
        metavar="MODEL",
    ),
]
PlanModel = Annotated[Texts, _option("Model for plans in words.", PROPOSERS, metavar="MODEL")]
RepairModel = Annotated[
    Texts, _option("Model that mends refused patches.", PROPOSERS, metavar="MODEL")
]
Replay = Annotated[
    Text, _option("Earlier run whose recorded model answers.", PROPOSERS, metavar="RUN")
]
BaseUrl = Annotated[Text, _option("Address of the model server.", PROPOSERS, metavar="URL")]
Command = Annotated[
    Text,
    _option("Outside agent, run in a worktree; its diff is taken.", PROPOSERS, metavar="CMD"),
]
PassEnv = Annotated[
    Texts, _option("Variable handed to the outside agent (repeatable).", PROPOSERS, metavar="NAME")
]
MaxPrompt = Annotated[Whole, _option("Most tokens of a prompt (default 12000).", PROPOSERS)]
MaxOutput = Annotated[Whole, _option("Most tokens of a reply (default 16000).", PROPOSERS)]
MaxTurns = Annotated[
    Whole, _option("Replies of a conversation that may call tools (default 24).", PROPOSERS)
]
MaxContext = Annotated[
    Whole, _option("Most tokens of a conversation's prompts (default 64000).", PROPOSERS)
]
MaxConversation = Annotated[Whole, _option("Most tokens of a conversation in all.", PROPOSERS)]
ToolProtocol = Annotated[
    Text, _option("How a model calls tools.", PROPOSERS, metavar="auto|native|text")
]
MinShare = Annotated[
    Number, _option("Hotspots under this share are left alone (default 0.02).", SEARCH)
]
Search = Annotated[
    Text,
    _option(
        "Which versions a model starts from (default best-of-n).",
        SEARCH,
        metavar="best-of-n|beam|evolve",
    ),
]
Width = Annotated[Whole, _option("Conversations with a model a round (default 4).", SEARCH)]
MaxCandidates = Annotated[Whole, _option("Most candidates a round (default 24).", SEARCH)]
Allow = Annotated[
    Texts,
    _option(
        "Out-of-scope file or new package a candidate may touch or import (repeatable).",
        SEARCH,
        metavar="GLOB|PACKAGE",
    ),
]
Judge = Annotated[
    Text,
    _option(
        "Model asked whether a patch is a trick; it can add a doubt, no more.",
        SEARCH,
        metavar="MODEL",
    ),
]
JudgeVotes = Annotated[Whole, _option("How often it is asked (default 5).", SEARCH)]
NoLearn = Annotated[
    bool,
    _option("Leave what other runs on the repository taught aside.", SEARCH, "--no-learn"),
]
Native = Annotated[bool, _option("Profile native frames too.", SEARCH, "--native")]
NoFacts = Annotated[bool, _option("Do not look into the calls of hotspots.", SEARCH, "--no-facts")]
Metric = Annotated[
    Text,
    _option(
        "What has to become less (default wall).",
        MEASUREMENT,
        metavar="wall|cpu|instructions|rss|energy",
    ),
]
InstructionsBy = Annotated[
    Text,
    _option("What counts instructions (default auto).", MEASUREMENT, metavar="auto|perf|callgrind"),
]
AllowMemory = Annotated[
    Text,
    _option("Peak memory allowed, times the base's (default 1.2x).", MEASUREMENT, metavar="N"),
]
AllowImport = Annotated[
    Text,
    _option("Import time allowed, times the base's (default 1.2x).", MEASUREMENT, metavar="N"),
]
MinEffect = Annotated[Number, _option("Smallest gain worth accepting (default 0.02).", MEASUREMENT)]
MaxPairs = Annotated[Whole, _option("Most pairs of one comparison (default 30).", MEASUREMENT)]
MaxCompare = Annotated[
    Number, _option("Most seconds of one comparison (default 300).", MEASUREMENT)
]
WorkloadTimeout = Annotated[
    Number, _option("Seconds one launch may take (default 300).", MEASUREMENT)
]
SuiteTimeout = Annotated[Number, _option("Seconds the suite may take (default 1800).", MEASUREMENT)]
MemoryGb = Annotated[Number, _option("Address space of one process, in GiB.", MEASUREMENT)]
MaxUsd = Annotated[Number, _option("Most US dollars for the model.", BUDGET)]
MaxTokens = Annotated[Whole, _option("Most tokens, input and output.", BUDGET)]
MaxWall = Annotated[Number, _option("Seconds for the run (default 3600).", BUDGET)]
MaxRounds = Annotated[Whole, _option("Most rounds (default 4).", BUDGET)]
Jobs = Annotated[Whole, _option("Candidates validated at once (default 2).", BUDGET)]
Out = Annotated[Optional[Path], _option("Directory of the run.", OUTPUT, metavar="DIR")]  # noqa: UP045
Json = Annotated[bool, _option("Print the record as JSON on stdout.", OUTPUT, "--json")]
Quiet = Annotated[bool, _option("Print nothing but the result.", OUTPUT, "--quiet", "-q")]
Seed = Annotated[Whole, _option("Seed of every random choice (default 0).", OUTPUT)]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Id, beginning of it, or directory.")]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"perfagent {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Makes a repository faster on a workload, and proves it."""


@app.command()
def optimize(
    repo: Repo,
    workload: WorkloadArgument,
    rev: Rev = None,
    expert: Expert = None,
    subdir: Subdir = None,
    python: Python = None,
    install: Install = None,
    build: Build = None,
    tests: Tests = None,
    no_tests: NoTests = False,
    sandbox: SandboxOption = None,
    allow_network: AllowNetwork = False,
    allow_read: AllowRead = None,
    output: Output = None,
    loosen: Loosen = None,
    proposer: Proposer = None,
    model: Model = None,
    plan_model: PlanModel = None,
    repair_model: RepairModel = None,
    replay: Replay = None,
    base_url: BaseUrl = None,
    command: Command = None,
    pass_env: PassEnv = None,
    max_prompt_tokens: MaxPrompt = None,
    max_output_tokens: MaxOutput = None,
    max_turns: MaxTurns = None,
    max_context_tokens: MaxContext = None,
    max_conversation_tokens: MaxConversation = None,
    tool_protocol: ToolProtocol = None,
    min_share: MinShare = None,
    search: Search = None,
    width: Width = None,
    max_candidates: MaxCandidates = None,
    allow: Allow = None,
    judge: Judge = None,
    judge_votes: JudgeVotes = None,
    no_learn: NoLearn = False,
    native: Native = False,
    no_facts: NoFacts = False,
    metric: Metric = None,
    instructions_by: InstructionsBy = None,
    allow_memory: AllowMemory = None,
    allow_import: AllowImport = None,
    min_effect: MinEffect = None,
    max_pairs: MaxPairs = None,
    max_compare: MaxCompare = None,
    workload_timeout: WorkloadTimeout = None,
    suite_timeout: SuiteTimeout = None,
    memory_gb: MemoryGb = None,
    max_usd: MaxUsd = None,
    max_tokens: MaxTokens = None,
    max_wall: MaxWall = None,
    max_rounds: MaxRounds = None,
    jobs: Jobs = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    seed: Seed = None,
) -> None:
    """Profile, propose, verify, accept: make REPO faster on WORKLOAD."""
    settings = _settings(locals())
    with _door(quiet=quiet) as listener:
        from .api import optimize as run_it

        record = run_it(repo, workload, out=out, listener=listener, **settings)
    _finish(record, as_json=as_json)


@app.command()
def measure(
    repo: Repo,
    workload: WorkloadArgument,
    candidate: Annotated[Text, _option("Revision to measure.", TARGET, metavar="REV")] = None,
    patch: Annotated[
        Optional[Path],  # noqa: UP045
        _option("Unified diff against the base to measure.", TARGET, metavar="FILE"),
    ] = None,
    rev: Rev = None,
    expert: Expert = None,
    subdir: Subdir = None,
    python: Python = None,
    install: Install = None,
    build: Build = None,
    tests: Tests = None,
    no_tests: NoTests = False,
    sandbox: SandboxOption = None,
    allow_network: AllowNetwork = False,
    allow_read: AllowRead = None,
    output: Output = None,
    loosen: Loosen = None,
    allow: Allow = None,
    judge: Judge = None,
    judge_votes: JudgeVotes = None,
    metric: Metric = None,
    instructions_by: InstructionsBy = None,
    allow_memory: AllowMemory = None,
    allow_import: AllowImport = None,
    min_effect: MinEffect = None,
    max_pairs: MaxPairs = None,
    max_compare: MaxCompare = None,
    workload_timeout: WorkloadTimeout = None,
    suite_timeout: SuiteTimeout = None,
    memory_gb: MemoryGb = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    seed: Seed = None,
) -> None:
    """Put one patch through the gate: is it right, and is it faster?"""
    settings = _settings(locals())
    with _door(quiet=quiet) as listener:
        from .api import measure as run_it

        record = run_it(
            repo,
            workload,
            candidate=candidate,
            patch=patch,
            out=out,
            listener=listener,
            **settings,
        )
    _finish(record, as_json=as_json)


@app.command()
def audit(
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
        Text, _option("Where the base is (default: here, or as the run had it).", TARGET)
    ] = None,
    no_timing: Annotated[
        bool, _option("Leave out the checks that time.", MEASUREMENT, "--no-timing")
    ] = False,
    rev: Rev = None,
    subdir: Subdir = None,
    python: Python = None,
    install: Install = None,
    build: Build = None,
    tests: Tests = None,
    no_tests: NoTests = False,
    output: Output = None,
    loosen: Loosen = None,
    allow: Allow = None,
    judge: Judge = None,
    judge_votes: JudgeVotes = None,
    base_url: BaseUrl = None,
    max_pairs: MaxPairs = None,
    max_compare: MaxCompare = None,
    workload_timeout: WorkloadTimeout = None,
    suite_timeout: SuiteTimeout = None,
    memory_gb: MemoryGb = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    seed: Seed = None,
) -> None:
    """Put one patch through every check for tricks, and say what each of them finds."""
    settings = _settings(locals())
    with _door(quiet=quiet) as listener:
        from .api import audit as run_it

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
        _print_json(audited)
    else:
        from .reports.audited import print_audit

        print_audit(audited)
    raise typer.Exit(0 if audited["holds"] else EXIT_NOTHING)


@app.command()
def profile(
    repo: Repo,
    workload: WorkloadArgument,
    rev: Rev = None,
    subdir: Subdir = None,
    python: Python = None,
    install: Install = None,
    build: Build = None,
    sandbox: SandboxOption = None,
    allow_network: AllowNetwork = False,
    allow_read: AllowRead = None,
    min_share: MinShare = None,
    native: Native = False,
    no_facts: NoFacts = False,
    workload_timeout: WorkloadTimeout = None,
    memory_gb: MemoryGb = None,
    out: Out = None,
    as_json: Json = False,
    quiet: Quiet = False,
    seed: Seed = None,
) -> None:
    """Show where WORKLOAD spends its time."""
    settings = _settings(locals())
    with _door(quiet=quiet) as listener:
        from .api import profile as run_it

        found = run_it(repo, workload, out=out, listener=listener, **settings)
    if as_json:
        _print_json(found)
    else:
        from .reports.tables import print_profile

        print_profile(found)


@app.command()
def resume(run: RunName, as_json: Json = False, quiet: Quiet = False) -> None:
    """Go on with a run that was stopped or killed."""
    with _door(quiet=quiet) as listener:
        from .api import resume as run_it

        record = run_it(run, listener=listener)
    _finish(record, as_json=as_json)


@app.command()
def runs(as_json: Json = False) -> None:
    """List the runs, newest first."""
    with _door(quiet=True):
        from .agent.plain import to_plain
        from .agent.runs import list_runs
        from .reports.tables import print_runs
        from .settings import load_settings

        found = [to_plain(run) for run in list_runs(load_settings({}, working_dir=Path.cwd()))]
    if as_json:
        _print_json(found)
    else:
        print_runs(found)


@app.command()
def show(run: RunName, as_json: Json = False) -> None:
    """Show a run's report."""
    with _door(quiet=True):
        from .agent.runs import find_run
        from .settings import load_settings

        path = find_run(run, settings=load_settings({}, working_dir=Path.cwd()))
        name = "report.json" if as_json else "report.md"
        if not (path / name).exists():
            raise UserError(f"run {path.name} is not finished: `perfagent resume {path.name}`")
        text = (path / name).read_text(encoding="utf-8")
    if as_json:
        typer.echo(text)
    else:
        from .reports.tables import print_markdown

        print_markdown(text)


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
        _option("Measure the patch again too; runs what the bundle holds.", MEASUREMENT, "--rerun"),
    ] = False,
    repo: Annotated[
        Text,
        _option("Where --rerun finds the base commit (default: as recorded).", TARGET),
    ] = None,
    python: Python = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Derive a run's verdict again from its evidence; with --rerun, measure it again."""
    if not rerun and (repo or python):
        _fail("--repo and --python say where to measure again: add --rerun", EXIT_USAGE)
    with _door(quiet=quiet or not rerun) as listener:
        from .api import verify as run_it

        verified = run_it(bundle, rerun=rerun, repo=repo, python=python, listener=listener)
    if as_json:
        _print_json(verified)
    else:
        from .reports.verification import print_verification

        print_verification(verified, rerun_asked=rerun)
    raise typer.Exit(0 if verified["holds"] else EXIT_NOTHING)


@app.command()
def mcp(
    repo: Annotated[
        Text, _option("The only repository to work on.", TARGET, metavar="REPO")
    ] = None,
    workload: Annotated[
        Text, _option("The only workload to work on.", TARGET, metavar="WORKLOAD")
    ] = None,
) -> None:
    """Serve profile, facts, measure and verify to other agents (MCP, on stdin and stdout)."""
    try:
        from .mcp_server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "mcp":
            raise
        _fail("the MCP server needs its extra: pip install 'perfagent[mcp]'", EXIT_USAGE)
        return
    serve(repo=repo, workload=workload)


evolution = typer.Typer(help="Evolve a workload's hottest file with OpenEvolve.")
app.add_typer(evolution, name="openevolve")

Exported = Annotated[Path, typer.Argument(metavar="DIR", help="What export wrote.")]
Program = Annotated[Path, typer.Argument(metavar="PROGRAM", help="A program of the evolution.")]


@evolution.command()
def export(
    repo: Repo,
    workload: WorkloadArgument,
    folder: Annotated[Path, _option("Where the files go.", OUTPUT, "--out", metavar="DIR")],
    file: Annotated[
        Text, _option("File to evolve (default: the hottest function's).", TARGET, metavar="PATH")
    ] = None,
    rev: Rev = None,
    subdir: Subdir = None,
    python: Python = None,
    install: Install = None,
    build: Build = None,
    tests: Tests = None,
    no_tests: NoTests = False,
    output: Output = None,
    loosen: Loosen = None,
    workload_timeout: WorkloadTimeout = None,
    suite_timeout: SuiteTimeout = None,
    memory_gb: MemoryGb = None,
    quiet: Quiet = False,
) -> None:
    """Write program, evaluator and configuration for openevolve-run."""
    settings = {k: v for k, v in _settings(locals()).items() if k not in ("folder", "file")}
    with _door(quiet=quiet) as listener:
        from .api import openevolve_export

        made = openevolve_export(repo, workload, folder, file=file, listener=listener, **settings)
    for path in made:
        typer.echo(str(path))


@evolution.command()
def score(folder: Exported, program: Program) -> None:
    """Score a program: the evaluator's command; prints JSON."""
    with _door(quiet=True):
        from .api import openevolve_score

        found = openevolve_score(folder, program)
    _print_json(found)


@evolution.command()
def check(folder: Exported, program: Program, as_json: Json = False, quiet: Quiet = False) -> None:
    """Measure a champion as `measure` does: only this number counts."""
    with _door(quiet=quiet) as listener:
        from .api import openevolve_check

        record = openevolve_check(folder, program, listener=listener)
    _finish(record, as_json=as_json)


app.add_typer(evaluation, name="eval")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check what works on this machine: git, profiler, sandbox, docker, keys, noise."""
    with _door(quiet=True):
        from .agent.doctor import examine
        from .agent.plain import to_plain
        from .reports.tables import print_doctor

        findings = [to_plain(finding) for finding in examine()]
    if as_json:
        _print_json(findings)
    else:
        print_doctor(findings)
    if any(finding["state"] == "missing" and finding["needed"] for finding in findings):
        raise typer.Exit(EXIT_USAGE)


# Names of parameters that are not settings.
_NOT_SETTINGS = {"repo", "workload", "candidate", "patch", "out", "as_json", "quiet", "no_timing"}
# Options are short, and those given several times are singular; settings say their unit.
_WITH_UNIT = {
    "max_compare": "max_compare_s",
    "workload_timeout": "workload_timeout_s",
    "suite_timeout": "suite_timeout_s",
    "max_wall": "max_wall_s",
    "output": "outputs",
}


def _settings(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that were said on the command line."""
    said = {
        _WITH_UNIT.get(name, name): value
        for name, value in parameters.items()
        if name not in _NOT_SETTINGS and value not in (None, False, [])
    }
    for switch in ("facts", "learn"):
        if said.pop(f"no_{switch}", False):
            said[switch] = False
    if isinstance(said.get("proposer"), str):
        said["proposer"] = [part.strip() for part in said["proposer"].split(",") if part.strip()]
    return said


@contextmanager
def _door(*, quiet: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Show the run while it lasts, and turn the error families into one line and a status."""
    seen: dict[str, str] = {}

    def remember(event: dict[str, Any]) -> None:
        if event["event"] == "run":
            seen["directory"] = event["directory"]

    try:
        with _view(quiet) as show_event:

            def listener(event: dict[str, Any]) -> None:
                remember(event)
                show_event(event)

            yield listener
    except UserError as error:
        _fail(str(error), EXIT_USAGE)
    except InfrastructureError as error:
        _fail(f"{error}{_resume_hint(seen)}", EXIT_INFRASTRUCTURE)
    except (KeyboardInterrupt, _interrupted()):
        _say(f"interrupted{_resume_hint(seen)}")
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads that wait (for a model, for a timer) would hold the exit up for minutes; every
        # file is written whole, and every process has been ended, so nothing is left to do.
        os._exit(EXIT_INTERRUPTED)


@contextmanager
def _view(quiet: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    if quiet:
        yield lambda event: None
        return
    from .reports.terminal import LiveView

    with LiveView() as view:
        yield view.on_event


class _NeverRaised(BaseException):
    """Stands in for `Interrupted` where the loop was never loaded."""


def _interrupted() -> type[BaseException]:
    loop = sys.modules.get(f"{__package__}.agent.run")
    return loop.Interrupted if loop else _NeverRaised


def _resume_hint(seen: dict[str, str]) -> str:
    directory = seen.get("directory")
    if directory is None or not Path(directory).exists():
        return ""
    import shlex

    return f"; go on with: perfagent resume {shlex.quote(directory)}"


def _fail(message: str, status: int) -> None:
    _say(message)
    raise typer.Exit(status)


def _say(message: str) -> None:
    line = " ".join(message.split())
    typer.echo(f"perfagent: {line}", err=True)


def _print_json(value: object) -> None:
    import json

    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))


def _finish(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _print_json(record)
    else:
        from .reports.tables import print_result

        print_result(record)
    raise typer.Exit(EXIT_ACCEPTED if record["outcome"] == "accepted" else EXIT_NOTHING)


def main() -> None:
    """Run the command line."""
    app()
