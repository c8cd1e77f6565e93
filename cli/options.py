"""The options of the commands, each declared once, and the groups that commands take."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

# The panels of a help page.
TARGET, ENVIRONMENT, PROPOSERS = "Target", "Environment", "Proposers"
ANSWER, SANDBOX = "Answer", "Sandbox"
SEARCH, MEASUREMENT, BUDGET, OUTPUT = "Search", "Measurement", "Budget", "Output"
AFTER = "Accepted patch"


def option(text: str, panel: str, *names: str, **more: Any) -> Any:
    """Return the declaration of an option.

    Args:
        text: its help.
        panel: the part of the help page that it stands in.
        names: its spellings; none makes one of the parameter's name. A flag needs them.
        more: what else typer.Option takes.
    """
    if names and "metavar" not in more:
        more["metavar"] = ""  # a flag: without it help pages say that it takes a <bool>
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

Rev = Annotated[Text, option("Revision that is the base (default: the source's HEAD).", TARGET)]
Expert = Annotated[Text, option("Revision of the expert commit to compare with.", TARGET)]
Subdir = Annotated[Text, option("Folder of the package inside the repository.", TARGET)]
Python = Annotated[
    Text, option('Interpreter: "3.9", a path, or a virtual environment.', ENVIRONMENT)
]
Install = Annotated[
    Texts, option("Command that installs the target (repeatable).", ENVIRONMENT, metavar="CMD")
]
Build = Annotated[
    Text,
    option("Command rerun in every tree after a patch: compiled code.", ENVIRONMENT, metavar="CMD"),
]
Tests = Annotated[
    Text, option("pytest arguments that choose the suite.", ENVIRONMENT, metavar='"ARGS"')
]
NoTests = Annotated[
    bool,
    option("Go on without a suite; the answer check alone guards.", ENVIRONMENT, "--no-tests"),
]
SandboxOption = Annotated[
    Text,
    option(
        "What contains the target's code (default auto).",
        SANDBOX,
        "--sandbox",
        metavar="auto|local|docker|none",
    ),
]
Image = Annotated[
    Text,
    option(
        "Container image that the target runs in as it is; --python is a path in it.",
        SANDBOX,
        "--image",
        metavar="NAME",
    ),
]
AllowNetwork = Annotated[
    bool, option("Let the target's code use the network.", SANDBOX, "--allow-network")
]
AllowRead = Annotated[
    Texts,
    option("Path outside the repository that it may read (repeatable).", SANDBOX, metavar="PATH"),
]
Output = Annotated[
    Texts,
    option("File the workload writes, part of its answer (repeatable).", ANSWER, metavar="GLOB"),
]
Loosen = Annotated[
    Texts,
    option(
        "What of the answer is compared loosely (repeatable): float-rel=N, float-abs=N, "
        "key-order, messages, aliasing, stdout, files, dtype, private, calls.",
        ANSWER,
        metavar="NAME",
    ),
]
Proposer = Annotated[
    Text,
    option(
        "Who suggests patches: rewrites,llm,command,predictions:FILE.", PROPOSERS, metavar="LIST"
    ),
]
Model = Annotated[
    Texts,
    option(
        "openai:NAME, anthropic:NAME or openai-compatible:NAME; repeatable, =N weighs it.",
        PROPOSERS,
        metavar="MODEL",
    ),
]
PlanModel = Annotated[Texts, option("Model for plans in words.", PROPOSERS, metavar="MODEL")]
RepairModel = Annotated[
    Texts, option("Model that mends refused patches.", PROPOSERS, metavar="MODEL")
]
Replay = Annotated[
    Text, option("Earlier run whose recorded model answers.", PROPOSERS, metavar="RUN")
]
BaseUrl = Annotated[Text, option("Address of the model server.", PROPOSERS, metavar="URL")]
Command = Annotated[
    Text,
    option("Outside agent, run in a worktree; its diff is taken.", PROPOSERS, metavar="CMD"),
]
PassEnv = Annotated[
    Texts, option("Variable handed to the outside agent (repeatable).", PROPOSERS, metavar="NAME")
]
MaxPrompt = Annotated[Whole, option("Most tokens of a prompt (default 12000).", PROPOSERS)]
MaxOutput = Annotated[Whole, option("Most tokens of a reply (default 16000).", PROPOSERS)]
MaxTurns = Annotated[
    Whole, option("Replies of a conversation that may call tools (default 24).", PROPOSERS)
]
MaxContext = Annotated[
    Whole, option("Most tokens of a conversation's prompts (default 64000).", PROPOSERS)
]
MaxConversation = Annotated[Whole, option("Most tokens of a conversation in all.", PROPOSERS)]
ToolProtocol = Annotated[
    Text, option("How a model calls tools.", PROPOSERS, metavar="auto|native|text")
]
MinShare = Annotated[
    Number, option("Hotspots under this share are left alone (default 0.02).", SEARCH)
]
Search = Annotated[
    Text,
    option(
        "Which versions a model starts from (default best-of-n).",
        SEARCH,
        metavar="best-of-n|beam|evolve",
    ),
]
Width = Annotated[Whole, option("Conversations with a model a round (default 4).", SEARCH)]
MaxCandidates = Annotated[Whole, option("Most candidates a round (default 24).", SEARCH)]
Allow = Annotated[
    Texts,
    option(
        "Out-of-scope file or new package a candidate may touch or import (repeatable).",
        SEARCH,
        metavar="GLOB|PACKAGE",
    ),
]
Judge = Annotated[
    Text,
    option(
        "Model asked whether a patch is a trick; it can add a doubt, no more.",
        SEARCH,
        metavar="MODEL",
    ),
]
JudgeVotes = Annotated[Whole, option("How often it is asked (default 5).", SEARCH)]
NoLearn = Annotated[
    bool,
    option("Leave what other runs on the repository taught aside.", SEARCH, "--no-learn"),
]
Native = Annotated[bool, option("Profile native frames too.", SEARCH, "--native")]
NoFacts = Annotated[bool, option("Do not look into the calls of hotspots.", SEARCH, "--no-facts")]
Metric = Annotated[
    Text,
    option(
        "What has to become less (default wall).",
        MEASUREMENT,
        metavar="wall|cpu|instructions|rss|energy",
    ),
]
InstructionsBy = Annotated[
    Text,
    option("What counts instructions (default auto).", MEASUREMENT, metavar="auto|perf|callgrind"),
]
AllowMemory = Annotated[
    Text,
    option("Peak memory allowed, times the base's (default 1.2x).", MEASUREMENT, metavar="N"),
]
AllowImport = Annotated[
    Text,
    option("Import time allowed, times the base's (default 1.2x).", MEASUREMENT, metavar="N"),
]
MinEffect = Annotated[Number, option("Smallest gain worth accepting (default 0.02).", MEASUREMENT)]
MaxPairs = Annotated[Whole, option("Most pairs of one comparison (default 30).", MEASUREMENT)]
MaxCompare = Annotated[Number, option("Most seconds of one comparison (default 300).", MEASUREMENT)]
WorkloadTimeout = Annotated[
    Number, option("Seconds one launch may take (default 300).", MEASUREMENT)
]
SuiteTimeout = Annotated[Number, option("Seconds the suite may take (default 1800).", MEASUREMENT)]
MemoryGb = Annotated[Number, option("Address space of one process, in GiB.", MEASUREMENT)]
Guard = Annotated[
    bool,
    option("Write a test that fails when the speedup is lost; it counts work.", AFTER, "--guard"),
]
Sweep = Annotated[
    bool,
    option(
        "Measure at each size that the workload declares (SIZES, resize(size)).", AFTER, "--sweep"
    ),
]
MaxUsd = Annotated[Number, option("Most US dollars for the model.", BUDGET)]
MaxTokens = Annotated[Whole, option("Most tokens, input and output.", BUDGET)]
MaxWall = Annotated[Number, option("Seconds for the run (default 3600).", BUDGET)]
MaxRounds = Annotated[Whole, option("Most rounds (default 4).", BUDGET)]
Jobs = Annotated[Whole, option("Candidates validated at once (default 2).", BUDGET)]
Out = Annotated[Optional[Path], option("Directory of the run.", OUTPUT, metavar="DIR")]  # noqa: UP045
Json = Annotated[bool, option("Print the record as JSON on stdout.", OUTPUT, "--json")]
Quiet = Annotated[bool, option("Print nothing but the result.", OUTPUT, "--quiet", "-q")]
Verbose = Annotated[
    bool, option("Tell every step on a line of its own.", OUTPUT, "--verbose", "-v")
]
Seed = Annotated[Whole, option("Seed of every random choice (default 0).", OUTPUT)]


def _runs(incomplete: str) -> list[str]:
    """Complete the id of a run, for shells."""
    from ..settings import load_settings

    folder = load_settings({}, working_dir=Path.cwd()).state_dir / "runs"
    return sorted((path.name for path in folder.glob(f"{glob.escape(incomplete)}*")), reverse=True)


RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Id, beginning of it, or directory.", autocompletion=_runs),
]

# What commands share, by the name of the setting (`said.py` says which differ). A flag is False
# when nobody said it, everything else None.
Group = dict[str, Any]
BASE: Group = {"rev": Rev, "subdir": Subdir}
EXPERT: Group = {"expert": Expert}
INSTALLATION: Group = {"python": Python, "install": Install, "build": Build}
SUITE: Group = {"tests": Tests, "no_tests": NoTests, "suite_timeout": SuiteTimeout}
CONTAINMENT: Group = {
    "sandbox": SandboxOption,
    "image": Image,
    "allow_network": AllowNetwork,
    "allow_read": AllowRead,
}
COMPARED: Group = {"output": Output, "loosen": Loosen}
SERVED: Group = {"base_url": BaseUrl}
ASKED: Group = {
    "proposer": Proposer,
    "model": Model,
    "plan_model": PlanModel,
    "repair_model": RepairModel,
    "replay": Replay,
    **SERVED,
    "command": Command,
    "pass_env": PassEnv,
    "max_prompt_tokens": MaxPrompt,
    "max_output_tokens": MaxOutput,
    "max_turns": MaxTurns,
    "max_context_tokens": MaxContext,
    "max_conversation_tokens": MaxConversation,
    "tool_protocol": ToolProtocol,
}
SEARCHED: Group = {
    "search": Search,
    "width": Width,
    "max_candidates": MaxCandidates,
    "no_learn": NoLearn,
}
PROFILED: Group = {"min_share": MinShare, "native": Native, "no_facts": NoFacts}
GUARDED: Group = {"allow": Allow, "judge": Judge, "judge_votes": JudgeVotes}
METRICS: Group = {
    "metric": Metric,
    "instructions_by": InstructionsBy,
    "allow_memory": AllowMemory,
    "allow_import": AllowImport,
    "min_effect": MinEffect,
}
TIMED: Group = {"max_pairs": MaxPairs, "max_compare": MaxCompare}
LAUNCHED: Group = {"workload_timeout": WorkloadTimeout, "memory_gb": MemoryGb}
LIMITED: Group = {
    "max_usd": MaxUsd,
    "max_tokens": MaxTokens,
    "max_wall": MaxWall,
    "max_rounds": MaxRounds,
    "jobs": Jobs,
}
PROVEN: Group = {"guard": Guard, "sweep": Sweep}
SEEDED: Group = {"seed": Seed}
