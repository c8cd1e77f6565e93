"""Runs one command under limits and leaves no process of it behind.

Each command has a guard process above it (`inside/guard.py`), which kills the whole tree at a
limit, when the command exits, and when perfagent itself dies.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import InfrastructureError, UserError
from ..sandbox.sandbox import OPEN, Enclosure, Sandbox
from ..sandbox.system import DISK_BYTES, FILE_BYTES, PROCESSES, TREE_BYTES
from .guard_process import Order
from .guarded import GuardedCommand

Limit = Literal["wall_s", "processes", "memory", "disk"]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one command may use.

    Attributes:
        wall_s: Seconds from its start until it is killed; `inf` for no limit.
        memory_bytes: Private writable memory of each of its processes (an allocation above it
            fails in that process); None for no limit.
        processes: Processes alive in its tree at once, more of which end it, as do more than 16
            times as many threads; None for no limit.
        file_bytes: Size of any one file it writes; None for no limit.
        tree_bytes: Resident memory of all its processes together, more of which ends it; pages
            that they share count once. None for no limit.
        disk_bytes: By how much the free space on the disk of its folder may shrink while it runs
            before it is ended, at most half of it; None for no limit.
        output_bytes: How much is kept of each of stdout and stderr: half of it from the beginning
            and half from the end. What is left out is drained, never blocks the command.
    """

    wall_s: float = 600.0
    memory_bytes: int | None = None
    processes: int | None = None
    file_bytes: int | None = None
    tree_bytes: int | None = None
    disk_bytes: int | None = None
    output_bytes: int = 2_000_000


USUAL_LIMITS = Limits(
    processes=PROCESSES, file_bytes=FILE_BYTES, tree_bytes=TREE_BYTES, disk_bytes=DISK_BYTES
)
"""For commands of the target, where the user asks for nothing else."""


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """How one command went.

    Attributes:
        argv: The command, with `{channel}` replaced.
        returncode: As `subprocess` has it (negative: ended by that signal); None when perfagent
            ended it at a limit, which `stopped_by` names.
        stdout: Standard output as text; bytes that are not UTF-8 are replaced.
        stderr: Standard error, likewise.
        duration_s: Seconds from fork to exit, on the guard's monotonic clock: the guard's own
            start-up is not in it, nor is that of a sandbox.
        timed_out: Whether it was ended at `Limits.wall_s`.
        truncated: Whether stdout, stderr or the channel wrote more than is kept.
        cpu_s: User and system seconds of the whole tree; None when unknown.
        peak_rss_bytes: Peak resident memory of the largest process of the tree; up to
            `peak_floor_bytes` it may be that of the guard. None when unknown.
        channel: What was written to the private channel, at most its first 64 MB.
        stopped_by: The limit at which it was ended; None when it ended by itself.
        peak_floor_bytes: The guard's own memory when it started the command (some 10 MB), most of
            which the kernel counts as the command's too; None when unknown.
    """

    argv: tuple[str, ...]
    returncode: int | None
    stdout: str
    stderr: str
    duration_s: float
    timed_out: bool
    truncated: bool
    cpu_s: float | None
    peak_rss_bytes: int | None
    channel: bytes = b""
    stopped_by: Limit | None = None
    peak_floor_bytes: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit status 0."""
        return self.returncode == 0

    def tail(self, lines: int = 5) -> str:
        """Return the last lines that are not blank of stderr, or of stdout when that is empty."""
        text = self.stderr if self.stderr.strip() else self.stdout
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


def run_command(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    limits: Limits = Limits(),
    cpus: frozenset[int] | None = None,
    channel: bool = False,
    stdin: bytes | None = None,
    enclosure: Enclosure = OPEN,
) -> CommandResult:
    """Run a command to its end; when this returns or raises, nothing of its tree is alive.

    Args:
        argv: The command. `argv[0]` is looked up on `env["PATH"]`, or relative to `cwd` when it
            holds a slash. With `channel`, `{channel}` in any element becomes the number of a
            file descriptor to write to.
        cwd: The folder it runs in.
        env: Its whole environment; nothing is added to it.
        limits: What it may use.
        cpus: The cores it may run on; None for all of perfagent's own.
        channel: Whether it gets a private pipe back to perfagent.
        stdin: What it reads from standard input; None for an empty one.
        enclosure: Where it runs. `argv[0]` and `cwd` have to be visible there.

    Raises:
        UserError: `argv[0]` does not exist, cannot be executed, or is not visible in the sandbox.
        InfrastructureError: The guard could not start or was killed, `cwd` is gone, the cores are
            not to be had, processes would not die, or `terminate_all` was called meanwhile.
    """
    if not cwd.is_dir():
        raise InfrastructureError(f"cannot run {argv[0]}: the folder {cwd} does not exist")
    # What an image has is its own business: this machine need not have it.
    executable = _executable(argv[0], cwd, env) if enclosure.image is None else argv[0]
    command = GuardedCommand(argv, limits.output_bytes)
    order = Order(
        executable=executable,
        argv=tuple(argv),
        cwd=cwd,
        env=env,
        limits=_limit_words(limits, cpus),
        channel=channel,
        stdin=stdin is not None,
    )
    with _running_lock:
        _running.add(command)
    try:
        command.start(lambda: enclosure.sandbox.start(order, enclosure), stdin)
        command.pump(limits.wall_s)
        return _result(command, order, enclosure.sandbox)
    finally:
        command.close()
        with _running_lock:
            _running.discard(command)


def terminate_all() -> None:
    """End every command that runs now, in whichever thread, and wait until its tree is gone.

    The `run_command` calls concerned raise InfrastructureError.
    """
    with _running_lock:
        running = list(_running)
    for command in running:
        command.release()
    for command in running:
        command.wait_for_guard()


_running: set[GuardedCommand] = set()
_running_lock = threading.Lock()


def _executable(name: str, cwd: Path, env: Mapping[str, str]) -> str:
    """Find the file that `name` starts.

    Raises:
        UserError: There is none.
    """
    if os.sep in name:
        path = cwd / name
        if path.is_file():
            return str(path)
        raise UserError(f"cannot run {name}: no such file (from {cwd}); check the path")
    found = shutil.which(name, path=env.get("PATH", os.defpath))
    if found is None:
        raise UserError(f"cannot run {name}: no such program on PATH; install it or give its path")
    return str(Path(found).absolute())


def _limit_words(limits: Limits, cpus: frozenset[int] | None) -> tuple[str, ...]:
    """Return the limits as the guard's arguments."""
    numbers = (
        *(limits.memory_bytes, limits.file_bytes, limits.processes),
        *(limits.tree_bytes, limits.disk_bytes),
    )
    return (
        str(limits.wall_s),
        *("-" if number is None else str(number) for number in numbers),
        ",".join(map(str, sorted(cpus))) if cpus else "-",
    )


def _result(command: GuardedCommand, order: Order, sandbox: Sandbox) -> CommandResult:
    """Read the guard's report.

    Raises:
        UserError: The command cannot be executed.
        InfrastructureError: There is no report, or it tells of the machine's failure.
    """
    name, executable = order.argv[0], order.executable
    lines = (line.split() for line in command.kept["report"].text().splitlines())
    reports = {words[0]: words[1:] for words in lines if words}
    if "failed" in reports:
        raise _not_started(name, executable, int(reports["failed"][0]), reports["failed"][1])
    if command.released:
        raise InfrastructureError(f"{name} was stopped: perfagent is shutting down")
    if "ended" not in reports:
        raise _guard_lost(command, reports.get("started"))
    status, duration_ns, cpu_us, peak_bytes, floor_bytes, reason, survivors = reports["ended"]
    if int(survivors):
        raise InfrastructureError(f"{survivors} processes of {name} could not be killed; see `ps`")
    if reason == "stopped":
        raise InfrastructureError(f"{name} was stopped from outside perfagent")
    out, err, channel = (command.kept[stream] for stream in ("stdout", "stderr", "channel"))
    returncode = None
    if status != "-":
        returncode = sandbox.ended(order, int(status), "ready" in reports, err.text())
    stopped_by: dict[str, Limit] = {
        "wall_s": "wall_s",
        "processes": "processes",
        "memory": "memory",
        "disk": "disk",
    }
    return CommandResult(
        argv=command.argv,
        returncode=returncode,
        stdout=out.text(),
        stderr=err.text(),
        duration_s=int(duration_ns) / 1e9,
        timed_out=reason == "wall_s",
        truncated=bool(out.left_out or err.left_out or channel.left_out),
        cpu_s=int(cpu_us) / 1e6,
        peak_rss_bytes=int(peak_bytes),
        peak_floor_bytes=int(floor_bytes),
        channel=channel.content(),
        stopped_by=stopped_by.get(reason),
    )


def _not_started(name: str, executable: str, number: int, step: str) -> Exception:
    reason = os.strerror(number) if number else "refused"
    if step == "cpus":
        return InfrastructureError(f"cannot run {name} on the chosen cores: {reason}")
    if step == "exec" and number == errno.ENOENT:
        return UserError(f"cannot run {executable}: its interpreter (first line) does not exist")
    if step == "exec" and number in (errno.EACCES, errno.ENOEXEC, errno.ENOTDIR):
        return UserError(f"cannot run {executable}: {reason}; check that it is a program")
    return InfrastructureError(f"cannot start {name} ({step}): {reason}")


def _guard_lost(command: GuardedCommand, started: list[str] | None) -> InfrastructureError:
    """Kill what a lost guard can no longer kill, and say that it is lost."""
    if started:
        command.kill(int(started[0]))
    status = command.wait_for_guard()
    said = command.kept["stderr"].text().strip().splitlines()
    detail = f" ({said[-1]})" if said and not started else ""
    return InfrastructureError(
        f"the guard of {command.argv[0]} ended with status {status}{detail}; out of memory?"
    )
