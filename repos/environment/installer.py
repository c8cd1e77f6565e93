"""Installs packages into one environment, with uv where it is on PATH, else with pip.

This module alone knows uv's and pip's flags and error texts.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ...errors import InfrastructureError, PerfagentError, UserError
from ...redaction import is_secret, redacted
from ..commands.process import CommandResult, Limits, run_command
from ..sandbox.sandbox import OPEN, Enclosure
from .interpreter import Interpreter, find_interpreter
from .uv_settings import uv_settings

INSTALL_S = 3600.0
"""How long one installation command may take: a large C++ project compiles for that long."""

# Package indexes and proxies are reached with what stands in these.
_FOR_NETWORK = re.compile(r"(?:PIP|UV)_.*|(?:HTTPS?|ALL|FTP)_PROXY", re.IGNORECASE)
_MISLEADING = frozenset(
    {"CONDA_PREFIX", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"}
    | {"PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "UV_PYTHON", "UV_SYSTEM_PYTHON"}
    | {"__PYVENV_LAUNCHER__"}
)
_NETWORK = re.compile(
    r"NewConnectionError|Max retries exceeded|Temporary failure in name resolution|ProxyError"
    r"|ReadTimeoutError|ConnectTimeoutError|error sending request for url|dns error"
    r"|Network is unreachable"
)
_NO_ROOM = re.compile(r"No space left on device|os error 28\b|Disk quota exceeded")
# What pip says around the line that tells what went wrong.
_EMPTY_TALK = re.compile(
    r"note:|hint:|\u00d7|╰─>|\[end of output\]|exit code:|See above"
    r"|(?i:error): (metadata-generation-failed|subprocess-exited-with-error"
    r"|Failed (to build|building) |Could not build wheels|failed-wheel-build)"
)
_NO_EDITABLE = re.compile(r"build_editable|editable mode|PEP 660")


class Installer:
    """Makes an environment in a folder, installs into it, and logs every command.

    Attributes:
        python: The environment's interpreter.
        log: The file that gets each command with its output.

    Args:
        network: As for `install_variables`.
    """

    def __init__(self, environment: Path, log: Path, *, network: bool = True) -> None:
        self.python = environment / "bin" / "python"
        self.log = log
        self._environment = environment
        self._uv = shutil.which("uv")
        self._variables = install_variables(environment, network=network)

    def create(self, interpreter: Interpreter) -> None:
        """Make the environment, with pip in it for what the user or the repository may run.

        Raises:
            UserError: The interpreter cannot make environments.
            InfrastructureError: The disk is full, or the network is gone.
        """
        if self._uv:
            argv = [self._uv, "venv", "--seed", "--no-project", "--python", str(interpreter.path)]
        else:
            argv = [str(interpreter.path), "-m", "venv"]
        result = self.run([*argv, str(self._environment)], self._environment.parent)
        if not result.ok:
            raise self.failure(
                result,
                f"{interpreter.path} could not make a virtual environment",
                "install uv, or the system's package of Python's venv module",
            )

    def install(self, arguments: Sequence[str], folder: Path) -> CommandResult:
        """Install what the arguments of `pip install` name, paths being relative to `folder`."""
        if self._uv:
            argv = [self._uv, "pip", "install", "--python", str(self.python), "--compile-bytecode"]
        else:
            argv = [str(self.python), "-m", "pip", "install"]
        return self.run([*argv, *arguments], folder)

    def install_beside(self, target: Path, names: Sequence[str]) -> CommandResult:
        """Install packages that suit the environment's interpreter into a folder outside of it."""
        arguments = ["--target", str(target), *names]
        folder = self._environment
        if self._uv or self.run([str(self.python), "-m", "pip", "--version"], folder).ok:
            return self.install(arguments, folder)
        # The user's own environment may have no pip, and none is put into it.
        with tempfile.TemporaryDirectory(prefix="perfagent-") as scratch:
            stand_in = Installer(Path(scratch) / "venv", self.log)
            stand_in.create(find_interpreter(str(self.python)).outside())
            return stand_in.install(arguments, Path(scratch))

    def install_for(self, version: str, target: Path, names: Sequence[str]) -> CommandResult:
        """Install wheels that suit an interpreter of another machine image into a folder.

        Args:
            version: Its version, like "3.9.20".
            target: The folder.
            names: What to install.
        """
        minor = ".".join(version.split(".")[:2])
        arguments = ["--only-binary", ":all:", "--python-version", minor, "--target", str(target)]
        if self._uv:
            return self.run([self._uv, "pip", "install", *arguments, *names], target.parent)
        with tempfile.TemporaryDirectory(prefix="perfagent-") as scratch:
            stand_in = Installer(Path(scratch) / "venv", self.log)
            stand_in.create(find_interpreter(None))
            pip = [str(stand_in.python), "-m", "pip", "install"]
            return stand_in.run([*pip, *arguments, *names], Path(scratch))

    def uninstall(self, name: str, folder: Path) -> CommandResult:
        """Remove a distribution."""
        if self._uv:
            return self.run(
                [self._uv, "pip", "uninstall", "--python", str(self.python), name], folder
            )
        return self.run([str(self.python), "-m", "pip", "uninstall", "--yes", name], folder)

    def run(
        self,
        argv: Sequence[str],
        folder: Path,
        *,
        enclosure: Enclosure = OPEN,
    ) -> CommandResult:
        """Run one command of the installation in a folder, with the environment activated."""
        result = run_command(
            argv,
            cwd=folder,
            env=self._variables,
            limits=Limits(wall_s=INSTALL_S),
            enclosure=enclosure,
        )
        with self.log.open("a", encoding="utf-8") as log:
            status = result.returncode if result.returncode is not None else "ended at its limit"
            log.write(redacted(f"$ cd {shlex.quote(str(folder))} && {shlex.join(argv)}\n"))
            log.write(redacted(f"{result.stdout}{result.stderr}"))
            log.write(f"\n[{status}, {result.duration_s:.1f} s]\n\n")
        return result

    def shell(
        self,
        command: str,
        folder: Path,
        *,
        enclosure: Enclosure = OPEN,
    ) -> CommandResult:
        """Run one of the user's own commands likewise, by the shell."""
        return self.run(["/bin/sh", "-c", command], folder, enclosure=enclosure)

    def failure(self, result: CommandResult, what: str, advice: str) -> PerfagentError:
        """Return the error that a failed command stands for, with the log's path.

        Args:
            result: The command that failed.
            what: What failed, as the beginning of a sentence.
            advice: What the user can do when neither network nor disk is to blame.
        """
        text = f"{result.stdout}\n{result.stderr}"
        if result.timed_out:
            return InfrastructureError(f"{what}: no end after {INSTALL_S:.0f} s; log: {self.log}")
        if _NO_ROOM.search(text):
            return InfrastructureError(f"{what}: the disk is full; log: {self.log}")
        if is_network_failure(result):
            return InfrastructureError(
                f"{what}: the package index cannot be reached; check the network; log: {self.log}"
            )
        return UserError(f"{what}: {telling_line(result)}; {advice}; log: {self.log}")


def is_network_failure(result: CommandResult) -> bool:
    """Whether a failed installation says that a package index could not be reached."""
    return not result.ok and bool(_NETWORK.search(f"{result.stdout}\n{result.stderr}"))


def lacks_editable(result: CommandResult) -> bool:
    """Whether a failed installation says that the build backend has no editable mode."""
    return not result.ok and bool(_NO_EDITABLE.search(f"{result.stdout}\n{result.stderr}"))


def install_variables(environment: Path, *, network: bool = True) -> dict[str, str]:
    """Return the environment of installation commands.

    It is the user's own, for compilers, proxies and package indexes are set there, without what
    would lead astray and without what looks like a secret (those of package indexes and proxies
    excepted).

    Args:
        environment: The environment's folder.
        network: Whether they fetch packages. Without, as where a patch's own code is compiled, what
            is set for package indexes and proxies is left out, passwords and all.
    """
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in _MISLEADING
        and (network if _FOR_NETWORK.fullmatch(name) else not is_secret(name, value))
    }
    if network:
        variables |= uv_settings(variables)
    variables["PATH"] = f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    variables["VIRTUAL_ENV"] = str(environment)
    variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    variables["PIP_NO_INPUT"] = "1"
    return variables


def telling_line(result: CommandResult) -> str:
    """Return the line of an installer's output that says most: the last one with an error."""
    text = f"{result.stdout}\n{result.stderr}"
    lines = [line.strip(" │|") for line in text.splitlines()]
    lines = [line for line in lines if line and not _EMPTY_TALK.match(line)]
    errors = [line for line in lines if re.search(r"(?i)(error|exception): \S", line)]
    return (errors or lines or ["no output"])[-1][:300]
