"""The launches behind a comparison: their order, their limits, and what they add up to."""

from __future__ import annotations

import itertools
import math
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ...repos.locks import own_time
from ..failure import WorkloadFailed
from ..launch import Launch, LaunchPlan, launch
from ..target import Target
from .calibration import Calibration
from .decision import ComparisonPlan, Standing
from .guards import LARGE_SPEEDUP, first_call_gains
from .interval import FEWEST
from .noise import changed_speed, disturbance, is_disturbed
from .samples import Ended, Samples
from .timings import Timings, now, timings_of, value_of

_CLEAR_LOG_RATIO = math.log(1.25)
_STRETCH = 3.0
_WARM_UP_BELOW_S = 2.0
_KEPT = 0.2
_HASH_SEEDS = 2**32 - 1

_Ran = TypeVar("_Ran")

BASE, CANDIDATE, EXPERT = "base", "candidate", "expert"


class Session:
    """The launches of the comparisons of one or more candidates with one base, in rounds.

    Args:
        target: The workload and where it runs.
        trees: The tree of each version: "base", perhaps "expert", and the candidates.
        calibration: How the workload is timed.
        plan: What each comparison asks and may cost; the session may cost as much as all of them.
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
        self.arms = sorted(trees)
        self.limit_s = plan.max_wall_s * len(self.candidates)
        self.launches: dict[str, list[Launch]] = {arm: [] for arm in trees}
        self.orders: list[tuple[str, ...]] = []
        self.repeated = 0
        self.started = own_time()
        self.started_at = now()

    @property
    def rounds(self) -> int:
        """How many whole rounds there were."""
        return len(self.orders)

    @property
    def candidates(self) -> list[str]:
        """The candidates that still take part."""
        return [arm for arm in self.arms if arm not in (BASE, EXPERT)]

    def leave(self, candidate: str) -> None:
        """Let a candidate take no part in further rounds."""
        self.arms.remove(candidate)

    def warm_up(self, arm: str) -> None:
        """Launch a version once for nothing: bytecode is compiled, files get into memory.

        A launch that takes long is not repeated for that; what it gains there is small beside it.
        """
        if self.plan.warm_up and self.calibration.launch_s < _WARM_UP_BELOW_S:
            on_arm(arm, lambda: launch(self.target, self.trees[arm]))

    def run_round(self) -> bool:
        """Launch what takes part once each; return False when time was up before all had been.

        A round in which something else had the core, or its speed changed, is taken again, for as
        many rounds as are planned at most; after that, rounds count as they come.

        Raises:
            WorkloadFailed: A launch failed; `arm` says of which version. The round does not count.
        """
        while self._has_time(len(self.arms) * self.calibration.launch_s):
            order = self._next_order()
            made = self._launched(order)
            if made is None:
                return False
            if self._is_to_be_repeated(made):
                self.repeated += 1
                continue
            for arm, one in made.items():
                self.launches[arm].append(one)
            self.orders.append(order)
            return True
        return False

    def _next_order(self) -> tuple[str, ...]:
        if self.rounds % 2:
            return tuple(arm for arm in reversed(self.orders[-1]) if arm in self.arms)
        return tuple(self.rng.sample(self.arms, len(self.arms)))

    def _launched(self, order: tuple[str, ...]) -> dict[str, Launch] | None:
        plan = LaunchPlan(
            loops=self.calibration.loops,
            hash_seed=self.rng.randrange(1, _HASH_SEEDS),
            metric=self.target.metric,
            instructions_by=self.target.instructions_by,
        )
        made: dict[str, Launch] = {}
        for arm in order:
            if not self._has_time(0.0):
                return None
            tree = self.trees[arm]
            made[arm] = on_arm(arm, lambda tree=tree: launch(self.target, tree, plan))
        return made

    def _is_to_be_repeated(self, made: Mapping[str, Launch]) -> bool:
        metric = self.target.metric
        if self.repeated >= self.plan.max_pairs:
            return False
        # The fewest pairs that decide anything come before undisturbed ones.
        missing = max(1, FEWEST - self.rounds) * len(self.arms) * self.calibration.launch_s
        if own_time() - self.started + missing > self.limit_s:
            return False
        worst = max(disturbance(one, metric) for one in made.values())
        probes = itertools.chain.from_iterable(one.probes_s for one in made.values())
        return changed_speed(probes, metric) or is_disturbed(worst, self.plan.min_effect)

    def _has_time(self, needed_s: float) -> bool:
        """Tell whether `needed_s` more seconds are within the limit; the first round always is."""
        elapsed, limit = own_time() - self.started, self.limit_s
        if self.rounds < FEWEST and any(self._is_clear(each) for each in self.candidates):
            limit *= _STRETCH
        return elapsed + needed_s <= limit or (not self.rounds and needed_s > 0)

    def _is_clear(self, candidate: str) -> bool:
        ratios = self.log_ratios(BASE, candidate)
        return all(ratio > _CLEAR_LOG_RATIO for ratio in ratios) or all(
            ratio < -_CLEAR_LOG_RATIO for ratio in ratios
        )

    def wants_more_first_calls(self, candidate: str, standing: Standing) -> bool:
        """Tell whether a large gain of warm calls still has to be found in the first calls too."""
        if self.target.metric == "rss":
            return False
        large = standing.decision == "faster" and (standing.speedup or 0.0) >= LARGE_SPEEDUP
        if self.calibration.regime != "warm" or not large or self.rounds >= self.plan.max_pairs:
            return False
        pairs = len(self.launches[candidate])
        gains = first_call_gains(self._timings(BASE, pairs), self._timings(candidate, pairs))
        return gains in ("likely", "unlikely")

    def second_call_doubt(self, candidate: str) -> tuple[str, ...]:
        """Where first calls were timed, see whether the candidate keeps results for later ones.

        Raises:
            WorkloadFailed: The candidate cannot be called a second time, as the base can.
        """
        usual = self.calibration
        if usual.regime != "cold" or usual.warm_s is None:
            return ()
        plan = LaunchPlan(loops=1)
        once = on_arm(candidate, lambda: launch(self.target, self.trees[candidate], plan))
        if not once.warm_s or once.warm_s[0] / once.cold_s > _KEPT * usual.warm_s / usual.cold_s:
            return ()
        times = once.cold_s / max(once.warm_s[0], 1e-9)
        return (f"a second call takes 1/{times:.0f} of the first: the candidate keeps results",)

    def log_ratios(self, baseline: str = BASE, other: str = CANDIDATE) -> list[float]:
        """Return the log of the baseline's value over the other's, for the rounds of both."""
        regime, metric = self.calibration.regime, self.target.metric
        return [
            math.log(value_of(one, regime, metric)) - math.log(value_of(two, regime, metric))
            for one, two in zip(self.launches[baseline], self.launches[other], strict=False)
        ]

    def samples(
        self, baseline: str, other: str, ended: Ended, notes: tuple[str, ...] = ()
    ) -> Samples:
        """Return all that was measured of two versions in the rounds that both had, the first."""
        pairs = min(len(self.launches[each]) for each in (baseline, other))
        return Samples(
            plan=self.plan,
            calibration=self.calibration,
            baseline=self._timings(baseline, pairs),
            candidate=self._timings(other, pairs),
            baseline_first=tuple(
                order.index(baseline) < order.index(other) for order in self.orders[:pairs]
            ),
            ended=ended,
            repeated=self.repeated,
            load=self.launches[baseline][pairs - 1].load if pairs else None,
            cores=os.cpu_count() or 1,
            notes=self._unproven() + notes,
        )

    def _timings(self, arm: str, pairs: int) -> Timings:
        return timings_of(
            arm,
            self.launches[arm][:pairs],
            regime=self.calibration.regime,
            loops=self.calibration.loops,
            started_at=self.started_at,
            metric=self.target.metric,
        )

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
