"""One verdict as perfagent comes to it, and what the study keeps of it."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfagent.workloads.target import Target
from perfagent.workloads.timing.calibration import Calibration, calibrate
from perfagent.workloads.timing.compare import compare
from perfagent.workloads.timing.comparison import Comparison
from perfagent.workloads.timing.confirm import confirmation_plan
from perfagent.workloads.timing.decision import ComparisonPlan

from .cases import COPIES, Case

PLAN = ComparisonPlan()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A comparison and, where there was one, its confirmation on fresh samples.

    Attributes:
        gate: The sequential comparison, as records keep it.
        confirmation: The confirmation; None when the gate did not accept and none was asked for.
    """

    gate: dict[str, Any]
    confirmation: dict[str, Any] | None

    @property
    def accepted(self) -> bool:
        """Whether the candidate would have been reported as faster."""
        return self.gate["decision"] == "faster" and self.confirmed

    @property
    def confirmed(self) -> bool:
        """Whether the confirmation says faster."""
        return self.confirmation is not None and self.confirmation["decision"] == "faster"

    @property
    def seconds(self) -> float:
        """Seconds of the comparison and the confirmation."""
        return self.gate["seconds"] + (self.confirmation or {"seconds": 0.0})["seconds"]

    def record(self) -> dict[str, Any]:
        """Return it for a record."""
        return {"gate": self.gate, "confirmation": self.confirmation, "accepted": self.accepted}


def seed_of(*parts: object) -> int:
    """Return a seed that the parts decide, the same in every process."""
    return zlib.crc32("/".join(map(str, parts)).encode())


def calibrated(case: Case) -> tuple[Calibration, float]:
    """Return how the workload is timed and the seconds that finding out took: once a run."""
    started = time.monotonic()
    return calibrate(case.target, case.base), time.monotonic() - started


def verdict(
    case: Case,
    calibration: Calibration,
    *,
    gain: float,
    seed: int,
    copy: int = 0,
    confirm_always: bool = False,
) -> Verdict:
    """Measure a candidate as a run does: compare, then confirm what was accepted.

    Args:
        case: The workload.
        calibration: How it is timed.
        gain: What is planted, as a share.
        seed: Decides the orders and hash seeds.
        copy: Which copy of the candidate's tree.
        confirm_always: Confirm what the gate refused, too: its interval counts as well.
    """
    trees = case.base, case.candidate(gain, copy % COPIES)
    return verdict_on(case.target, trees, calibration, seed=seed, confirm_always=confirm_always)


def verdict_on(
    target: Target,
    trees: tuple[Path, Path],
    calibration: Calibration,
    *,
    seed: int,
    confirm_always: bool = False,
) -> Verdict:
    """Measure one tree against another as a run does: compare, then confirm what was accepted.

    Args:
        target: The workload.
        trees: The base's and the candidate's.
        calibration: How it is timed.
        seed: Decides the orders and hash seeds.
        confirm_always: Confirm what the gate refused, too.
    """
    gate, kept = _measured(target, trees, calibration, PLAN, seed)
    if gate.decision != "faster" and not confirm_always:
        return Verdict(gate=kept, confirmation=None)
    plan = confirmation_plan(PLAN, [gate])
    _, again = _measured(target, trees, calibration, plan, seed + 1)
    return Verdict(gate=kept, confirmation=again)


def _measured(
    target: Target,
    trees: tuple[Path, Path],
    calibration: Calibration,
    plan: ComparisonPlan,
    seed: int,
) -> tuple[Comparison, dict[str, Any]]:
    started = time.monotonic()
    trial = compare(target, *trees, plan=plan, seed=seed, calibration=calibration)
    return trial.comparison, _kept(trial.comparison, time.monotonic() - started)


def _kept(comparison: Comparison, seconds: float) -> dict[str, Any]:
    samples = comparison.samples
    shares = zip(samples.baseline.disturbed_share, samples.candidate.disturbed_share, strict=True)
    return {
        "decision": comparison.decision,
        "reason": comparison.reason,
        "pairs": comparison.pairs,
        "seconds": round(seconds, 3),
        "speedup": _rounded(comparison.speedup),
        "ci_low": _rounded(comparison.ci_low),
        "ci_high": _rounded(comparison.ci_high),
        "log_ratios": [round(ratio, 6) for ratio in samples.log_ratios],
        "disturbed": [round(max(pair), 3) for pair in shares],
        "repeated": samples.repeated,
        "load": None if samples.load is None else round(samples.load, 2),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
