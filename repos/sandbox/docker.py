"""The sandbox of containers: one Docker container a command, from an image of its environment.

The guard is the container's first process, which no process in it can kill; it talks to perfagent
through named pipes, which are taken away before the command starts. They lie on this machine, so
the engine has to run here too.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from select import select
from typing import Any

from ...errors import InfrastructureError, UserError
from ..commands.docker_engine import Container, Engine, ImageGone
from ..commands.guard_process import GUARD, Guard, Order
from .home import copied_home, remove
from .root_image import forget, image_of
from .sandbox import Enclosure, SandboxName
from .system import PROCESSES, TMP

_PIPES = "/perfagent"
_OPEN = (
    f'exec "$@" <{_PIPES}/stdin >{_PIPES}/stdout 2>{_PIPES}/stderr'
    f" 3<{_PIPES}/control 4>{_PIPES}/report 5>{_PIPES}/channel"
)
_READY_WITHIN_S = 60.0
_HOLDING = b"holding\n"


@dataclass(frozen=True)
class Docker:
    """Commands in containers of their own."""

    name: SandboxName = "docker"
    guarantees: tuple[str, ...] = (
        "a file system of its own: an image of the environment, read-only, and the worktree",
        "writes only to a private /tmp and home of limited size, and to the worktree where needed",
        "no view of the home directory, other processes, other users' files or sockets",
        "no capabilities, no new privileges, Docker's filter of system calls",
        "memory, processes and cores limited by the kernel; time, file size, disk and output too",
        "the environment by allow-list",
        "no process left behind",
    )

    def start(self, order: Order, enclosure: Enclosure) -> Guard:
        """Start a command in a container.

        Raises:
            InfrastructureError: The engine does not answer, or does not start it.
        """
        if enclosure.python is None:
            raise InfrastructureError("a container needs the interpreter of an environment")
        engine = _engine()
        copied = copied_home(enclosure)
        pipes = _Pipes(order)
        try:
            for _ in range(2):
                image = enclosure.image or image_of(enclosure.installed, engine)
                asked = _container(image, order, enclosure, copied, pipes.folder)
                try:
                    container = engine.start(asked)
                    break
                except ImageGone:
                    if enclosure.image is not None:
                        raise InfrastructureError(f"image {image} is gone") from None
                    forget(enclosure.installed)
            else:
                raise InfrastructureError("the image of the environment keeps disappearing")
            return _ContainerGuard(order, container, pipes, copied)
        except BaseException:
            pipes.close()
            remove(copied)
            raise

    def ended(self, order: Order, status: int, ready: bool, stderr: str) -> int:
        """Return the status as it is: the guard in the container saw it."""
        del order, ready, stderr
        return status


class _Pipes:
    """The named pipes of one command; perfagent's ends are open from the beginning."""

    def __init__(self, order: Order) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="perfagent-pipes-"))
        for name in ("control", "report", "channel", "stdin", "stdout", "stderr"):
            os.mkfifo(self.folder / name, 0o600)
        # Opened for both, since a pipe that nobody reads cannot be opened for writing alone.
        self.leash = os.open(self.folder / "control", os.O_RDWR)
        self.inlet = os.open(self.folder / "stdin", os.O_RDWR)
        self.outlets = {
            name: os.open(self.folder / name, os.O_RDONLY | os.O_NONBLOCK)
            for name in ("report", "channel", "stdout", "stderr")
        }
        self._wants_input = order.stdin
        self._open = {self.leash, self.inlet, *self.outlets.values()}

    def take_away(self) -> None:
        """Leave the ends open, the near ones for one direction, and no names to find them by."""
        self.leash = self._writing("control", self.leash)
        self.inlet = self._writing("stdin", self.inlet)
        if not self._wants_input:
            self.end_input()
        for path in list(self.folder.iterdir()):
            path.unlink()

    def _writing(self, name: str, both: int) -> int:
        end = os.open(self.folder / name, os.O_WRONLY | os.O_NONBLOCK)
        self._open.add(end)
        self._shut(both)
        return end

    def end_input(self) -> None:
        """Close the input."""
        self._shut(self.inlet)

    def hand_over_leash(self) -> int:
        """Return the leash, which is the receiver's to close."""
        self._open.discard(self.leash)
        return self.leash

    def close(self) -> None:
        """Close what is open and delete the folder."""
        for end in list(self._open):
            self._shut(end)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _shut(self, end: int) -> None:
        if end in self._open:
            self._open.discard(end)
            os.close(end)


class _ContainerGuard:
    """A guard that is the first process of a container; see `Guard` for its attributes."""

    def __init__(
        self, order: Order, container: Container, pipes: _Pipes, home: Path | None
    ) -> None:
        self._container, self._pipes, self._home = container, pipes, home
        self.argv = order.command("5")
        try:
            self._await_guard()
            pipes.take_away()
            os.write(pipes.leash, b"g")
        except BaseException:
            container.remove()
            raise
        self.leash = pipes.hand_over_leash()
        self.outlets: Mapping[str, int] = dict(pipes.outlets)
        self.inlet = pipes.inlet if order.stdin else None

    def _await_guard(self) -> None:
        """Wait until the guard holds its ends of all pipes.

        Raises:
            InfrastructureError: It does not come.
        """
        give_up = time.monotonic() + _READY_WITHIN_S
        report, said = self._pipes.outlets["report"], b""
        while not said.endswith(_HOLDING):
            is_over = time.monotonic() > give_up
            if select([report], [], [], 0.5)[0]:
                said += (more := os.read(report, 200))
                is_over = not more
            elif not is_over:
                is_over = not self._container.is_running()
            if is_over:
                raise InfrastructureError(
                    f"no guard came up in the container: {self._last_words()}"
                )

    def _last_words(self) -> str:
        try:
            words = os.read(self._pipes.outlets["stderr"], 4000)
        except BlockingIOError:
            words = b""
        lines = words.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "no reason given"

    def end_input(self) -> None:
        """See `Guard`."""
        self._pipes.end_input()

    def wait(self, timeout_s: float) -> int | None:
        """See `Guard`."""
        return self._container.wait(timeout_s)

    def kill(self, command: int | None = None) -> None:
        """Kill the container, and so all in it."""
        del command
        self._container.remove()

    def close(self) -> None:
        """See `Guard`."""
        self._container.remove()
        self._pipes.close()
        remove(self._home)


@cache
def _engine() -> Engine:
    return Engine.reached()


def _container(
    image: str, order: Order, enclosure: Enclosure, copied: Path | None, pipes: Path
) -> dict[str, Any]:
    """Return what the engine is asked for, in the words of the Docker SDK."""
    wall_s, memory, file_bytes, processes, tree_bytes, disk_bytes, cpus = order.limits
    # What the kernel holds need not be watched, and the guard shares the command's cores.
    inside = replace(
        order, limits=(wall_s, memory, file_bytes, "-", "-", disk_bytes, "-"), begin="hold"
    )
    channel = "5" if order.channel else "-"
    guard = [str(enclosure.python), "-I", "-S", str(GUARD), "3", "4", channel]
    home = enclosure.home
    # For everybody, who in a container is one user: not each engine takes an owner.
    private = f"exec,nosuid,nodev,mode=1777,size={enclosure.tmp_bytes}"
    # What lies in /tmp would be hidden there by the private one.
    hidden = [path for path in enclosure.installed if path.is_relative_to(TMP)]
    binds = {str(path): f"{path}:{path}:ro" for path in (*hidden, *enclosure.readable)}
    binds |= {str(path): f"{path}:{path}:rw" for path in enclosure.writable}
    tmpfs = {TMP: private}
    if copied is not None:
        binds[str(home)] = f"{copied}:{home}:rw"
    elif home is not None and home not in enclosure.writable:
        tmpfs[str(home)] = private
    variables = {**order.env, "TMPDIR": TMP, **({"HOME": str(home)} if home else {})}
    cores = len(os.sched_getaffinity(0))
    return {
        "image": image,
        # As the entry point, for an image may have one of its own.
        "entrypoint": ["/bin/sh", "-c", _OPEN, "perfagent"],
        "command": [*guard, *inside.words("5")],
        "environment": variables,
        "working_dir": str(order.cwd),
        "host_config": {
            "binds": [*binds.values(), f"{pipes}:{_PIPES}:ro"],
            "tmpfs": tmpfs,
            "network_mode": "bridge" if enclosure.network else "none",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "ipc_mode": "private",
            "shm_size": enclosure.tmp_bytes,
            "mem_limit": None if tree_bytes == "-" else int(tree_bytes),
            "memswap_limit": None if tree_bytes == "-" else int(tree_bytes),
            # Threads count as well; the guard has to get its turn among them.
            "pids_limit": PROCESSES if processes == "-" else int(processes),
            "cpuset_cpus": None if cpus == "-" else cpus,
            "nano_cpus": None if cpus != "-" else cores * 10**9,
        },
    }


def problem() -> str | None:
    """Say why no engine can contain commands here; None when one can."""
    try:
        Engine.reached()
    except (UserError, InfrastructureError) as error:
        return str(error)
    return None
