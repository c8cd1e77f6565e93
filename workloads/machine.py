"""What the machine did to a launch: cores taken by the hypervisor, quotas, load."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_STEAL_COLUMN = 8


@dataclass(frozen=True, kw_only=True)
class MachineReading:
    """What the system's counters said at one moment; None where it has no such counter.

    Attributes:
        stolen_s: Seconds that the hypervisor has taken from each of the cores looked at, their
            mean, since it started; in steps of 10 ms.
        throttled_s: Seconds by which CPU quotas have held back our cgroup and those above it.
    """

    stolen_s: float | None
    throttled_s: float | None


def read_machine(cpus: frozenset[int] | None) -> MachineReading:
    """Read the counters; takes some 90 us.

    Args:
        cpus: The cores to look at; None for all.
    """
    return MachineReading(stolen_s=stolen_s(cpus, _PROC), throttled_s=throttled_s(quotas()))


def steal_share(before: MachineReading, after: MachineReading, duration_s: float) -> float | None:
    """Return the share of a launch's duration that its cores were taken away, 0 to 1."""
    if before.stolen_s is None or after.stolen_s is None or duration_s <= 0:
        return None
    return min(1.0, max(0.0, after.stolen_s - before.stolen_s) / duration_s)


def held_back_s(before: MachineReading, after: MachineReading) -> float | None:
    """Return by how many seconds quotas held us back in between."""
    if before.throttled_s is None or after.throttled_s is None:
        return None
    return max(0.0, after.throttled_s - before.throttled_s)


def load() -> float | None:
    """Return the processes that wanted to run, over the last minute; None when unknown."""
    try:
        return os.getloadavg()[0]
    except OSError:
        return None


def stolen_s(cpus: frozenset[int] | None, proc: Path) -> float | None:
    """Return `MachineReading.stolen_s` as the `stat` in a folder laid out like /proc says it."""
    try:
        lines = (proc / "stat").read_text(encoding="ascii").splitlines()
        rows = [line.split() for line in lines if line.startswith("cpu")]
        values = [
            int(row[_STEAL_COLUMN])
            for row in rows
            if row[0] != "cpu" and (cpus is None or int(row[0][3:]) in cpus)
        ]
        return sum(values) / len(values) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        return None


@functools.cache
def quotas(proc: Path = _PROC, mounted: Path = _CGROUPS) -> tuple[Path, ...]:
    """Return the `cpu.stat` files of our cgroup and of those above it, as far as we see them.

    Args:
        proc: A folder laid out like /proc.
        mounted: Where the cgroups are mounted: version 2, or version 1 with one folder each.
    """
    try:
        lines = (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        names = controllers.split(",")
        if controllers and "cpu" not in names:
            continue
        roots = [mounted, mounted / "unified"] if not controllers else []
        roots += [mounted / controllers, mounted / "cpu"] if controllers else []
        for root in roots:
            # Without a namespace of its own a container is told the host's path, which it has not.
            folders = [root / path.strip("/"), *(root / path.strip("/")).parents]
            files = [at / "cpu.stat" for at in folders if at == root or root in at.parents]
            found += [file for file in files if file.is_file()]
    return tuple(dict.fromkeys(file.resolve() for file in found))


def throttled_s(files: tuple[Path, ...]) -> float | None:
    """Return the seconds that these `cpu.stat` files say were lost to quotas; None: they do not."""
    units = {"throttled_usec": 1e-6, "throttled_time": 1e-9}
    values = []
    for file in files:
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        pairs = [line.split() for line in lines]
        values += [int(pair[1]) * units[pair[0]] for pair in pairs if pair[0] in units]
    return sum(values) if values else None
