"""The settings of a run, and where they come from.

Order, later wins: the defaults below, `[tool.perfagent]` in the target's pyproject.toml,
`perfagent.toml` in the working directory, `PERFAGENT_*` variables, the command line. An unknown key
is an error that names the nearest known one. The keys are the long options of the command line,
with underscores.

This is the only module that reads the environment for settings. Keys of model providers are not
settings: they are read from the environment where a model is opened and never stored.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from .errors import UserError

ENVIRONMENT_PREFIX = "PERFAGENT_"
FILE_NAME = "perfagent.toml"
PROPOSERS = ("rewrites", "llm", "command")
PREDICTIONS = "predictions:"
# Variables with the prefix that are not settings: a key for an OpenAI-compatible server, and what
# perfagent tells outside agents.
NOT_SETTINGS = frozenset({"PERFAGENT_API_KEY", "PERFAGENT_PROMPT_FILE", "PERFAGENT_WORKLOAD"})
# What a target may say about itself. The rest is the user's: a cloned repository must not choose
# where a key is sent or which command runs beside it.
TARGET_KEYS = frozenset(
    {"subdir", "python", "install", "build", "tests", "no_tests", "min_share", "min_effect"}
    | {"workload_timeout_s", "suite_timeout_s", "native"}
)


class Settings(BaseModel):
    """Everything a run can be told; frozen, and written into the run's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The target
    rev: str | None = None
    """Revision that is the base; None is the source's HEAD (or the `@REV` of REPO)."""
    expert: str | None = None
    """Revision of the expert commit; None when there is none to compare with."""
    subdir: str | None = None
    """Folder of the package inside the repository; None finds it."""

    # The environment
    python: str | None = None
    """Interpreter of the target: a version such as "3.9", a path, or a virtual environment."""
    install: list[str] = Field(default_factory=list)
    """Commands that install the target; empty installs it from its own metadata."""
    build: str | None = None
    """Command run in every tree after a patch, for compiled code built in place."""
    tests: str = ""
    """Arguments for pytest: which tests make the suite. Empty runs what pytest collects."""
    no_tests: bool = False
    """Go on without a suite: the answer check alone then guards correctness."""

    # The sandbox
    sandbox: Literal["auto", "local", "docker", "none"] = "auto"
    """What contains the target's code: "auto" takes local where bubblewrap works, else none."""
    image: str | None = None
    """Container image whose interpreter and packages the target runs in, as they are. `python` is
    then a path in it; None takes the first of the usual ones."""
    allow_network: bool = False
    """Let the target's code use the network; installing dependencies has it anyway."""
    sealed: bool = False
    """Keep what came after the base out of the run's repository, as is done anyway where an expert
    is named: an evaluation has an agent make a patch and tells it of no expert."""
    allow_read: list[str] = Field(default_factory=list)
    """Files and folders outside the repository that the target's code may read."""

    # The answer
    outputs: list[str] = Field(default_factory=list)
    """Globs, relative to the tree, of files the workload writes that are part of its answer. Of a
    command every file it writes is, also without this."""
    loosen: list[str] = Field(default_factory=list)
    """What is not, or not exactly, compared of the answer, by name (docs/formats.md lists them);
    empty compares everything."""

    # Proposers
    proposer: list[str] = Field(default_factory=list)
    """Who suggests patches: rewrites, llm, command, predictions:FILE or predictions:FILE#INSTANCE.
    Empty: rewrites, and those that are set up."""
    model: list[str] = Field(default_factory=list)
    """openai:NAME, anthropic:NAME or openai-compatible:NAME, each with =WEIGHT where one is to be
    asked more often than another."""
    plan_model: list[str] = Field(default_factory=list)
    """Models that write plans in words, likewise; empty: those of `model`."""
    repair_model: list[str] = Field(default_factory=list)
    """Models that mend a patch which was refused, likewise; empty: those of `model`."""
    replay: Path | None = None
    """Folder of an earlier run whose recorded model answers instead; nothing is sent or paid."""
    base_url: str | None = None
    """Address of the model server; None is the provider's own."""
    command: str | None = None
    """Shell command of an outside agent, run in a worktree; its diff becomes a candidate."""
    command_timeout_s: float = Field(default=1800, gt=0)
    """Wall time the outside agent may use, in seconds."""
    pass_env: list[str] = Field(default_factory=list)
    """Names of environment variables handed to the outside agent (its own keys, for example)."""
    prices: dict[str, tuple[float, float]] = Field(default_factory=dict)
    """US dollars per million input and output tokens, by model name; adds to the built-in table."""
    max_prompt_tokens: int = Field(default=12_000, ge=500)
    """Most tokens of the first prompt to a model; small models need less."""
    max_output_tokens: int = Field(default=16_000, ge=100)
    """Most tokens of one reply, hidden reasoning included."""
    max_turns: int = Field(default=24, ge=0)
    """Replies of one conversation in which a model may call tools; 0 offers it none."""
    max_context_tokens: int = Field(default=64_000, ge=1_000)
    """Most tokens of any prompt: longer conversations leave out what tools answered long ago."""
    max_conversation_tokens: int | None = Field(default=None, ge=1_000)
    """Most tokens of all calls of one conversation together; None sets no limit."""
    tool_protocol: Literal["auto", "native", "text"] = "auto"
    """How a model calls tools: by its server's tool calls, in the text of its replies, or in the
    text once the server refuses tools."""

    # The judge
    judge: str | None = None
    """A model, named as `model` is, that is asked whether a patch is a trick; it can only add a
    doubt. None asks nobody."""
    judge_votes: int = Field(default=5, ge=1, le=25)
    """How often it is asked about each patch that gets so far."""

    # Search
    min_share: float = Field(default=0.02, ge=0, lt=1)
    """Share of the workload below which a hotspot is not worth a candidate (0-1)."""
    search: Literal["best-of-n", "beam", "evolve"] = "best-of-n"
    """Which versions a model's candidates start from: the best one, the best few, or the elites
    of an archive by files and kind of change."""
    width: int = Field(default=4, ge=1, le=32)
    """Most conversations with a model in one round, the one that plans left out."""
    max_candidates: int = Field(default=24, ge=1)
    """Most candidates tried in one round."""
    allow: list[str] = Field(default_factory=list)
    """Globs of files a candidate may touch although they are out of scope."""
    learn: bool = True
    """Order proposals by what earlier runs on the repository taught, and keep what this one does.
    It never has a part in a verdict."""
    native: bool = False
    """Profile native frames too (slower)."""
    facts: bool = True
    """Run the workload once more to look into the hotspots' calls, which steers proposals."""

    # Measurement
    metric: Literal["wall", "cpu", "instructions", "rss", "energy"] = "wall"
    """What has to become less: time, CPU time, instructions, peak memory or energy of the call."""
    instructions_by: Literal["auto", "perf", "callgrind"] = "auto"
    """What counts instructions: "auto" takes perf where the kernel counts, else callgrind."""
    allow_memory: float = Field(default=1.2, ge=1)
    """Peak memory a candidate may need, as a multiple of the base's; more is rejected."""
    allow_import: float = Field(default=1.2, ge=1)
    """Seconds a candidate's import may take, as a multiple of the base's; more is rejected."""
    min_effect: float = Field(default=0.02, gt=0, lt=1)
    """Smallest gain worth accepting, as a share: 0.02 asks for a lower bound above 1.02x."""
    error: float = Field(default=0.01, gt=0, le=0.2)
    """How often a version that gains no more than `min_effect` may be called faster (0-0.2)."""
    miss: float = Field(default=0.05, gt=0, le=0.2)
    """How often a gain of 2.5 times `min_effect` may be given up early (0-0.2)."""
    confidence: float = Field(default=0.95, ge=0.8, lt=1)
    """Of the reported interval (0.8-1)."""
    max_pairs: int = Field(default=30, ge=5, le=120)
    """Most pairs of launches in one comparison."""
    max_compare_s: float = Field(default=300, gt=0)
    """Most wall time of one comparison, in seconds."""
    workload_timeout_s: float = Field(default=300, gt=0)
    """Wall time one launch of the workload may use, in seconds."""
    suite_timeout_s: float = Field(default=1800, gt=0)
    """Wall time one run of the suite may use, in seconds."""
    memory_gb: float | None = Field(default=None, gt=0)
    """Address space one process of the target may use, in GiB; None sets no limit."""

    # What is made of an accepted patch
    guard: bool = False
    """Write a test that fails when the speedup is lost: it counts lines and calls, not time."""
    sweep: bool = False
    """Measure base and patch at each size that the workload's script declares (SIZES, resize)."""

    # Budget
    max_usd: float | None = Field(default=None, ge=0)
    """Most US dollars paid to a model; None sets no limit."""
    max_tokens: int | None = Field(default=None, ge=0)
    """Most tokens, input and output together; None sets no limit."""
    max_wall_s: float | None = Field(default=3600, gt=0)
    """Wall time after which no new candidate is started, in seconds; None sets no limit."""
    max_rounds: int = Field(default=4, ge=1)
    """Most rounds of profile, propose, validate."""
    jobs: int = Field(default=2, ge=1)
    """Candidates validated at once; timings never run at once."""

    # Output
    seed: int = 0
    """Seed of every random choice perfagent makes."""
    cache_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("perfagent")))
    """Where mirrors and environments are kept."""
    state_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_state_dir("perfagent")))
    """Where runs are kept."""

    @field_validator("proposer")
    @classmethod
    def _known_proposers(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in PROPOSERS and not name.startswith(PREDICTIONS):
                known = ", ".join((*PROPOSERS, f"{PREDICTIONS}FILE"))
                raise ValueError(f"no proposer {name!r}: choose from {known}")
        return names

    @field_validator("model", "plan_model", "repair_model", mode="before")
    @classmethod
    def _models(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value or []

    @field_validator("allow_memory", "allow_import", mode="before")
    @classmethod
    def _multiple(cls, value: object) -> object:
        return value.strip().removesuffix("x") if isinstance(value, str) else value

    def proposers(self) -> tuple[str, ...]:
        """Return the proposers of this run, in the order they are asked."""
        if self.proposer:
            return tuple(dict.fromkeys(self.proposer))
        chosen = ["rewrites"]
        if self.model:
            chosen.append("llm")
        if self.command:
            chosen.append("command")
        return tuple(chosen)


def load_settings(
    flags: Mapping[str, Any],
    *,
    working_dir: Path,
    environ: Mapping[str, str] | None = None,
    target_pyproject: str | None = None,
) -> Settings:
    """Return the settings from all sources, later ones winning (see the module's text).

    Args:
        flags: What the command line said; a None value means "not said".
        working_dir: Where `perfagent.toml` is looked for.
        environ: The process's variables; None reads `os.environ`.
        target_pyproject: Text of the target's pyproject.toml at the base commit, or None.

    Raises:
        UserError: A file that does not parse, an unknown key, or a value that does not fit.
    """
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    environ = os.environ if environ is None else environ
    for origin, values in (
        ("[tool.perfagent] of the target's pyproject.toml", _from_pyproject(target_pyproject)),
        (FILE_NAME, _from_file(working_dir / FILE_NAME)),
        ("the environment", _from_environment(environ)),
        ("the command line", {k: v for k, v in flags.items() if v is not None}),
    ):
        for key, value in values.items():
            _require_known(key, origin)
            merged[key] = value
            origins[key] = origin
    return _validated(merged, origins)


def _validated(values: dict[str, Any], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        where = origins.get(key, "settings")
        message = first["msg"].removeprefix("Value error, ")
        raise UserError(
            f"setting {key!r} in {where}: {message} (got {values.get(key)!r})"
        ) from None


def _require_known(key: str, origin: str) -> None:
    if key in Settings.model_fields:
        return
    near = difflib.get_close_matches(key, Settings.model_fields, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "; `perfagent optimize --help` lists them"
    raise UserError(f"unknown setting {key!r} in {origin}{hint}")


def _from_pyproject(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    parsed = _parse_toml(text, "the target's pyproject.toml")
    where = "[tool.perfagent] of the target's pyproject.toml"
    values = _table(parsed.get("tool", {}).get("perfagent", {}), where)
    for key in values:
        _require_known(key, where)
        if key not in TARGET_KEYS:
            raise UserError(f"setting {key!r} may not come from {where}; put it in {FILE_NAME}")
    return values


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}; mend or remove it") from None
    return _table(_parse_toml(text, str(path)), str(path))


def _parse_toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{where} is not valid TOML: {error}") from None


def _table(section: object, where: str) -> dict[str, Any]:
    if not isinstance(section, dict):
        raise UserError(f"{where} must be a table of settings, not {type(section).__name__}")
    return {str(key).replace("-", "_"): value for key, value in section.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS:
            continue
        key = name.removeprefix(ENVIRONMENT_PREFIX).lower()
        _require_known(key, f"the environment ({name})")
        found[key] = _from_text(key, text)
    return found


def _from_text(key: str, text: str) -> object:
    """Return the value a variable's text stands for: lists are comma-separated."""
    annotation = str(Settings.model_fields[key].annotation)
    if annotation.startswith("list"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if annotation.startswith("dict"):
        return _parse_toml(f"value = {text}", f"{ENVIRONMENT_PREFIX}{key.upper()}").get("value")
    return text
