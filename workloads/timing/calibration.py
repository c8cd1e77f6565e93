"""Which of a workload's times to compare, and how many calls make one value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from ..failure import WorkloadFailed
from ..launch import Launch, LaunchPlan, launch
from ..metrics import counter_of
from ..target import Target
from .timings import Regime

SHORT_CALL_S = 0.010
"""A call below this is timed in a loop of warm calls: one call of it is mostly noise."""

SHORTEST_BLOCK_S = 0.05
_LONGEST_BLOCK_S = 0.5
_LONGEST_LOOP_S = 2.0
_LONGEST_TRY_S = 1.0
_SLOW_FIRST_CALL_S = 1.0
_CACHED_FACTOR = 50.0
_COUNTED_CALLS = 2


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How a workload is timed, found out on the base version.

    Attributes:
        regime: "cold": the first call in a fresh process is the value. "warm": blocks of `loops`
            further calls give it, and the first call is watched beside it.
        loops: Warm calls a launch; 0 for "cold".
        cold_s: Seconds of the first call.
        warm_s: Seconds of a warm call; None when there were none.
        launch_s: Seconds that one launch takes in all.
        doubts: Reasons why its numbers may be unsound, in words.
    """

    regime: Regime
    loops: int
    cold_s: float
    warm_s: float | None
    launch_s: float
    doubts: tuple[str, ...] = ()

    def rounds_s(self, rounds: int, arms: int = 2) -> float:
        """Return about how many seconds rounds of one launch an arm take."""
        return rounds * arms * self.launch_s

    def pairs_within(self, wall_s: float, arms: int = 2) -> int:
        """Return how many rounds of one launch an arm fit into `wall_s` seconds."""
        return int(wall_s / (arms * max(self.launch_s, 1e-3)))


def calibrate(target: Target, tree: Path) -> Calibration:
    """Run the workload once or twice on the base and choose what to compare.

    The first call of a fresh process is the honest value: it cannot be sped up by remembering the
    answer of the call before. It is taken unless it says little about the work: when calls are
    shorter than 10 ms, or when the first one mostly imports modules. Then warm calls are compared,
    and the first call serves as the check on them (`guards.first_call_gains`).

    Below callgrind, which counts exactly and takes long, two warm calls are enough.

    Raises:
        WorkloadFailed: The workload does not run.
    """
    found = _by_the_clock(target, tree)
    if counter_of(target.metric, target.instructions_by) != "callgrind":
        return found
    loops = min(found.loops, _COUNTED_CALLS)
    plan = LaunchPlan(loops=loops, metric=target.metric, instructions_by=target.instructions_by)
    return replace(found, loops=loops, launch_s=launch(target, tree, plan).duration_s)


def _by_the_clock(target: Target, tree: Path) -> Calibration:
    first = launch(target, tree)
    once_only = target.workload.kind == "command" or (
        target.workload.kind == "script" and not target.workload.has_workload
    )
    if once_only or first.cold_s >= _SLOW_FIRST_CALL_S:
        return _cold(first, _import_doubt(first))
    affordable = _LONGEST_TRY_S / (first.cold_s + first.setup_s)
    fewest = 3 if first.cold_s < 10 * SHORT_CALL_S else 1
    loops = max(fewest, int(min(1000, 0.1 / first.cold_s, affordable)))
    try:
        second = launch(target, tree, LaunchPlan(loops=loops))
    except WorkloadFailed as failure:
        return _cold(first, (f"it cannot be called twice in a process: {failure.summary}",))
    if not second.warm_s:
        return _cold(second, _import_doubt(second))
    warm_s = max(sum(second.warm_s) / len(second.warm_s), 1e-9)
    slow_start = second.cold_s > _CACHED_FACTOR * warm_s and second.cold_s > 1e-3
    lazy = second.imported_by_call > 0 and second.cold_s > 2 * warm_s
    ratio = f"the first call takes {second.cold_s / warm_s:.0f} times as long as later ones"
    if slow_start and not lazy:
        doubt = f"{ratio}, which find its results kept; the first call is compared"
        return _cold(second, (doubt,), warm_s)
    if warm_s >= SHORT_CALL_S and not lazy:
        return _cold(second, (), warm_s)
    doubts = (f"{ratio}, as it imports modules; later ones are compared",) if slow_start else ()
    return _warm(second, warm_s, doubts)


def _cold(measured: Launch, doubts: tuple[str, ...], warm_s: float | None = None) -> Calibration:
    return Calibration(
        regime="cold",
        loops=0,
        cold_s=measured.cold_s,
        warm_s=warm_s,
        launch_s=max(measured.duration_s - sum(measured.warm_s), measured.cold_s),
        doubts=doubts,
    )


def _warm(measured: Launch, warm_s: float, doubts: tuple[str, ...]) -> Calibration:
    """Choose loops that fill a block which is long beside the clock and short beside the launch."""
    start_s = max(0.0, measured.duration_s - len(measured.warm_s) * warm_s)
    block_s = min(_LONGEST_BLOCK_S, max(SHORTEST_BLOCK_S, 0.3 * start_s))
    wanted = math.ceil(block_s / warm_s)
    affordable = int(_LONGEST_LOOP_S / (warm_s + measured.setup_s))
    loops = max(3, min(wanted, affordable))
    return Calibration(
        regime="warm",
        loops=loops,
        cold_s=measured.cold_s,
        warm_s=warm_s,
        launch_s=start_s + loops * (warm_s + measured.setup_s),
        doubts=doubts,
    )


def _import_doubt(first: Launch) -> tuple[str, ...]:
    if not first.imported_by_call or first.cold_s < _SLOW_FIRST_CALL_S:
        return ()
    return (f"the call that is timed also imports {first.imported_by_call} modules",)
