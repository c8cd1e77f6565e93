"""The launches behind a comparison: their order, their limits, and what they add up to."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ..failure import WorkloadFailed
from ..launch import Launch, LaunchPlan, launch
from ..target import Target
from .calibration import Calibration
from .comparison import Comparison, ComparisonPlan, Standing
from .guards import LARGE_SPEEDUP, doubts_about, first_call_gains, unmask
from .interval import FEWEST
from .timings import Timings, now, primary_s, timings_of

_CLEAR_LOG_RATIO = math.log(1.25)
_STRETCH = 3.0
_WARM_UP_BELOW_S = 2.0
_KEPT = 0.2
_HASH_SEEDS = 2**32 - 1

_Ran = TypeVar("_Ran")

BASE, CANDIDATE, EXPERT = "base", "candidate", "expert"


class Session:
    """The launches of one comparison, in rounds.

    Args:
        target: The workload and where it runs.
        trees: The tree of each version; "base" and "candidate" at least.
        calibration: How the workload is timed.
        plan: What the comparison asks and may cost.
        rng: Decides orders and hash seeds.
    """

    def __init__(
        self,
        target: Target,
        trees: Mapping[str, Path],
        calibration: Calibration,
        plan: ComparisonPlan,
        rng: random.Random,
    ) -> None:
        self.target = target
        self.trees = trees
        self.calibration = calibration
        self.plan = plan
        self.rng = rng
        self.launches: dict[str, list[Launch]] = {arm: [] for arm in trees}
        self.orders: list[tuple[str, ...]] = []
        self.started = time.monotonic()
        self.started_at = now()

    @property
    def rounds(self) -> int:
        """How many whole rounds there were."""
        return len(self.orders)

    def warm_up(self) -> None:
        """Launch each version once for nothing: bytecode is compiled, files get into memory.

        A launch that takes long is not repeated for that; what it gains there is small beside it.
        """
        if self.plan.warm_up and self.calibration.launch_s < _WARM_UP_BELOW_S:
            for arm, tree in self.trees.items():
                on_arm(arm, lambda tree=tree: launch(self.target, tree))

    def run_round(self) -> bool:
        """Launch every version once; return False when time was up before the round was whole."""
        if not self._has_time(len(self.trees) * self.calibration.launch_s):
            return False
        if self.rounds % 2:
            order = tuple(reversed(self.orders[-1]))
        else:
            order = tuple(self.rng.sample(sorted(self.trees), len(self.trees)))
        plan = LaunchPlan(
            loops=self.calibration.loops, hash_seed=self.rng.randrange(1, _HASH_SEEDS)
        )
        made: dict[str, Launch] = {}
        for arm in order:
            if not self._has_time(0.0):
                return False
            tree = self.trees[arm]
            made[arm] = on_arm(arm, lambda tree=tree: launch(self.target, tree, plan))
        for arm, one in made.items():
            self.launches[arm].append(one)
        self.orders.append(order)
        return True

    def _has_time(self, needed_s: float) -> bool:
        """Tell whether `needed_s` more seconds are within the limit; the first round always is."""
        elapsed = time.monotonic() - self.started
        limit = self.plan.max_wall_s
        ratios = self.log_ratios()
        if len(ratios) < FEWEST:
            clear = all(ratio > _CLEAR_LOG_RATIO for ratio in ratios) or all(
                ratio < -_CLEAR_LOG_RATIO for ratio in ratios
            )
            limit *= _STRETCH if clear else 1.0
        return elapsed + needed_s <= limit or (not ratios and needed_s > 0)

    def wants_more_first_calls(self, standing: Standing) -> bool:
        """Tell whether a large gain of warm calls still has to be found in the first calls too."""
        large = standing.decision == "faster" and (standing.speedup or 0.0) >= LARGE_SPEEDUP
        if self.calibration.regime != "warm" or not large or self.rounds >= self.plan.max_pairs:
            return False
        gains = first_call_gains(self._timings(BASE), self._timings(CANDIDATE))
        return gains in ("likely", "unlikely")

    def second_call_doubt(self) -> tuple[str, ...]:
        """Where first calls were timed, see whether the candidate keeps results for later ones.

        Raises:
            WorkloadFailed: The candidate cannot be called a second time, as the base can.
        """
        usual = self.calibration
        if usual.regime != "cold" or usual.warm_s is None:
            return ()
        plan = LaunchPlan(loops=1)
        once = on_arm(CANDIDATE, lambda: launch(self.target, self.trees[CANDIDATE], plan))
        if not once.warm_s or once.warm_s[0] / once.cold_s > _KEPT * usual.warm_s / usual.cold_s:
            return ()
        times = once.cold_s / max(once.warm_s[0], 1e-9)
        return (f"a second call takes 1/{times:.0f} of the first: the candidate keeps results",)

    def log_ratios(self, baseline: str = BASE, other: str = CANDIDATE) -> list[float]:
        """Return the log of the baseline's time over the other's, round by round."""
        regime = self.calibration.regime
        return [
            math.log(primary_s(one, regime) / primary_s(two, regime))
            for one, two in zip(self.launches[baseline], self.launches[other], strict=True)
        ]

    def comparison(self, baseline: str, other: str, standing: Standing) -> Comparison:
        """Return how two versions stand, with the guards' findings and the doubts."""
        calibration = self.calibration
        timed = (self._timings(baseline), self._timings(other))
        first = [order.index(baseline) < order.index(other) for order in self.orders]
        ratios = self.log_ratios(baseline, other)
        doubts = doubts_about(ratios, first, timed[0], calibration, self.plan.min_effect)
        doubts += self._unproven()
        decision, reason, warm_only = standing.decision or "inconclusive", standing.reason, False
        if decision == "faster":
            unmasked = unmask(*timed, standing.speedup or 1.0)
            if unmasked is not None:
                decision, reason = unmasked.decision, unmasked.reason
                warm_only = unmasked.warm_only
            elif first_call_gains(*timed) in ("likely", "unlikely"):
                doubts += ("whether the first call gains too is lost in its noise",)
        return Comparison(
            baseline=timed[0],
            candidate=timed[1],
            speedup=standing.speedup,
            ci_low=standing.ci_low,
            ci_high=standing.ci_high,
            confidence=1 - self.plan.alpha,
            pairs=len(ratios),
            min_effect=self.plan.min_effect,
            decision=decision,
            reason=reason,
            doubts=doubts,
            warm_only=warm_only,
        )

    def _timings(self, arm: str) -> Timings:
        regime, loops = self.calibration.regime, self.calibration.loops
        return timings_of(arm, self.launches[arm], regime, loops, self.started_at)

    def _unproven(self) -> tuple[str, ...]:
        if any(one.modules for one in self.launches[BASE]) or not self.rounds:
            return ()
        if self.target.workload.kind == "command":
            return ("what a command loads is not checked",)
        return ("the workload loads no module of the repository",)


def on_arm(arm: str, run: Callable[[], _Ran]) -> _Ran:
    """Run, and name the version in a failure.

    Raises:
        WorkloadFailed: `run` raised it; its `arm` is set.
    """
    try:
        return run()
    except WorkloadFailed as failure:
        raise failure.on(arm) from failure
