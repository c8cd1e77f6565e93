"""What is timed: the WORKLOAD argument, read and checked."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import UserError
from .script import parse_script, read_script

WorkloadKind = Literal["script", "pytest", "function", "command"]

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One thing to time.

    Attributes:
        name: How reports call it.
        kind: "script" (a Python script), "pytest" (one node id), "function" (`module:function`,
            called without arguments) or "command" (a shell command, run in the tree).
        text: The script's source without its own timing part, or the node id, `module:function`,
            shell command. A script is run from this snapshot, never read again from its file.
        origin: Path of the script as given, None for the other kinds.
        timeout_s: Longest time one launch may take, in seconds.
        has_workload: The script defines `workload()`; a script that does not is timed as a whole,
            imports included.
        in_repo: The script's POSIX path relative to the repository when it lies inside, else None.
    """

    name: str
    kind: WorkloadKind
    text: str
    origin: str | None = None
    timeout_s: float = 600.0
    has_workload: bool = False
    in_repo: str | None = None


def parse_workload(
    argument: str, *, repo_path: Path | None = None, timeout_s: float = 600.0
) -> Workload:
    """Return the workload that `argument` names.

    Args:
        argument: Path of a Python script, `pytest:NODEID`, `python:MODULE:FUNCTION` or
            `cmd:SHELL COMMAND`. A script that does not exist as given is looked up below
            `repo_path`.
        repo_path: A checkout of the repository, None when it is not on this machine.
        timeout_s: Longest time one launch may take, in seconds.

    Raises:
        UserError: No such file; a script that does not parse (with the line), is empty or has
            `setup()` without `workload()`; a malformed or empty name.
    """
    if "\0" in argument:
        raise UserError(f"the workload {argument!r} holds a character that nothing is named with")
    kind, separator, rest = argument.partition(":")
    rest = rest.strip()
    if separator and kind == "cmd":
        if not rest:
            raise UserError("the workload cmd: names no command; write cmd:'COMMAND ARGUMENTS'")
        return Workload(name=rest, kind="command", text=rest, timeout_s=timeout_s)
    if separator and kind == "pytest":
        if not rest or rest.startswith(("-", "@")):  # pytest reads options from @FILE
            raise UserError(f"the workload {argument!r} names no test; write pytest:FILE::TEST")
        return Workload(name=rest, kind="pytest", text=rest, timeout_s=timeout_s)
    if separator and kind == "python":
        module, _, function = rest.partition(":")
        if not (_DOTTED.match(module) and _DOTTED.match(function)):
            raise UserError(
                f"the workload {argument!r} names no function; write python:MODULE:FUNCTION"
            )
        return Workload(name=rest, kind="function", text=rest, timeout_s=timeout_s)
    return _script_workload(argument, repo_path, timeout_s)


def _script_workload(argument: str, repo_path: Path | None, timeout_s: float) -> Workload:
    path = _find_script(argument, repo_path)
    script = parse_script(read_script(path), argument)
    return Workload(
        name=path.stem,
        kind="script",
        text=script.text,
        origin=str(path.absolute()),
        timeout_s=timeout_s,
        has_workload=script.has_workload,
        in_repo=_inside(path, repo_path),
    )


def _find_script(argument: str, repo_path: Path | None) -> Path:
    with suppress(OSError, RuntimeError, ValueError):  # nothing can be called so; no such user
        given = Path(argument).expanduser()
        found = [given]
        if repo_path is not None and not given.is_absolute():
            found.append(repo_path / given)
        for path in found:
            if path.is_dir():
                raise UserError(f"the workload {argument} is a folder; give a Python script")
            if path.exists():
                return path
    raise UserError(
        f"no such workload: {argument} is not a file, and does not start with pytest:, python: "
        "or cmd:"
    )


def _inside(path: Path, repo_path: Path | None) -> str | None:
    if repo_path is None:
        return None
    try:
        return path.resolve().relative_to(repo_path.resolve()).as_posix()
    except ValueError:
        return None
