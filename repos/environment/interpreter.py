"""Finds the Python interpreter that a user asked for."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from ...errors import UserError

OLDEST = Version("3.8")
"""The oldest CPython in which perfagent's inside code runs."""

ASK = (
    "import json, platform, sys; print(json.dumps([sys.executable, platform.python_version(), "
    "platform.python_implementation(), getattr(sys, '_base_executable', sys.executable)]))"
)
"""A program that prints what an interpreter is; `answered` reads it."""
_ANSWER_S = 20.0
_MOST_LINKS = 40


class NoInterpreter(UserError):
    """This machine has no interpreter of the wanted version."""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """One interpreter that answered.

    Attributes:
        path: How it is started; inside an environment that is the environment's own link.
        version: Like "3.11.7".
        in_environment: Whether its path was given and belongs to a virtual or conda
            environment, which holds installed packages and is not perfagent's to change.
        base: The interpreter that its environment was made with; outside of one its own path.
    """

    path: Path
    version: str
    in_environment: bool
    base: Path

    @property
    def identity(self) -> str:
        """What tells it from all others: its resolved base and its version."""
        return f"{self.base.resolve()} {self.version}"

    def outside(self) -> Interpreter:
        """Return the interpreter under the environment, or this one when there is none."""
        base = _ask(self.base) if self.in_environment else None
        return replace(base or self, in_environment=False)


def find_interpreter(python: str | None, *, requires: str | None = None) -> Interpreter:
    """Return the interpreter for a request.

    Args:
        python: A path of an interpreter or of an environment's folder, or a version such as
            "3.9". None: the version perfagent itself runs on or, where the repository does not
            support that, the newest one found that it does support.
        requires: The repository's version specifier; looked at only when `python` is None.

    Raises:
        NoInterpreter: There is none of that version; lists what was found.
        UserError: There is none at that path, or it is no CPython from 3.8 up.
    """
    if python is None:
        return _default_interpreter(requires)
    if re.fullmatch(r"(python|cpython)?-?\d+(\.\d+)*", python):
        wanted = re.sub(r"^[a-z]*-?", "", python)
        for path in _candidates(wanted):
            found = _ask(path)
            if found and _is_release(found.version, wanted):
                return supported(found.outside())
        raise NoInterpreter(
            f"no Python {wanted} on this machine: install it, or give --python the path of an "
            f"interpreter (found: {_found_text()})"
        )
    return supported(_given_path(python))


def installed_interpreters() -> list[Interpreter]:
    """Return one CPython of each minor version that is found and supported, newest first."""
    found: dict[tuple[int, ...], Interpreter] = {}
    for path in _candidates(""):
        minor = _minor_in_name(path)
        if minor is not None and minor in found:
            continue
        interpreter = _ask(path)
        if interpreter and Version(interpreter.version) >= OLDEST:
            found.setdefault(Version(interpreter.version).release[:2], interpreter)
    return [found[minor] for minor in sorted(found, reverse=True)]


def links_to(python: Path) -> tuple[Path, ...]:
    """Return the paths by which an interpreter is found: its own, where that links to, its base."""
    found = [python]
    while found[-1].is_symlink() and len(found) < _MOST_LINKS:
        target = os.path.normpath(found[-1].parent / found[-1].readlink())
        found.append(Path(target))
    found.append(found[-1].resolve())
    configuration = python.parent.parent / "pyvenv.cfg"
    if configuration.is_file():
        for line in configuration.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition("=")
            if name.strip() == "home":
                found.append(Path(value.strip()) / python.name)
    return tuple(dict.fromkeys(found))


def _default_interpreter(requires: str | None) -> Interpreter:
    own = _ask(Path(getattr(sys, "_base_executable", sys.executable)))
    if own is None:
        raise UserError(f"the interpreter {sys.executable} does not start; give one with --python")
    own = own.outside()
    try:
        supported = SpecifierSet(requires or "", prereleases=True)
    except InvalidSpecifier:
        return own
    if supported.contains(own.version):
        return own
    for interpreter in installed_interpreters():
        if supported.contains(interpreter.version):
            return interpreter.outside()
    raise UserError(
        f"the repository requires Python {requires} (found: {_found_text()}); install one, "
        "or give its path with --python"
    )


def _given_path(python: str) -> Interpreter:
    path = Path(python).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    elif os.sep not in python:
        path = Path(shutil.which(python) or path)
    if not path.exists():
        raise UserError(
            f"--python {python}: no such interpreter (found: {_found_text()}); "
            "give a path or a version such as 3.11"
        )
    found = _ask(path.absolute())
    if found is None:
        raise UserError(f"--python {python}: {path} does not start as a CPython; give another")
    return found


def supported(interpreter: Interpreter) -> Interpreter:
    """Return an interpreter that perfagent's inside code runs in.

    Raises:
        UserError: It is too old.
    """
    if Version(interpreter.version) < OLDEST:
        raise UserError(
            f"{interpreter.path} is Python {interpreter.version}; perfagent measures CPython "
            f"{OLDEST} and later: choose one with --python"
        )
    return interpreter


def _found_text() -> str:
    found = installed_interpreters()
    return ", ".join(f"{one.version} at {one.path}" for one in found) or "none"


def _candidates(wanted: str) -> Iterator[Path]:
    """Yield paths that may be the wanted release, or any when that is "", likeliest first."""
    if wanted == "" or _is_release(".".join(map(str, sys.version_info[:3])), wanted):
        yield Path(getattr(sys, "_base_executable", sys.executable))
    minor = ".".join(wanted.split(".")[:2])
    pattern = re.compile(rf"python{re.escape(minor)}" if minor.count(".") else r"python3\.\d+")
    for folder in map(Path, os.get_exec_path()):
        if _is_shims(folder):
            continue
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208 (a folder on PATH may hold thousands)
        except OSError:
            continue
        yield from (folder / name for name in names if pattern.fullmatch(name))
    for root in _version_folders():
        for folder in sorted(root.glob("*"), key=_version_in_name, reverse=True):
            version = _version_in_name(folder)
            if _is_release(str(version), wanted) if wanted else version >= OLDEST:
                yield folder / "bin" / "python"
    if wanted:
        yield from (Path(path) for name in ("python3", "python") if (path := shutil.which(name)))


def _is_shims(folder: Path) -> bool:
    """Whether a folder on PATH holds pyenv's shims: slow scripts, which may refuse to start."""
    return folder.name == "shims" and (folder.parent / "versions").is_dir()


def _version_folders() -> list[Path]:
    """Return the folders in which pyenv and uv keep one interpreter a subfolder."""
    environ: Mapping[str, str] = os.environ
    pyenvs = [Path(environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    pyenvs += [folder.parent for folder in map(Path, os.get_exec_path()) if _is_shims(folder)]
    shares = Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR") or shares / "uv" / "python")
    return list(dict.fromkeys([*(folder / "versions" for folder in pyenvs), uv]))


def _version_in_name(folder: Path) -> Version:
    match = re.search(r"\d+\.\d+(\.\d+)?", folder.name)
    try:
        return Version(match.group() if match else "0")
    except InvalidVersion:
        return Version("0")


def _minor_in_name(path: Path) -> tuple[int, ...] | None:
    match = re.fullmatch(r"python(\d+)\.(\d+)", path.name)
    return tuple(int(number) for number in match.groups()) if match else None


def _is_release(version: str, wanted: str) -> bool:
    return version == wanted or version.startswith(f"{wanted}.")


def _ask(path: Path) -> Interpreter | None:
    """Start an interpreter and ask what it is; None when it does not start or is no CPython."""
    if not path.exists():
        return None
    try:
        # The guarded way to run commands is for the repository's code; this is the user's Python.
        answer = subprocess.run(
            [str(path), "-I", "-c", ASK],
            capture_output=True,
            check=True,
            timeout=_ANSWER_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = answered(answer.stdout.decode("utf-8", "replace"))
    if found is None:
        return None
    folder = found.path.parent.parent
    is_in_one = (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir()
    return replace(found, in_environment=is_in_one)


def answered(said: str) -> Interpreter | None:
    """Return the interpreter that answered `ASK`; None when it is no CPython.

    Whether it is in an environment is left open: no.
    """
    try:
        executable, version, implementation, base = json.loads(said)
    except ValueError:
        return None
    if implementation != "CPython" or not executable:
        return None
    return Interpreter(
        path=Path(executable), version=version, in_environment=False, base=Path(base)
    )
