"""Measures versions side by side until the difference is clear or the limit is met."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..failure import WorkloadFailed
from ..target import Target
from .calibration import Calibration, calibrate
from .comparison import Comparison
from .decision import RESOLUTION, ComparisonPlan, Standing, decide, noise_of, provable_gain
from .interval import FEWEST, locate
from .judge import judge
from .samples import Ended
from .session import BASE, CANDIDATE, EXPERT, Session, on_arm

NOISE_PAIRS = 10


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A candidate measured beside the base and, where it is known, the expert's version.

    Attributes:
        comparison: Base against candidate; it alone decided when to stop.
        expert: Base against the expert's version, from all rounds; None without one.
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
) -> Trial:
    """Measure `candidate` against `baseline`; see `compare_all`, of which this is the usual case.

    Raises:
        WorkloadFailed: A launch failed; `arm` says of which version.
    """
    (found,) = compare_all(
        target,
        baseline,
        {CANDIDATE: candidate},
        plan=plan,
        seed=seed,
        expert=expert,
        calibration=calibration,
    ).values()
    if isinstance(found, WorkloadFailed):
        raise found
    return found


def compare_all(
    target: Target,
    baseline: Path,
    candidates: Mapping[str, Path],
    *,
    plan: ComparisonPlan,
    seed: int,
    expert: Path | None = None,
    calibration: Calibration | None = None,
) -> dict[str, Trial | WorkloadFailed]:
    """Measure candidates against one `baseline` in interleaved process launches.

    Each round launches every version once, in random order; the next round takes the reverse
    order, so that neither running first nor a drift of the machine favours one. All launches of a
    round share a hash seed, which changes from round to round, so that no one layout of sets
    decides. Stopping follows `decision.decide` for each candidate by itself, which then takes no
    part in further rounds; but a large gain of warm calls is measured on until it is clear whether
    the first call of a process gains too. What the samples amount to is `judge.judge`'s to say.

    A plan of more pairs than fit into its time is cut to those that fit before anything is
    measured, so that its looks and levels suit them. Time is checked between launches: a round that
    would exceed `plan.max_wall_s`, once for each candidate, is not begun, and one that has exceeded
    it is abandoned. Only while fewer than five pairs are in and each pair of a candidate differs by
    more than 1.25 in the same direction is it stretched, up to threefold, since then five pairs
    will be enough.

    Args:
        target: The workload and where it runs.
        baseline: The tree of the version compared against.
        candidates: The trees of the versions on trial, by names other than "base" and "expert".
        plan: What is asked of each comparison and what it may cost.
        seed: Decides the orders and hash seeds.
        expert: The tree of the expert's version.
        calibration: From an earlier `calibrate` on the baseline; None: done now.

    Returns:
        What was measured of each candidate, or how its workload failed.

    Raises:
        WorkloadFailed: A launch of the base or of the expert's version failed; `arm` says which.
    """
    trees = {BASE: baseline, **candidates}
    if expert is not None:
        trees[EXPERT] = expert
    calibration = calibration or on_arm(BASE, lambda: calibrate(target, baseline))
    plan = fitting(plan, calibration, len(trees), len(candidates))
    session = Session(target, trees, calibration, plan, random.Random(seed))  # noqa: S311
    failed: dict[str, WorkloadFailed] = {}
    found: dict[str, Trial] = {}
    for arm in tuple(session.arms):
        try:
            session.warm_up(arm)
        except WorkloadFailed as failure:
            _take_out(session, failed, failure)
    ended = _measure(session, plan, failed)
    for name in ended.keys() - failed.keys():
        try:
            found[name] = _trial(session, name, ended[name])
        except WorkloadFailed as failure:
            failed[name] = failure
    return {name: failed.get(name) or found[name] for name in candidates}


def fitting(
    plan: ComparisonPlan, calibration: Calibration, arms: int = 2, candidates: int = 1
) -> ComparisonPlan:
    """Return the plan with no more pairs than fit into its time, but the fewest at least.

    Args:
        plan: What is asked of each comparison.
        calibration: Knows what a launch takes.
        arms: Versions in a round.
        candidates: How many of these are on trial: each brings the time of a comparison.
    """
    fit = max(FEWEST, calibration.pairs_within(plan.max_wall_s * candidates, arms))
    return replace(plan, max_pairs=min(plan.max_pairs, fit))


def _take_out(session: Session, failed: dict[str, WorkloadFailed], failure: WorkloadFailed) -> None:
    """Let a candidate that failed take no part any more; what others fail by is raised."""
    if failure.arm is None or failure.arm not in session.candidates:
        raise failure
    failed[failure.arm] = failure
    session.leave(failure.arm)


def _measure(
    session: Session, plan: ComparisonPlan, failed: dict[str, WorkloadFailed]
) -> dict[str, Ended]:
    """Run rounds until the data decide on each candidate, or the limits are met; return how.

    A candidate that fails is added to the failed.
    """
    ended: dict[str, Ended] = {}
    decided: dict[str, Standing] = {}
    while session.candidates:
        try:
            whole = session.run_round()
        except WorkloadFailed as failure:
            _take_out(session, failed, failure)
            continue
        for name in session.candidates:
            if whole and name not in decided:
                standing = decide(session.log_ratios(BASE, name), plan)
                if standing.decision is None:
                    continue
                decided[name] = standing
            # The pairs taken for the first calls' sake sharpen the interval as well.
            if whole and session.wants_more_first_calls(name, decided[name]):
                continue
            ended[name] = _end(decided.get(name))
            session.leave(name)
    return ended


def _end(standing: Standing | None) -> Ended:
    if standing is None:
        return "time"
    return "pairs" if standing.decision == "inconclusive" else "decided"


def _trial(session: Session, name: str, ended: Ended) -> Trial:
    """Return what a session amounts to for one candidate."""
    trial = judge(session.samples(BASE, name, ended))
    if trial.decision == "faster":
        kept = session.second_call_doubt(name)
        if kept:
            trial = judge(session.samples(BASE, name, ended, kept))
    expert_too = EXPERT in session.trees
    return Trial(
        comparison=trial,
        expert=judge(session.samples(BASE, EXPERT, ended)) if expert_too else None,
        against_expert=judge(session.samples(EXPERT, name, ended)) if expert_too else None,
        calibration=session.calibration,
    )


@dataclass(frozen=True, kw_only=True)
class NoiseFloor:
    """What identical code differs by, on this machine for one workload.

    Attributes:
        share: Half the width of the interval of the speedup after so many pairs: how far apart
            identical code may measure (0.013 = 1.3 %).
        pair_noise: Standard deviation of the log ratio of one pair.
        provable_gain: The smallest gain that the plan's pairs can prove here, as a share: smaller
            ones end "inconclusive", or as unlikely.
        pairs: How many pairs it rests on.
    """

    share: float
    pair_noise: float
    provable_gain: float
    pairs: int


def noise_floor(
    target: Target,
    tree: Path,
    *,
    plan: ComparisonPlan,
    seed: int,
    calibration: Calibration | None = None,
) -> NoiseFloor | None:
    """Measure `tree` against itself in ten pairs of launches, and say what that noise allows.

    Returns:
        None when fewer than five pairs fit into `plan.max_wall_s`.

    Raises:
        WorkloadFailed: The workload does not run.
    """
    calibration = calibration or on_arm(BASE, lambda: calibrate(target, tree))
    trees = {BASE: tree, CANDIDATE: tree}
    few = replace(plan, max_pairs=min(NOISE_PAIRS, plan.max_pairs))
    session = Session(target, trees, calibration, few, random.Random(seed))  # noqa: S311
    for arm in session.arms:
        session.warm_up(arm)
    while session.rounds < few.max_pairs and session.run_round():
        continue
    location = locate(session.log_ratios(), resolution=RESOLUTION)
    if location is None:
        return None
    return NoiseFloor(
        share=math.expm1(location.half_width(1 - plan.confidence)),
        pair_noise=noise_of(location, session.rounds),
        provable_gain=provable_gain(location, session.rounds, plan, plan.max_pairs),
        pairs=session.rounds,
    )
