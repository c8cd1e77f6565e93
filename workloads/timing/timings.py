"""The times of one version, launch by launch."""

from __future__ import annotations

import datetime
import functools
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..failure import WorkloadFailed
from ..launch import Launch
from ..metrics import METRICS, Metric, reading_of
from .noise import disturbance

Regime = Literal["cold", "warm"]

_SMALLEST = 1e-9


@dataclass(frozen=True, kw_only=True)
class Timings:
    """What one version measured on one machine, one value a launch, in order.

    Attributes:
        arm: Which version: "base", "candidate", "expert", or a name.
        metric: What `values` measure.
        regime: Which call they measure: the first of a process ("cold"), or later ones ("warm").
        values: What is compared, each > 0, in the metric's unit (`unit`).
        first: The same of the first call of each launch.
        mean: The mean of all the calls that each value is taken from.
        wall_s: Seconds of the call that is compared; for the metric "wall" these are `values`.
        blocks_s: Seconds per call of each launch's blocks of warm calls; () for regime "cold".
        cold_s: Seconds of each launch's first call.
        import_s: Seconds of each launch's import.
        setup_s: Seconds of `setup()` before each launch's first call.
        cpu_s: CPU seconds that go with the values; None where unknown.
        peak_rss_bytes: Peak resident memory of each launch; None where unknown.
        duration_s: Seconds of each launch from the start of its process to its end, by a clock that
            the workload cannot reach.
        disturbed_share: Share (0-1) of each launch in which something else had its core.
        probes_s: Seconds of each launch's probes of its core's speed; () where there were none.
        loops: Warm calls a launch; 0 for regime "cold".
        started_at: When the first launch began, ISO 8601 in UTC.
        machine: What it ran on, by name; two Timings of different machines do not compare.

    Raises:
        ValueError: A value is not a number above zero.
    """

    arm: str
    metric: Metric = "wall"
    regime: Regime
    values: tuple[float, ...]
    first: tuple[float, ...]
    mean: tuple[float, ...]
    wall_s: tuple[float, ...]
    blocks_s: tuple[tuple[float, ...], ...] = ()
    cold_s: tuple[float, ...]
    import_s: tuple[float, ...]
    setup_s: tuple[float, ...]
    cpu_s: tuple[float | None, ...] = ()
    peak_rss_bytes: tuple[int | None, ...] = ()
    duration_s: tuple[float, ...]
    disturbed_share: tuple[float, ...] = ()
    probes_s: tuple[tuple[float, ...], ...] = ()
    loops: int
    started_at: str
    machine: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(0 < value < math.inf for value in (*self.values, *self.first, *self.mean)):
            raise ValueError(f"a value of {self.arm} is not a number above zero ({self.metric})")

    @property
    def unit(self) -> str:
        """The unit of `values`."""
        return METRICS[self.metric].unit

    @property
    def median(self) -> float | None:
        """The middle one of `values`; None when there is none."""
        return _median(self.values)

    @property
    def peak_bytes(self) -> float | None:
        """The middle peak of resident memory, None when unknown."""
        return _median([peak for peak in self.peak_rss_bytes if peak is not None])

    @property
    def timed_s(self) -> tuple[float, ...]:
        """The seconds of each launch that its own process accounts for."""
        calls = zip(self.cold_s, self.blocks_s or [()] * len(self.cold_s), strict=True)
        timed = (cold + self.loops * (_mean(blocks) or 0.0) for cold, blocks in calls)
        return tuple(sum(parts) for parts in zip(timed, self.import_s, self.setup_s, strict=True))


def timings_of(
    arm: str,
    launches: Sequence[Launch],
    *,
    regime: Regime,
    loops: int,
    started_at: str,
    metric: Metric = "wall",
) -> Timings:
    """Return what an arm's launches measured.

    Raises:
        WorkloadFailed: A launch has no reading of the metric.
    """
    warm = regime == "warm"
    return Timings(
        arm=arm,
        metric=metric,
        regime=regime,
        values=tuple(value_of(launch, regime, metric) for launch in launches),
        first=tuple(value_of(launch, "cold", metric) for launch in launches),
        mean=tuple(_mean_of(launch, regime, metric) for launch in launches),
        wall_s=tuple(value_of(launch, regime) for launch in launches),
        blocks_s=tuple(launch.warm_s for launch in launches) if warm else (),
        cold_s=tuple(launch.cold_s for launch in launches),
        import_s=tuple(launch.import_s for launch in launches),
        setup_s=tuple(launch.setup_s for launch in launches),
        cpu_s=tuple(one.warm_cpu_s if warm else one.cold_cpu_s for one in launches),
        peak_rss_bytes=tuple(launch.peak_rss_bytes for launch in launches),
        duration_s=tuple(launch.duration_s for launch in launches),
        disturbed_share=tuple(disturbance(launch, metric) for launch in launches),
        probes_s=tuple(launch.probes_s for launch in launches),
        loops=loops,
        started_at=started_at,
        machine=describe_machine(),
    )


def value_of(launch: Launch, regime: Regime, metric: Metric = "wall") -> float:
    """Return the number of a launch that is compared, > 0.

    The warm wall time is the lower quartile of up to 20 blocks of calls: other processes only ever
    add time, and on a busy machine the mean of the blocks varies several times as much. What that
    misses, work put off to every so many calls, is `guards.is_uneven`'s to find.

    Raises:
        WorkloadFailed: It was not measured.
    """
    value = reading_of(launch, regime, metric)
    if value is None:
        raise WorkloadFailed(f"the launch gave no reading of {metric}", kind="unparsable")
    return max(value, _SMALLEST)


def _mean_of(launch: Launch, regime: Regime, metric: Metric) -> float:
    if metric == "wall" and regime == "warm" and launch.warm_s:
        return max(sum(launch.warm_s) / len(launch.warm_s), _SMALLEST)
    return value_of(launch, regime, metric)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


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
