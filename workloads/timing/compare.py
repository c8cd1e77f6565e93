"""Measures two or three versions side by side until the difference is clear or the limit is met."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..target import Target
from .calibration import Calibration, calibrate
from .comparison import Comparison, ComparisonPlan, Standing, decide
from .interval import locate
from .session import BASE, CANDIDATE, EXPERT, Session, on_arm

_NOISE_PAIRS = 10


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
    calibration = calibration or on_arm(BASE, lambda: calibrate(target, baseline))
    session = Session(target, trees, calibration, plan, random.Random(seed))  # noqa: S311
    session.warm_up()
    standing = _measure(session, plan, on_pair)
    trial = session.comparison(BASE, CANDIDATE, standing)
    if trial.decision == "faster":
        trial = replace(trial, doubts=trial.doubts + session.second_call_doubt())
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
    session: Session, plan: ComparisonPlan, on_pair: Callable[[Comparison], None] | None
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
    calibration = calibration or on_arm(BASE, lambda: calibrate(target, tree))
    trees = {BASE: tree, CANDIDATE: tree}
    session = Session(target, trees, calibration, plan, random.Random(seed))  # noqa: S311
    session.warm_up()
    while session.rounds < min(_NOISE_PAIRS, plan.max_pairs) and session.run_round():
        continue
    location = locate(session.log_ratios())
    return None if location is None else math.expm1(location.half_width(plan.alpha))
