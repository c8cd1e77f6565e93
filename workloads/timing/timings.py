"""The times of one version, launch by launch."""

from __future__ import annotations

import datetime
import functools
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..launch import Launch

_CLOCK_TICK_S = 1e-9

Regime = Literal["cold", "warm"]


@dataclass(frozen=True, kw_only=True)
class Timings:
    """The times of one version on one machine, one value a launch, in order.

    Attributes:
        arm: Which version: "base", "candidate", "expert", or a name.
        values_s: The primary values in seconds, each > 0: the first call (`regime` "cold") or the
            lower quartile of blocks of warm calls ("warm").
        mean_s: Mean seconds of all the calls that each primary value is taken from.
        cold_s: Seconds of each launch's first call.
        import_s: Seconds of each launch's import.
        setup_s: Seconds of `setup()` before each launch's first call.
        cpu_s: CPU seconds that go with the primary values; empty when unknown.
        peak_rss_bytes: The largest peak resident memory of all launches; None when unknown.
        loops: Warm calls a launch; 0 for regime "cold".
        regime: Which call the primary values time.
        started_at: When the first launch began, ISO 8601 in UTC.
        machine: What it ran on, by name; two Timings of different machines do not compare.

    Raises:
        ValueError: A value is not above zero.
    """

    arm: str
    values_s: tuple[float, ...]
    mean_s: tuple[float, ...]
    cold_s: tuple[float, ...]
    import_s: tuple[float, ...]
    setup_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    peak_rss_bytes: int | None
    loops: int
    regime: Regime
    started_at: str
    machine: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if any(value <= 0 for value in self.values_s):
            raise ValueError(f"a time of {self.arm} is not above zero: the clock is too coarse")

    @property
    def median_s(self) -> float | None:
        """The middle primary value; None when there is none."""
        ordered = sorted(self.values_s)
        if not ordered:
            return None
        half = len(ordered) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def timings_of(
    arm: str, launches: Sequence[Launch], regime: Regime, loops: int, started_at: str
) -> Timings:
    """Return the times of an arm's launches."""
    cpu_s = [launch.warm_cpu_s if regime == "warm" else launch.cold_cpu_s for launch in launches]
    peaks = [launch.peak_rss_bytes for launch in launches if launch.peak_rss_bytes is not None]
    return Timings(
        arm=arm,
        values_s=tuple(primary_s(launch, regime) for launch in launches),
        mean_s=tuple(mean_s(launch, regime) for launch in launches),
        cold_s=tuple(launch.cold_s for launch in launches),
        import_s=tuple(launch.import_s for launch in launches),
        setup_s=tuple(launch.setup_s for launch in launches),
        cpu_s=tuple(value for value in cpu_s if value is not None),
        peak_rss_bytes=max(peaks, default=None),
        loops=loops,
        regime=regime,
        started_at=started_at,
        machine=describe_machine(),
    )


def primary_s(launch: Launch, regime: Regime) -> float:
    """Return the value of a launch that is compared, in seconds.

    The warm value is the lower quartile of up to 20 blocks of calls: other processes only ever add
    time, and on a busy machine the mean of the blocks varies several times as much. What that
    misses, work put off to every so many calls, is `guards.is_uneven`'s to find.
    """
    value = launch.cold_s
    if regime == "warm" and launch.warm_s:
        value = sorted(launch.warm_s)[len(launch.warm_s) // 4]
    return max(value, _CLOCK_TICK_S)


def mean_s(launch: Launch, regime: Regime) -> float:
    """Return the mean seconds of all calls that the primary value is taken from."""
    value = launch.cold_s
    if regime == "warm" and launch.warm_s:
        value = sum(launch.warm_s) / len(launch.warm_s)
    return max(value, _CLOCK_TICK_S)


def now() -> str:
    """Return the time in UTC, as ISO 8601 to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@functools.cache
def describe_machine() -> Mapping[str, str]:
    """Return what tells machines apart: processor, cores, system; nothing private."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count() or 0),
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Hardware", "cpu model"):
            return value.strip()
    return platform.processor()
