"""The sandbox of namespaces: bubblewrap. The one place that knows its program and its options.

Nothing of the machine is visible but what is named here and in the bounds of a command, so a home
directory, a socket in `/run` or another user's files need no rule of their own.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import InfrastructureError, UserError
from ..commands.guard_process import Guard, HostGuard, Order
from .home import copied_home, remove
from .sandbox import Enclosure, SandboxName
from .system import (
    KERNEL_MEMORY,
    KERNEL_SETTINGS,
    SHARED_MEMORY,
    SYSTEM,
    SYSTEM_SETTINGS,
    THREADS_A_PROCESS,
    TMP,
)

_PROGRAM = "bwrap"
_SHELL = "/bin/sh"
_CALLED = "perfagent-sandbox"
_NOT_ROOT = "1000"
# Says to the guard that all is ready, and becomes the command. What a shell adds to the
# environment goes.
_BEGIN = 'unset PWD OLDPWD SHLVL; printf . >&{ready}; exec "$@" {ready}>&-'
# One shell calls the limit on tasks of a user "u", another "p". In a user name space it counts
# what is in there alone; of root it holds nothing.
_TASKS = "ulimit -u %d 2>/dev/null || ulimit -p %d; "


@dataclass(frozen=True)
class Local:
    """Commands in namespaces of their own, made by bubblewrap."""

    name: SandboxName = "local"
    guarantees: tuple[str, ...] = (
        "a read-only view of system programs and libraries, the environment and the worktree",
        "writes only to a private /tmp and home of limited size, and to the worktree where needed",
        "no view of the home directory, other processes, other users' files or sockets",
        "PID, IPC, mount, user and host name spaces of its own, no capabilities",
        "limits of time, memory, processes, file size, disk and output",
        "the environment by allow-list",
        "no process left behind",
    )

    def start(self, order: Order, enclosure: Enclosure) -> Guard:
        """Start a command in bubblewrap.

        Raises:
            InfrastructureError: It cannot be started.
        """
        program = shutil.which(_PROGRAM)
        if program is None:
            raise InfrastructureError("bubblewrap is gone: there is no bwrap on PATH")
        copied = copied_home(enclosure)
        try:
            options = [*_namespaces(enclosure), *_view(order.cwd, enclosure, copied)]
            script = _BEGIN
            if order.processes is not None:
                tasks = order.processes * THREADS_A_PROCESS
                script = _TASKS % (tasks, tasks) + script
            words = (_PROGRAM, *options, "--", _SHELL, "-c", script, _CALLED)
            contained = replace(
                order,
                executable=program,
                argv=(*words, order.executable, *order.argv[1:]),
                begin=str(words.index(script)),
            )
            return _LocalGuard(contained, copied, order.argv[0], len(words))
        except BaseException:
            remove(copied)
            raise

    def ended(self, order: Order, status: int, ready: bool, stderr: str) -> int:
        """Return the command's status: bubblewrap tells a signal N as status 128 + N.

        Raises:
            UserError: The command is not visible in the sandbox.
            InfrastructureError: bubblewrap itself failed.
        """
        last = stderr.strip().splitlines()[-1:]
        if not ready:
            reason = last[0] if last else f"status {status}"
            raise InfrastructureError(f"bubblewrap could not start {order.argv[0]}: {reason}")
        if status in (126, 127) and last and last[0].startswith(f"{_CALLED}:"):
            raise UserError(
                f"cannot run {order.executable} in the sandbox ({last[0].rpartition(': ')[2]}): "
                "name the folder that it needs with --allow-read, or use --sandbox none"
            )
        if status > 128 and status - 128 in signal.valid_signals():
            return 128 - status
        return status


class _LocalGuard(HostGuard):
    """A guard whose command has a private copy of its home, which goes with it."""

    def __init__(self, order: Order, home: Path | None, name: str, before: int) -> None:
        """Start it; `before` words of the order, and then the executable, stand for `name`."""
        super().__init__(order)
        self.argv = (name, *self.argv[before + 1 :])
        self._home = home

    def close(self) -> None:
        super().close()
        remove(self._home)


def _namespaces(enclosure: Enclosure) -> Iterator[str]:
    yield from ("--unshare-user-try", "--unshare-ipc", "--unshare-pid", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--cap-drop", "ALL")
    if not enclosure.network:
        yield "--unshare-net"


def walled(
    words: Sequence[str], *, cwd: Path, enclosure: Enclosure, tmp: Path | None = None
) -> list[str]:
    """Return the command line that runs words in name spaces in which others can be made.

    It is for a program that contains what it runs by itself, and that shall see no more of the
    machine either. There is no guard: it lives as long as the thread that starts it.
    Root's commands see which processes there are, but nobody's memory or environment.

    Args:
        words: The command.
        cwd: Where it runs.
        enclosure: What it sees; its limits are not held.
        tmp: A folder to serve as its /tmp; None for one in memory.
    """
    options = [*_namespaces(enclosure), *_view(cwd, enclosure, None, nesting=True, tmp=tmp)]
    if os.geteuid() == 0:
        # Without capabilities nobody may hand root on to further name spaces; and bubblewrap
        # covers parts of root's /proc, so that its processes share the machine's.
        options.remove("--unshare-pid")
        options += ["--unshare-user", "--uid", _NOT_ROOT, "--gid", _NOT_ROOT]
    return [_PROGRAM, *options, "--", *words]


def _view(
    cwd: Path,
    enclosure: Enclosure,
    copied: Path | None,
    *,
    nesting: bool = False,
    tmp: Path | None = None,
) -> Iterator[str]:
    """Yield the options that lay out the file system, outer folders before inner ones.

    The kernel lets nobody have a /proc of his own within one that is covered in places.
    """
    size = ("--size", str(enclosure.tmp_bytes))
    yield from _system(enclosure.network)
    shared = nesting and os.geteuid() == 0
    yield from ("--bind", "/proc", "/proc") if shared else ("--proc", "/proc")
    for name in () if nesting else KERNEL_SETTINGS:
        yield from ("--ro-bind-try", name, name)
    for name in () if nesting else KERNEL_MEMORY:
        if Path(name).exists():
            yield from ("--ro-bind", os.devnull, name)
    yield from ("--dev", "/dev", *size, "--tmpfs", SHARED_MEMORY)
    yield from ("--bind", str(tmp), TMP) if tmp else (*size, "--tmpfs", TMP)
    home = enclosure.home
    seen = (*enclosure.installed, *enclosure.readable)
    mounts: dict[Path, tuple[str, ...]] = {
        **{path: ("--ro-bind", str(path), str(path)) for path in _spellings(seen)},
        **{path: ("--bind", str(path), str(path)) for path in _spellings(enclosure.writable)},
    }
    if home is not None and home not in enclosure.writable:
        source = ("--bind", str(copied)) if copied else (*size, "--tmpfs")
        mounts[home] = (*source, str(home))
    for path in sorted(mounts, key=lambda path: path.parts):
        yield from mounts[path]
    yield from ("--remount-ro", "/dev", "--remount-ro", "/")
    if home is not None:
        yield from ("--setenv", "HOME", str(home))
    yield from ("--setenv", "TMPDIR", TMP, "--chdir", str(cwd))


def _system(network: bool) -> Iterator[str]:
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.exists():
            yield from ("--ro-bind", name, name)
    for name in (*SYSTEM_SETTINGS, *(["/etc/resolv.conf"] if network else [])):
        yield from ("--ro-bind-try", os.path.realpath(name), name)


def _spellings(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield each path as it is given and, where a folder above it is a link, as it really is."""
    for path in paths:
        yield path
        resolved = path.resolve()
        if resolved != path and not path.is_symlink():
            yield resolved


def problem(environ: Mapping[str, str] = os.environ) -> str | None:
    """Say why bubblewrap cannot contain commands here; None when it can. Tries it."""
    from ..commands.process import Limits, run_command

    if shutil.which(_PROGRAM, path=environ.get("PATH", os.defpath)) is None:
        return "bubblewrap is not installed"
    try:
        with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
            place = Path(folder)
            run_command(
                [_SHELL, "-c", "true"],
                cwd=place,
                env={"PATH": os.defpath},
                limits=Limits(wall_s=30),
                enclosure=Enclosure(sandbox=Local(), writable=(place,)),
            )
    except (UserError, InfrastructureError) as error:
        return str(error)
    return None
