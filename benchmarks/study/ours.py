"""One verdict as perfagent comes to it, and what the study keeps of it."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import Any

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
    gate, kept = _measured(case, calibration, PLAN, gain=gain, seed=seed, copy=copy)
    if gate.decision != "faster" and not confirm_always:
        return Verdict(gate=kept, confirmation=None)
    plan = confirmation_plan(PLAN, [gate])
    _, again = _measured(case, calibration, plan, gain=gain, seed=seed + 1, copy=copy)
    return Verdict(gate=kept, confirmation=again)


def _measured(
    case: Case, calibration: Calibration, plan: ComparisonPlan, *, gain: float, seed: int, copy: int
) -> tuple[Comparison, dict[str, Any]]:
    tree = case.candidate(gain, copy % COPIES)
    started = time.monotonic()
    trial = compare(case.target, case.base, tree, plan=plan, seed=seed, calibration=calibration)
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
