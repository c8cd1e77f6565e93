"""The timing lane: of all workers of a machine one times, the others wait for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...agent.steps.prepare import divide_cpus
from ...repos.disk import writing_to
from ...repos.locks import exclusive, own_time

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Which cores time, which do the rest, and the lock that says whose turn it is.

    Attributes:
        timing_cpus: Cores for timing; None on a machine with one core.
        other_cpus: Cores for everything else, or None.
        lock: The file that a worker holds while it times.
    """

    timing_cpus: frozenset[int] | None
    other_cpus: frozenset[int] | None
    lock: Path

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the timing cores to oneself for the block; a killed holder lets go of them."""
        with writing_to(self.lock.parent):
            self.lock.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(self.lock, lambda: None):
            yield


class Watch:
    """A stopwatch that stands still while others have their turn."""

    def __init__(self) -> None:
        self._began = own_time()

    @property
    def spent_s(self) -> float:
        """Seconds since it was made, without those that this thread waited for its turns."""
        return own_time() - self._began


def open_lane(cache_dir: Path) -> Lane:
    """Return this machine's lane: its last core times."""
    available = os.sched_getaffinity(0)
    timing, other = divide_cpus(available)
    return Lane(
        timing_cpus=timing,
        other_cpus=other,
        lock=cache_dir / "evals" / f"timing-core-{max(available)}{_machine()}.lock",
    )


def _machine() -> str:
    """Return what tells this machine from others that have the same cache folder."""
    try:
        return "-" + _BOOT.read_text(encoding="ascii").strip()[:8]
    except OSError:
        return ""
