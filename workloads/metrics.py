"""What can be measured of a workload, whether it can be measured here, and the number compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .counting import (
    CounterName,
    InstructionsBy,
    callgrind_problem,
    instruction_counter,
    perf_problem,
    rapl_problem,
)

if TYPE_CHECKING:
    from .launch import Launch

Metric = Literal["wall", "cpu", "instructions", "rss", "energy"]


@dataclass(frozen=True, kw_only=True)
class MetricKind:
    """One thing that can be measured; less of it is better.

    Attributes:
        name: Its name in settings and records.
        unit: "s", "instructions", "bytes" or "J".
        meaning: What the number is, in one sentence.
    """

    name: Metric
    unit: str
    meaning: str


METRICS: Mapping[Metric, MetricKind] = {
    kind.name: kind
    for kind in (
        MetricKind(name="wall", unit="s", meaning="Seconds from the call to its return."),
        MetricKind(
            name="cpu",
            unit="s",
            meaning="CPU seconds of the call: all threads, and the processes it waits for.",
        ),
        MetricKind(
            name="instructions",
            unit="instructions",
            meaning="Instructions of the call in user mode: all threads and processes it starts.",
        ),
        MetricKind(
            name="rss",
            unit="bytes",
            meaning="Peak resident memory of the process, import and setup included.",
        ),
        MetricKind(
            name="energy",
            unit="J",
            meaning="Joules that the whole processor took during the call.",
        ),
    )
}


def unavailable(
    metric: Metric, *, is_command: bool = False, instructions_by: InstructionsBy = "auto"
) -> str | None:
    """Say in words why a metric cannot be had here; None when it can.

    Args:
        metric: What is to be measured.
        is_command: Whether the workload is a shell command, of which less can be measured.
        instructions_by: The tool asked for.
    """
    if metric == "energy":
        if is_command:
            return "the energy of a command is not measured; make the workload a script or function"
        return rapl_problem()
    if metric != "instructions":
        return None
    perf = perf_problem(is_command=is_command)
    callgrind = callgrind_problem()
    if instructions_by == "callgrind":
        return callgrind
    if perf is None:
        return None
    if instructions_by == "perf":
        return f"perf counts no instructions on this machine ({perf}); try callgrind"
    if callgrind is None:
        return None
    return f"perf counts no instructions on this machine ({perf}), and {callgrind}"


def counter_of(
    metric: Metric, instructions_by: InstructionsBy, *, is_command: bool = False
) -> CounterName | None:
    """Return what has to count in a launch for this metric; None when the clocks are enough."""
    if metric == "energy":
        return "rapl"
    if metric != "instructions":
        return None
    return instruction_counter(instructions_by, is_command=is_command)


def reading_of(launch: Launch, regime: Literal["cold", "warm"], metric: Metric) -> float | None:
    """Return the number of a launch that is compared.

    Args:
        launch: The launch.
        regime: "cold" for its first call; "warm" for the mean of its warm calls, and of "wall" for
            the lower quartile of their blocks, which others on the machine disturb less. A launch
            without warm calls gives its first call's.
        metric: What is compared. "rss" is the peak of the whole launch, whatever the regime.

    Returns:
        The number in the metric's unit; None when it was not measured.
    """
    if metric == "rss":
        return launch.peak_rss_bytes
    warm = regime == "warm" and bool(launch.warm_s)
    if metric == "wall":
        blocks = sorted(launch.warm_s)
        return blocks[len(blocks) // 4] if warm else launch.cold_s
    if metric == "cpu":
        return launch.warm_cpu_s if warm else launch.cold_cpu_s
    if metric == "instructions":
        return launch.warm_instructions if warm else launch.cold_instructions
    return launch.warm_energy_j if warm else launch.cold_energy_j
