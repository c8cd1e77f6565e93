"""Runs base and final patch at each size that the workload declares: answers first, then times."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ...workloads.answers.answer import compare_answers, stable_answer
from ...workloads.answers.capture import capture_answer
from ...workloads.answers.loosening import Loosening
from ...workloads.launch import WorkloadFailed
from ...workloads.sizes import at_size, declared_sizes
from ...workloads.target import Target
from ...workloads.timing.compare import compare
from ...workloads.timing.growth import AtSize, Crossover, Exponent, crossover, exponent
from ..runs.run import Run

_PAIRS = 6


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """How base and patched version compare over sizes.

    Attributes:
        points: What was measured, the smallest size first.
        baseline_exponent: How the base's time grows with the size; None with under three sizes.
        candidate_exponent: How the patched version's does.
        crossover: Below which size the patch is slower; None when it is at none, for sure.
        notes: Sizes that were not measured, and why.
        difference: The first answer that is another with the patch, in words; None for none.
    """

    points: tuple[AtSize, ...]
    baseline_exponent: Exponent | None
    candidate_exponent: Exponent | None
    crossover: Crossover | None
    notes: tuple[str, ...] = ()
    difference: str | None = None


def sweep(run: Run, base: Path, patched: Path) -> Sweep:
    """Measure both versions at every declared size.

    Args:
        run: The run; its workload declares sizes.
        base: A built tree of the base.
        patched: A built tree with the patch.

    Raises:
        InfrastructureError: The machine failed.
    """
    points: list[AtSize] = []
    notes: list[str] = []
    for size in declared_sizes(run.request.workload):
        run.stage("sweep", f"base and patch at size {size:,}")
        target = replace(run.target, workload=at_size(run.request.workload, size))
        try:
            difference = _difference(run, target, base, patched)
            if difference is not None:
                told = f"at size {size:,} the workload's answer changed: {difference}"
                return _sweep(run, points, notes, told)
            point = _measured(run, target, size, base, patched)
            if point is None:
                notes.append(f"size {size:,}: it was not measured within the time")
            else:
                points.append(point)
        except WorkloadFailed as error:
            if error.arm == "candidate":
                told = f"at size {size:,} the workload fails with the patch: {error.summary}"
                return _sweep(run, points, notes, told)
            notes.append(f"size {size:,}: {error.summary}")
    return _sweep(run, points, notes, None)


def _sweep(run: Run, points: list[AtSize], notes: list[str], difference: str | None) -> Sweep:
    sizes, confidence = [point.size for point in points], run.settings.confidence
    return Sweep(
        points=tuple(points),
        baseline_exponent=exponent(sizes, [point.baseline for point in points], confidence),
        candidate_exponent=exponent(sizes, [point.candidate for point in points], confidence),
        crossover=crossover(points),
        notes=tuple(notes),
        difference=difference,
    )


def _difference(run: Run, target: Target, base: Path, patched: Path) -> str | None:
    """Return how the answer differs with the patch, in words.

    Raises:
        WorkloadFailed: The workload fails at this size; `arm` says with which version.
    """
    loosening = Loosening.parse(run.settings.loosen)
    outputs = tuple(run.settings.outputs)
    with run.stopwatch.waiting_for("workload"):
        first, second = (dict(capture_answer(target, base, outputs=outputs)) for _ in range(2))
        try:
            answer = dict(capture_answer(target, patched, outputs=outputs))
        except WorkloadFailed as error:
            raise error.on("candidate") from error
    return compare_answers(stable_answer(first, second, loosening), answer, loosening)


def _measured(run: Run, target: Target, size: float, base: Path, patched: Path) -> AtSize | None:
    plan = run.plan(max_pairs=min(_PAIRS, run.settings.max_pairs), fixed=True)
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        found = compare(target, base, patched, plan=plan, seed=run.seed_for("sweep", str(size)))
    compared = found.comparison
    baseline, candidate = compared.baseline.median, compared.candidate.median
    if not baseline or not candidate:
        return None
    return AtSize(
        size=size,
        baseline=baseline,
        candidate=candidate,
        speedup=compared.speedup,
        ci_low=compared.ci_low,
        ci_high=compared.ci_high,
        pairs=compared.pairs,
        regime=found.calibration.regime,
    )
