"""Runs on disk: starting one, finding one again, and listing them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from ...errors import UserError
from ...redaction import MARK, holds_secret, redacted, redacted_values
from ...repos.git import GitError, git
from ...repos.sandbox.choice import choose
from ...repos.source.mirror import open_ref, resolve
from ...repos.source.ref import RepoRef, parse_repo
from ...settings import ENVIRONMENT_PREFIX, PREDICTIONS, Settings, load_settings
from ...workloads.answers.files import check_globs
from ...workloads.answers.loosening import Loosening
from ...workloads.metrics import unavailable
from ...workloads.sizes import declared_sizes
from ...workloads.workload import Workload, parse_workload
from ..chat.ensemble import check_models
from ..chat.models import MissingKey
from ..chat.open import judge_model
from ..proposers.predictions import absolute_spec, read_spec
from .directory import RunDirectory
from .plain import from_plain, to_plain
from .record import RECORD
from .run import Listener, Run, RunRequest

REQUEST = "run.json"


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        run_id: Name of the run.
        path: Its directory.
        repo: The target as the user named it.
        workload: The workload's name.
        started_at: ISO 8601 time in UTC.
        outcome: The record's outcome, or "unfinished".
        speedup: The reported speedup, or None.
    """

    run_id: str
    path: Path
    repo: str
    workload: str
    started_at: str
    outcome: str
    speedup: float | None


def start_run(  # noqa: PLR0913 - what the user said, by name
    repo: str,
    workload: str,
    flags: Mapping[str, Any],
    *,
    kind: Literal["optimize", "measure", "profile", "audit"] = "optimize",
    working_dir: Path,
    out: Path | None,
    command: str,
    listener: Listener,
    candidate: str | None = None,
) -> Run:
    """Return a new run for what the user asked, its directory made and its request written.

    Args:
        repo: The REPO argument.
        workload: The WORKLOAD argument.
        flags: Settings from the command line, None where not said.
        kind: What the run is for.
        working_dir: Where relative paths and `perfagent.toml` are looked for.
        out: The run directory; None makes one in the state folder.
        command: The command line, for the record.
        listener: Called with every event.
        candidate: A revision that the run needs beside those of the settings.

    Raises:
        UserError: Bad input; nothing is left behind.
        InfrastructureError: The network or the disk failed; nothing is left behind.
    """
    early = load_settings(flags, working_dir=working_dir)
    _check_metric(early, is_command=workload.startswith("cmd:"))
    also = tuple(each for each in (early.expert, candidate) if each)
    source = replace(parse_repo(repo, revision=early.rev), also=also)
    ref = open_ref(source, early.cache_dir, _fetching(listener))
    ref = replace(ref, dirty=ref.dirty and source.revision is None)
    settings, notes = _settled(flags, early, ref, working_dir)
    sandbox = choose(settings.sandbox, network=settings.allow_network, image=settings.image)
    local = Path(source.location) if source.kind == "path" else None
    request = RunRequest(
        run_id=_new_run_id(),
        kind=kind,
        repo=replace(ref, subdir=settings.subdir or ref.subdir),
        expert_commit=resolve(Path(ref.mirror), settings.expert) if settings.expert else None,
        workload=parse_workload(workload, repo_path=local, timeout_s=settings.workload_timeout_s),
        settings=settings,
        command=redacted(command),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        notes=(*(notes if kind == "optimize" else ()), *([sandbox.lost] if sandbox.lost else [])),
        sandbox=sandbox,
    )
    _check_workload(settings, request.workload)
    run = Run(request=request, directory=_written(request, out), listener=listener)
    run.emit("run", run_id=request.run_id, directory=str(run.directory.path))
    run.stage("prepare", sandbox.text)
    return run


def _settled(
    flags: Mapping[str, Any], early: Settings, ref: RepoRef, working_dir: Path
) -> tuple[Settings, tuple[str, ...]]:
    """Return all settings, the target's own among them, and what the user should know of them.

    Raises:
        UserError: One cannot be used.
    """
    pyproject = _pyproject(Path(ref.mirror), ref.commit, early.subdir or ref.subdir)
    settings = load_settings(flags, working_dir=working_dir, target_pyproject=pyproject)
    Loosening.parse(settings.loosen)
    check_globs(settings.outputs)
    settings, notes = _checked_proposers(_located(settings, working_dir))
    if settings.judge:
        judge_model(settings)
    return _checked_paths(settings, working_dir), notes


def _written(request: RunRequest, out: Path | None) -> RunDirectory:
    """Return the run's new directory, the request in it."""
    settings = request.settings
    directory = RunDirectory.create(out or settings.state_dir / "runs" / request.run_id)
    plain = to_plain(request)
    directory.write_json(REQUEST, {**plain, "settings": redacted_values(plain["settings"])})
    if out is not None:
        _remember(settings, request.run_id, out)
    return directory


def _fetching(listener: Listener) -> Callable[[str], None]:
    """Tell the listener about the fetch, which happens before there is a trajectory."""
    return lambda text: listener({"event": "stage", "stage": "prepare", "text": text, "at_s": 0.0})


def _check_metric(settings: Settings, *, is_command: bool) -> None:
    """See that what is to be measured can be measured here.

    Raises:
        UserError: It cannot.
    """
    reason = unavailable(
        settings.metric, is_command=is_command, instructions_by=settings.instructions_by
    )
    if reason:
        raise UserError(f"cannot measure {settings.metric} here: {reason}; choose another --metric")


def _check_workload(settings: Settings, workload: Workload) -> None:
    """See that the workload may be kept, and can be run at several sizes or counted where asked.

    Raises:
        UserError: It cannot.
    """
    if settings.sweep:
        declared_sizes(workload)
    if settings.guard and workload.kind == "command":
        raise UserError("--guard counts work in Python: a shell command's is not; use a script")
    if holds_secret(workload.text):
        raise UserError(
            "the workload holds a secret of this machine's environment, and a run keeps its "
            "workload: take it out"
        )


def _checked_paths(settings: Settings, working_dir: Path) -> Settings:
    """Return the settings with whole paths of what the target's code may read.

    Raises:
        UserError: There is no such file or folder.
    """
    paths = [(working_dir / Path(path).expanduser()).absolute() for path in settings.allow_read]
    for path in paths:
        if not path.exists():
            raise UserError(f"--allow-read {path}: no such file or folder; correct the path")
    return settings.model_copy(update={"allow_read": [str(path) for path in paths]})


def _located(settings: Settings, working_dir: Path) -> Settings:
    """Return the settings with files that a resume from anywhere finds, and a replay's models."""
    names = [
        absolute_spec(name, working_dir) if name.startswith(PREDICTIONS) else name
        for name in settings.proposer
    ]
    found = settings.model_copy(update={"proposer": names})
    if settings.replay is None:
        return found
    replay = (working_dir / settings.replay).resolve()
    folder = replay if replay.is_dir() else replay.parent
    if settings.model or not (folder / REQUEST).is_file():
        return found.model_copy(update={"replay": replay})
    recorded = from_plain(RunRequest, RunDirectory(folder).read_json(REQUEST)).settings
    models = {name: getattr(recorded, name) for name in ("model", "plan_model", "repair_model")}
    return found.model_copy(update={"replay": replay, **models})


def _checked_proposers(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with proposers that can work, and what the user should know of them.

    A key that is missing is no reason to stop where `llm` was not asked for by name.

    Raises:
        UserError: A proposer lacks what it needs.
    """
    chosen = settings.proposers()
    for name in chosen:
        if name.startswith(PREDICTIONS):
            read_spec(name)
    if "command" in chosen and not settings.command:
        raise UserError("the proposer 'command' needs --command 'AGENT CMD'")
    if "llm" in chosen and not settings.model:
        raise UserError("the proposer 'llm' needs --model PROVIDER:NAME")
    if "llm" not in chosen:
        alone = chosen == ("rewrites",) and not settings.proposer
        note = "no model takes part (--model names one): the built-in rewrites run alone"
        return settings, (note,) if alone else ()
    try:
        check_models(settings)  # what is wrong is better known now than after the profile
    except MissingKey as error:
        if settings.proposer:
            raise
        without = settings.model_copy(update={"model": [], "plan_model": [], "repair_model": []})
        return without, (f"{error}; the built-in rewrites run alone",)
    return settings, ()


def _pyproject(mirror: Path, commit: str, subdir: str | None) -> str | None:
    path = f"{subdir.strip('/')}/pyproject.toml" if subdir else "pyproject.toml"
    try:
        return git(mirror, "show", f"{commit}:{path}")
    except GitError:
        return None  # most repositories have none there; that is no error


def _new_run_id() -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return f"{stamp}-{secrets.token_hex(2)}"


def _remember(settings: Settings, run_id: str, out: Path) -> None:
    """Make a run outside the state folder findable by its id."""
    link = settings.state_dir / "runs" / run_id
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(out.resolve(), target_is_directory=True)


def open_run(name: str, *, settings: Settings, listener: Listener) -> Run:
    """Return a run that was started before, by id, unique beginning of it, or directory.

    Raises:
        UserError: No such run, or more than one; or a setting held a secret that is not set now.
    """
    path = find_run(name, settings=settings)
    directory = RunDirectory(path)
    plain = directory.read_json(REQUEST)
    kept = _with_secrets(plain["settings"], settings)
    request = from_plain(RunRequest, {**plain, "settings": kept})
    run = Run(
        request=request,
        directory=directory,
        listener=listener,
        earlier_s=max((event["at_s"] for event in directory.events()), default=0.0),
    )
    run.emit("run", run_id=request.run_id, directory=str(directory.path))
    return run


def _with_secrets(kept: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Return a run's settings, those that held a secret as they are set now.

    Raises:
        UserError: One is not set now.
    """
    now = settings.model_dump(mode="json")
    lost = [name for name, value in kept.items() if MARK in str(value)]
    for name in lost:
        if now[name] == Settings.model_fields[name].get_default(call_default_factory=True):
            raise UserError(
                f"the run's setting {name!r} held a secret, which is not kept: set "
                f"{ENVIRONMENT_PREFIX}{name.upper()} and resume again"
            )
    return {**kept, **{name: now[name] for name in lost}}


def find_run(name: str, *, settings: Settings) -> Path:
    """Return the directory of a run by id, unique beginning of it, or path.

    Raises:
        UserError: No such run, or more than one.
    """
    if (Path(name) / REQUEST).is_file():
        return Path(name)
    folder = settings.state_dir / "runs"
    named = [path for path in sorted(folder.glob("*")) if path.name.startswith(name)]
    found = [path for path in named if (path / REQUEST).is_file()]
    exact = [path for path in found if path.name == name]
    if exact or len(found) == 1:
        return (exact or found)[0]
    if found:
        listed = ", ".join(path.name for path in found[:5])
        raise UserError(f"more than one run begins with {name!r}: {listed}")
    raise UserError(f"no run {name!r}: `perfagent runs` lists them; a run's folder works too")


def list_runs(settings: Settings) -> Iterator[RunSummary]:
    """Yield the runs of the state folder, newest first."""
    folder = settings.state_dir / "runs"
    for path in sorted(folder.glob("*"), reverse=True):
        if not (path / REQUEST).is_file():
            continue
        directory = RunDirectory(path)
        # Read as it is: a run of another version, with settings of its own, is listed too.
        request = directory.read_json(REQUEST)
        record = directory.read_json(RECORD) if directory.has(RECORD) else {}
        yield RunSummary(
            run_id=request["run_id"],
            path=path.resolve(),
            repo=request["repo"]["source"],
            workload=request["workload"]["name"],
            started_at=request["started_at"],
            outcome=record.get("outcome", "unfinished"),
            speedup=(record.get("speedup") or {}).get("speedup"),
        )


def discard(run: Run) -> None:
    """Remove everything a run left, for one that never got off the ground."""
    shutil.rmtree(run.directory.path, ignore_errors=True)
    link = run.settings.state_dir / "runs" / run.request.run_id
    if link.is_symlink():
        link.unlink()


def tidy(run: Run) -> None:
    """Remove a finished run's worktrees and scratch files; the record stays."""
    shutil.rmtree(run.directory.path / "work", ignore_errors=True)
