"""Measures two or three versions side by side until the difference is clear or the limit is met."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from .calibration import Calibration, calibrate
from .comparison import Comparison, ComparisonPlan, Standing, decide
from .failure import WorkloadFailed
from .guards import doubts_about, is_uneven, is_warm_only, moved_work
from .interval import FEWEST, locate
from .launch import Launch, LaunchPlan, launch
from .target import Target
from .timings import Timings, now, primary_s, timings_of

_CLEAR_LOG_RATIO = math.log(1.25)
_STRETCH = 3.0
_LARGE_SPEEDUP = 1.5
_WARM_UP_BELOW_S = 2.0
_NOISE_PAIRS = 10
_HASH_SEEDS = 2**32 - 1

_Ran = TypeVar("_Ran")

BASE, CANDIDATE, EXPERT = "base", "candidate", "expert"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A candidate measured beside the base and, where it is known, the expert's version.

    Attributes:
        comparison: Base against candidate; it alone decided when to stop.
        expert: Base against the expert's version, from the same rounds; None without one.
        against_expert: The expert's version against the candidate: its `speedup` is the speedup
            ratio SR, with an interval of its own.
        calibration: How the workload was timed.
    """

    comparison: Comparison
    expert: Comparison | None
    against_expert: Comparison | None
    calibration: Calibration


def compare(
    target: Target,
    baseline: Path,
    candidate: Path,
    *,
    plan: ComparisonPlan,
    seed: int,
    expert: Path | None = None,
    calibration: Calibration | None = None,
    on_pair: Callable[[Comparison], None] | None = None,
) -> Trial:
    """Measure `candidate` against `baseline` in interleaved process launches.

    Each round launches every version once, in random order; the next round takes the reverse
    order, so that neither running first nor a drift of the machine favours one. All launches of a
    round share a hash seed, which changes from round to round, so that no one layout of sets
    decides. Stopping follows `comparison.decide`, but a large gain of warm calls is measured on
    until it is clear whether the first call of a process gains too. A gain that `guards` unmask is
    "not_faster".

    Time is checked between launches: a round that would exceed `plan.max_wall_s` is not begun, and
    one that has exceeded it is abandoned. Only while fewer than five pairs are in and each of them
    differs by more than 1.25 in the same direction is it stretched, up to threefold, since then
    five pairs will be enough.

    Args:
        target: The workload and where it runs.
        baseline: The tree of the version compared against.
        candidate: The tree of the version on trial.
        plan: What is asked and what it may cost.
        seed: Decides the orders and hash seeds.
        expert: The tree of the expert's version.
        calibration: From an earlier `calibrate` on the baseline; None: done now.
        on_pair: Told the state after each round; its decision is "inconclusive" until the last.

    Raises:
        WorkloadFailed: A launch failed; `arm` says of which version.
    """
    trees = {BASE: baseline, CANDIDATE: candidate}
    if expert is not None:
        trees[EXPERT] = expert
    calibration = calibration or _on(BASE, lambda: calibrate(target, baseline))
    session = _Session(target, trees, calibration, plan, random.Random(seed))  # noqa: S311
    session.warm_up()
    standing = _measure(session, plan, on_pair)
    trial = session.comparison(BASE, CANDIDATE, standing)
    against = [(BASE, EXPERT), (EXPERT, CANDIDATE)] if expert is not None else []
    others = [
        session.comparison(one, other, decide(session.log_ratios(one, other), plan, final=True))
        for one, other in against
    ]
    return Trial(
        comparison=trial,
        expert=others[0] if others else None,
        against_expert=others[1] if others else None,
        calibration=calibration,
    )


def _measure(
    session: _Session, plan: ComparisonPlan, on_pair: Callable[[Comparison], None] | None
) -> Standing:
    """Run rounds until the data decide or the limits are met."""
    standing = None
    while standing is None or standing.decision is None:
        complete = session.run_round()
        done = not complete or session.rounds >= plan.max_pairs
        standing = decide(session.log_ratios(), plan, final=done)
        if on_pair is not None and complete:
            on_pair(session.comparison(BASE, CANDIDATE, standing))
        if not complete and standing.decision == "inconclusive":
            reason = f"{standing.reason}; the time limit of {plan.max_wall_s:g} s is met"
            standing = replace(standing, reason=reason)
    before = session.rounds
    while session.wants_more_first_calls(standing) and session.run_round():
        continue
    # The pairs taken for the first calls' sake sharpen the interval as well.
    return standing if session.rounds == before else decide(session.log_ratios(), plan, final=True)


def noise_floor(
    target: Target,
    tree: Path,
    *,
    plan: ComparisonPlan,
    seed: int,
    calibration: Calibration | None = None,
) -> float | None:
    """Return how far apart identical code may measure, as a share (0.013 = 1.3 %).

    It is half the width of the interval of the log ratio after ten pairs of `tree` against itself:
    a gain about this large can just be told from none at ten pairs.

    Returns:
        None when fewer than five pairs fit into `plan.max_wall_s`.

    Raises:
        WorkloadFailed: The workload does not run.
    """
    calibration = calibration or _on(BASE, lambda: calibrate(target, tree))
    trees = {BASE: tree, CANDIDATE: tree}
    session = _Session(target, trees, calibration, plan, random.Random(seed))  # noqa: S311
    session.warm_up()
    while session.rounds < min(_NOISE_PAIRS, plan.max_pairs) and session.run_round():
        continue
    location = locate(session.log_ratios())
    return None if location is None else math.expm1(location.half_width(plan.alpha))


class _Session:
    """The launches of one comparison, in rounds."""

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
        return len(self.orders)

    def warm_up(self) -> None:
        """Launch each version once for nothing: bytecode is compiled, files get into memory.

        A launch that takes long is not repeated for that; what it gains there is small beside it.
        """
        if self.calibration.launch_s < _WARM_UP_BELOW_S:
            for arm, tree in self.trees.items():
                _on(arm, lambda tree=tree: launch(self.target, tree))

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
            made[arm] = _on(arm, lambda tree=tree: launch(self.target, tree, plan))
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
        large = standing.decision == "faster" and (standing.speedup or 0.0) >= _LARGE_SPEEDUP
        if self.calibration.metric != "warm" or not large or self.rounds >= self.plan.max_pairs:
            return False
        return is_warm_only(self._timings(BASE), self._timings(CANDIDATE)) is None

    def log_ratios(self, baseline: str = BASE, other: str = CANDIDATE) -> list[float]:
        """Return the log of the baseline's time over the other's, round by round."""
        metric = self.calibration.metric
        return [
            math.log(primary_s(one, metric) / primary_s(two, metric))
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
            moved = moved_work(*timed)
            warm_only = is_warm_only(*timed) is True
            if warm_only:
                decision = "not_faster"
                reason = "warm-only: repeated calls are faster, the first call of a process is not"
            elif moved is not None:
                decision, reason = "not_faster", moved
            elif is_uneven(*timed, standing.speedup or 1.0):
                decision = "not_faster"
                reason = "only some of the calls are faster, all of them together are not"
            elif calibration.metric == "warm" and is_warm_only(*timed) is None:
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
        metric, loops = self.calibration.metric, self.calibration.loops
        return timings_of(arm, self.launches[arm], metric, loops, self.started_at)

    def _unproven(self) -> tuple[str, ...]:
        if any(one.modules for one in self.launches[BASE]) or not self.rounds:
            return ()
        if self.target.workload.kind == "command":
            return ("what a command loads is not checked",)
        return ("the workload loads no module of the repository",)


def _on(arm: str, run: Callable[[], _Ran]) -> _Ran:
    """Run, and name the version in a failure."""
    try:
        return run()
    except WorkloadFailed as failure:
        raise failure.on(arm) from failure
