"""Starts a guard (`inside/guard.py`) on this machine, and holds the near ends of its pipes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...errors import InfrastructureError

GUARD = Path(__file__).parents[1] / "inside" / "guard.py"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One command for a guard.

    Attributes:
        executable: The file that is started.
        argv: Its arguments, itself first; with `channel`, `{channel}` in any of them stands for
            the number of the private channel's descriptor.
        cwd: The folder it runs in.
        env: Its whole environment, and the guard's.
        limits: The guard's arguments from WALL_S to CPUS.
        channel: Whether it gets a private channel.
        stdin: Whether anything is written to its standard input.
        begin: The guard's argument BEGIN.
    """

    executable: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    limits: tuple[str, ...]
    channel: bool
    stdin: bool
    begin: str = "-"

    @property
    def processes(self) -> int | None:
        """How many processes the command may have at once; None for any number."""
        return None if self.limits[3] == "-" else int(self.limits[3])

    def words(self, channel: str) -> list[str]:
        """Return the guard's arguments after CHANNEL, for a channel of that number."""
        # Python sets LC_CTYPE in a C locale, also in the guard; the command must not see it.
        forget = "-" if "LC_CTYPE" in self.env else "LC_CTYPE"
        return [*self.limits, forget, self.begin, self.executable, *self.command(channel)]

    def command(self, channel: str) -> tuple[str, ...]:
        """Return the command with the channel's number in it."""
        if not self.channel:
            return self.argv
        return tuple(word.replace("{channel}", channel) for word in self.argv)


class Guard(Protocol):
    """A guard that was started.

    Attributes:
        argv: The command, `{channel}` replaced.
        leash: The descriptor whose closing makes the guard kill the command; the receiver's to
            close.
        outlets: Descriptors to read from, by "stdout", "stderr", "report" and "channel".
        inlet: The descriptor of the command's standard input; None when there is none.
    """

    argv: tuple[str, ...]
    leash: int
    outlets: Mapping[str, int]
    inlet: int | None

    def end_input(self) -> None:
        """Close `inlet`."""
        ...

    def wait(self, timeout_s: float) -> int | None:
        """Return the guard's exit status, None when it is still there after `timeout_s`."""
        ...

    def kill(self, command: int | None = None) -> None:
        """Kill the guard, and the process group of the command that it said it had started."""
        ...

    def close(self) -> None:
        """Close every descriptor but the leash, and forget the guard."""
        ...


class HostGuard:
    """A guard that is a child of this process; see `Guard` for its attributes.

    Raises:
        InfrastructureError: It cannot be started.
    """

    def __init__(self, order: Order) -> None:
        far: list[int] = []
        near: list[int] = []
        names = ("report", "channel") if order.channel else ("report",)
        try:
            control, leash = os.pipe()
            far.append(control)
            near.append(leash)
            for _ in names:
                read, write = os.pipe()
                near.append(read)
                far.append(write)
            channel = str(far[2]) if order.channel else "-"
            arguments = [str(control), str(far[1]), channel, *order.words(channel)]
            self._process = _popen(arguments, order, far)
        except OSError as error:
            for end in near:
                os.close(end)
            reason = error.strerror or str(error)
            raise InfrastructureError(f"cannot start {order.argv[0]}: {reason}") from error
        finally:
            for end in far:
                os.close(end)
        self.argv = order.command(channel)
        self.leash = leash
        self._near = tuple(near[1:])
        streams = (("stdout", self._process.stdout), ("stderr", self._process.stderr))
        self.outlets: Mapping[str, int] = {
            **dict(zip(names, self._near, strict=True)),
            **{name: pipe.fileno() for name, pipe in streams if pipe},
        }
        self.inlet = self._process.stdin.fileno() if self._process.stdin else None

    def end_input(self) -> None:
        """See `Guard`."""
        if self._process.stdin:
            self._process.stdin.close()

    def wait(self, timeout_s: float) -> int | None:
        """See `Guard`."""
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self, command: int | None = None) -> None:
        """See `Guard`."""
        for pid in (self._process.pid, command):
            if pid is not None:
                _kill_group(pid)

    def close(self) -> None:
        """See `Guard`."""
        for end in self._near:
            os.close(end)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()


def _popen(
    arguments: Sequence[str], order: Order, inherited: Sequence[int]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(GUARD), *arguments],
        cwd=order.cwd,
        env=dict(order.env),
        stdin=subprocess.PIPE if order.stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=inherited,
        start_new_session=True,
        bufsize=0,
    )


def _kill_group(pid: int) -> None:
    """Kill a process group if it is still there."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
