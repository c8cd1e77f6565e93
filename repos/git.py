"""Runs git so that no configuration, hook or prompt of the user or of a repository changes it.

This file alone knows GitPython, of which it uses the command runner.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO, cast

import platformdirs

from ..errors import InfrastructureError, UserError
from .disk import writing_to

AS_THEY_ARE = "* -text -ident -filter !working-tree-encoding !merge\n"
"""For a repository's info/attributes: files are checked out and added byte for byte."""

_OWN_CONFIGURATION = "[safe]\n\tdirectory = *\n"
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.quotePath": "false",
    "core.autocrlf": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.clean": "",
    "filter.lfs.required": "false",
    "advice.detachedHead": "false",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",
}
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_EDITOR": "true",
    "GIT_PAGER": "cat",
}
# What of the caller's GIT_* variables git still sees: how to reach a server, and where git is.
# The rest (GIT_DIR, GIT_INDEX_FILE, ...) is set inside hooks and would lead it elsewhere.
_KEPT_PREFIXES = ("GIT_SSH", "GIT_SSL", "GIT_HTTP", "GIT_PROXY", "GIT_ASKPASS", "GIT_EXEC_PATH")
_KEPT_ONLINE = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")


class GitError(InfrastructureError):
    """A git command failed.

    Attributes:
        status: Its exit status.
        stderr: All that it wrote to standard error.
    """

    def __init__(self, message: str, *, status: int, stderr: str) -> None:
        super().__init__(message)
        self.status = status
        self.stderr = stderr


def git(
    cwd: Path | None,
    *args: str,
    stdin: bytes | None = None,
    timeout_s: float = 600,
    env: Mapping[str, str] | None = None,
    config: Sequence[tuple[str, str]] = (),
    online: bool = False,
    holding: int | None = None,
) -> str:
    """Run one git command and return its standard output.

    Args:
        cwd: Where it runs; None for the folder `/`, for commands that name all their paths.
        args: Its arguments, options before the subcommand included.
        stdin: What it reads; None for nothing.
        timeout_s: Seconds after which it is killed.
        env: Variables on top of those set here.
        config: Settings on top of those set here, in order. They are no arguments, so that nobody
            reads them in the list of processes.
        online: Whether it talks to a server, for which the user's and the system's configuration
            (proxies, credentials, URL rewriting) is read; the protocols it may use are those that
            `env` names in GIT_ALLOW_PROTOCOL. Otherwise neither is read, repositories of other
            owners may be, and no server is talked to.
        holding: A descriptor that carries a lock, which git then holds as well.

    Returns:
        The output with its newlines; bytes that are not UTF-8 are surrogate escapes.

    Raises:
        UserError: git is not installed, or the user's cache folder cannot be written.
        GitError: It failed or took too long.
        InfrastructureError: `cwd` does not exist.
    """
    folder = Path("/") if cwd is None else cwd
    if not folder.is_dir():
        raise InfrastructureError(f"cannot run git in {folder}: no such folder")
    with tempfile.TemporaryFile() as source:
        if stdin is not None:
            source.write(stdin)
            source.seek(0)
        settings = {**_environment(online, config), **(env or {})}
        command = [*_without_foreign_variables(settings, online), "git", *args]
        status, out, err = _execute(command, folder, settings, source, timeout_s, holding)
    if status:
        raise _error(args, folder, status, err)
    return out


def git_succeeds(cwd: Path | None, *args: str, online: bool = False) -> bool:
    """Return whether a git command that answers by its exit status succeeds.

    Raises:
        UserError: git is not installed.
    """
    try:
        git(cwd, *args, online=online)
    except GitError:
        return False
    return True


def remove_stale_locks(git_dir: Path) -> None:
    """Delete the lock files that killed git processes left; only while no git is at work there.

    Raises:
        InfrastructureError: The machine does not let it.
    """
    names = ("HEAD", "config", "index", "packed-refs", "shallow")
    with writing_to(git_dir):
        for path in (
            *(git_dir / f"{name}.lock" for name in names),
            *(git_dir / "refs").rglob("*.lock"),
        ):
            path.unlink(missing_ok=True)


def _execute(
    command: list[str],
    cwd: Path,
    env: Mapping[str, str],
    stdin: IO[bytes],
    timeout_s: float,
    holding: int | None,
) -> tuple[int, str, str]:
    try:
        # GitPython looks for git as it is imported, and costs 90 ms that `--help` must not pay.
        from git.cmd import Git
        from git.exc import GitCommandNotFound
    except ImportError as error:
        raise _not_installed() from error
    try:
        status, out, err = Git(str(cwd)).execute(
            command,
            istream=cast(BinaryIO, stdin),
            env=env,
            kill_after_timeout=timeout_s,
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
            pass_fds=() if holding is None else (holding,),
        )
    except GitCommandNotFound as error:
        raise _not_installed() from error
    except OSError as error:
        raise InfrastructureError(f"cannot start git: {error.strerror or error}") from error
    return status, out.decode("utf-8", "surrogateescape"), err


# What the name of a file is to blame for, not the disk.
_CLASHES = (
    *(": Not a directory", ": Is a directory", ": Directory not empty", ": File exists"),
    ": File name too long",
)


def _not_installed() -> UserError:
    return UserError("git is not installed (no `git` on PATH); install it and try again")


def _error(args: tuple[str, ...], cwd: Path, status: int, stderr: str) -> GitError:
    lines = [line for line in stderr.splitlines() if line.strip()]
    if "No space left on device" in stderr or "Disk quota exceeded" in stderr:
        return GitError(f"the disk is full at {cwd}", status=status, stderr=stderr)
    if any("unable to write file" in line and not line.endswith(_CLASHES) for line in lines):
        # A checkout does not say why.
        return GitError(f"the disk is full at {cwd}, or failing", status=status, stderr=stderr)
    verb = next((word for word in args if re.fullmatch(r"[a-z]+(-[a-z]+)*", word)), "command")
    told = [line for line in lines if line.startswith(("fatal:", "error:", "Timeout:"))] or lines
    detail = "; ".join(told[:2])[:400] or f"exit status {status}"
    return GitError(f"git {verb} failed in {cwd}: {detail}", status=status, stderr=stderr)


def _environment(online: bool, config: Sequence[tuple[str, str]]) -> dict[str, str]:
    env = dict(_ENVIRONMENT)
    count = 0
    if online:
        # A server's settings may come this way too (for example a token in CI).
        given = os.environ.get("GIT_CONFIG_COUNT", "")
        count = int(given) if given.isdecimal() else 0
        for number in range(count):
            for part in (f"GIT_CONFIG_KEY_{number}", f"GIT_CONFIG_VALUE_{number}"):
                env[part] = os.environ.get(part, "")
    else:
        env["GIT_CONFIG_NOSYSTEM"] = "1"
        env["GIT_CONFIG_GLOBAL"] = _own_configuration()
    settings = [*_SETTINGS.items(), *config]
    for number, (key, value) in enumerate(settings, start=count):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    env["GIT_CONFIG_COUNT"] = str(count + len(settings))
    return env


def _without_foreign_variables(ours: Mapping[str, str], online: bool) -> list[str]:
    """Return a command prefix that removes the caller's other GIT_* variables, if there are any.

    GitPython can add variables to those of this process, not take any away.
    """
    kept = _KEPT_PREFIXES + (_KEPT_ONLINE if online else ())
    foreign = [
        name
        for name in os.environ
        if name.startswith("GIT_") and name not in ours and not name.startswith(kept)
    ]
    return ["env", *(word for name in foreign for word in ("-u", name))] if foreign else []


def _own_configuration() -> str:
    """Return a file with the one setting that git takes from a user's file alone.

    `upload-pack`, which serves a local clone, drops what comes by GIT_CONFIG_COUNT.
    """
    path = platformdirs.user_cache_path("perfagent") / "git-config"
    if not path.is_file() or path.read_text(encoding="utf-8") != _OWN_CONFIGURATION:
        with writing_to(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
                file.write(_OWN_CONFIGURATION)
            Path(file.name).replace(path)
    return str(path)
