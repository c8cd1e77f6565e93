"""Base, candidates and expert timed in one interleaved session, workload by workload."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

from ...workloads.failure import WorkloadFailed
from ...workloads.timing.compare import Trial, compare_all
from ...workloads.timing.decision import RESOLUTION, ComparisonPlan, provable_gain
from ...workloads.timing.interval import locate
from ...workloads.workload import Workload
from .ground import Ground
from .outcome import PartTimes, Usage, estimate_of


def plan_of(ground: Ground) -> ComparisonPlan:
    """Return what is asked of each comparison; its time is shared out over the workloads."""
    chosen = ground.settings
    return ComparisonPlan(
        min_effect=chosen.min_effect,
        error=chosen.error,
        miss=chosen.miss,
        confidence=chosen.confidence,
        max_pairs=chosen.max_pairs,
        max_wall_s=chosen.max_compare_s / len(ground.workloads),
        allow_memory=chosen.allow_memory,
        allow_import=chosen.allow_import,
    )


def measure(
    ground: Ground, candidates: Mapping[str, Path], expert: Path | None, *, seed: str
) -> dict[str, tuple[PartTimes, ...] | WorkloadFailed]:
    """Time the versions side by side; the lane is held for one workload at a time.

    Args:
        ground: The base.
        candidates: By name, the trees with patches; base and expert are launched once for all.
        expert: The tree with the expert's patch; None without one.
        seed: Text that decides orders and hash seeds.

    Returns:
        By candidate, what was timed; or its failure, after which it is not timed any more.

    Raises:
        WorkloadFailed: A launch of the base or of the expert failed; `arm` says of which.
    """
    plan = plan_of(ground)
    parts: dict[str, tuple[PartTimes, ...]] = dict.fromkeys(candidates, ())
    failed: dict[str, WorkloadFailed] = {}
    for number, workload in enumerate(ground.workloads):
        left = {name: tree for name, tree in candidates.items() if name not in failed}
        if not left:
            break
        with ground.lane.turn():
            trials = compare_all(
                ground.target(workload),
                ground.base,
                left,
                plan=plan,
                seed=_seed(f"{seed}:{number}:{ground.settings.seed}"),
                expert=expert,
                calibration=ground.calibration(number),
            )
        for name, trial in trials.items():
            if isinstance(trial, WorkloadFailed):
                failed[name] = trial
            else:
                parts[name] = (*parts[name], _times(workload, trial, plan))
    return {name: failed.get(name) or parts[name] for name in candidates}


def _times(workload: Workload, trial: Trial, plan: ComparisonPlan) -> PartTimes:
    compared = trial.comparison
    sides = {"base": compared.baseline, "candidate": compared.candidate}
    if trial.expert:
        sides["expert"] = trial.expert.candidate
    location = locate(compared.samples.log_ratios, resolution=RESOLUTION)
    return PartTimes(
        name=workload.name,
        base_s=compared.baseline.values,
        candidate_s=compared.candidate.values,
        expert_s=trial.expert.candidate.values if trial.expert else (),
        speedup=estimate_of(compared),
        expert_speedup=estimate_of(trial.expert),
        ratio=estimate_of(trial.against_expert),
        decision=compared.decision,
        reason=compared.reason,
        doubts=compared.doubts,
        regime=compared.baseline.regime,
        usage={
            arm: Usage(
                cpu_s=median_s(tuple(each for each in side.cpu_s if each is not None)),
                peak_rss_bytes=side.peak_bytes,
            )
            for arm, side in sides.items()
        },
        provable_gain=location and provable_gain(location, compared.pairs, plan, compared.pairs),
    )


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def is_masked(part: PartTimes, min_effect: float) -> bool:
    """Return whether the pairs show a gain that the guards found to be none."""
    found = part.speedup
    return part.decision == "not_faster" and found is not None and found.ci_low > 1 + min_effect


def median_s(values: tuple[float, ...]) -> float | None:
    """Return the middle value, None when there is none."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else math.fsum(ordered[half - 1 : half + 1]) / 2
