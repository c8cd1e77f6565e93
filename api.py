"""The same as the command line, from Python: `perfagent.optimize(...)` and its siblings.

A door: it starts runs, hands them to the loop, and has their reports written.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .agent.run import Run

Listener = Callable[[dict[str, Any]], None]


def optimize(
    repo: str,
    workload: str,
    *,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Make a repository faster on a workload and return the run's record (`report.json`).

    Args:
        repo: Path, URL, owner/name, or pypi:NAME==VERSION; `@REV` picks the base.
        workload: Script, pytest:NODEID, python:module:function, or cmd:SHELL COMMAND.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run, as a plain dict.
        settings: Any setting of `perfagent.settings.Settings`, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
        Interrupted: The run was stopped; `resume` goes on with it.
    """
    from .agent import optimize as drive

    run = _start(repo, workload, "optimize", out=out, listener=listener, settings=settings)
    return _reported(run, drive.optimize(run))


def measure(
    repo: str,
    workload: str,
    *,
    candidate: str | None = None,
    patch: str | Path | None = None,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Put one patch through the gate and return the run's record.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        candidate: Revision whose difference from the base is the patch.
        patch: File with a unified diff against the base; exactly one of the two is given.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: The machine or a service failed.
    """
    from .agent import optimize as drive
    from .errors import UserError

    if (candidate is None) == (patch is None):
        raise UserError("name what to measure: either --candidate REV or --patch FILE")
    what = {"candidate": candidate, "patch": str(patch) if patch is not None else None}
    command = command_line("measure", repo, workload, {**what, **settings})
    run = _start(
        repo, workload, "measure", out=out, listener=listener, settings=settings, command=command
    )
    patch_file = Path(patch) if patch is not None else None
    return _reported(run, drive.measure(run, revision=candidate, patch_file=patch_file))


def profile(
    repo: str,
    workload: str,
    *,
    out: str | Path | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Profile a workload and return hotspots, function table, and the run's directory.

    Args:
        repo: As for `optimize`.
        workload: As for `optimize`.
        out: The run's directory; None makes one in the state folder.
        listener: Called with every event of the run.
        settings: Any setting, by name.

    Raises:
        UserError: Bad input or a missing prerequisite.
        InfrastructureError: No profiler works here.
    """
    from .agent import optimize as drive

    run = _start(repo, workload, "profile", out=out, listener=listener, settings=settings)
    return drive.profile(run)


def resume(run_name: str, *, listener: Listener | None = None, **settings: Any) -> dict[str, Any]:
    """Go on with a run that was stopped or killed, and return its record.

    Args:
        run_name: Id, unique beginning of it, or directory.
        listener: Called with every event of the run.
        settings: Where runs are kept (`state_dir`), when not in the usual place.

    Raises:
        UserError: No such run, or one that cannot be resumed.
        InfrastructureError: The machine or a service failed.
    """
    from .agent import optimize as drive
    from .agent.runs import open_run
    from .errors import UserError
    from .settings import load_settings

    found = load_settings(settings, working_dir=Path.cwd())
    run = open_run(run_name, settings=found, listener=listener or _ignore)
    if run.request.kind != "optimize":
        raise UserError(f"run {run.request.run_id} was a `{run.request.kind}`; start it again")
    return _reported(run, drive.optimize(run))


def _start(
    repo: str,
    workload: str,
    kind: Literal["optimize", "measure", "profile"],
    *,
    out: str | Path | None,
    listener: Listener | None,
    settings: Mapping[str, Any],
    command: str | None = None,
) -> Run:
    from .agent.runs import start_run

    return start_run(
        repo,
        workload,
        settings,
        kind=kind,
        working_dir=Path.cwd(),
        out=Path(out) if out is not None else None,
        command=command or command_line(kind, repo, workload, settings),
        listener=listener or _ignore,
    )


def command_line(kind: str, repo: str, workload: str, settings: Mapping[str, Any]) -> str:
    """Return the command line that repeats a run; settings that were not said are left out."""
    words = ["perfagent", kind, repo, workload]
    for key, value in settings.items():
        if value is None or value is False or value == []:
            continue
        option = f"--{key.replace('_', '-').removesuffix('-s')}"
        if value is True:
            words.append(option)
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            words += [option, str(item)]
    return shlex.join(words)


def _reported(run: Run, record: dict[str, Any]) -> dict[str, Any]:
    from .reports.markdown import render_markdown
    from .reports.sentence import sentence

    patch = run.directory.path / "patch.diff"
    diff = patch.read_text(encoding="utf-8") if patch.exists() else ""
    run.directory.write_text("report.md", render_markdown(record, diff))
    return {
        **record,
        "sentence": sentence(record),
        "directory": str(run.directory.path),
    }


def _ignore(event: dict[str, Any]) -> None:
    """Listen to nothing."""
