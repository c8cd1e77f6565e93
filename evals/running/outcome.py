"""What came of one patch on one instance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal[
    "faster",
    "no_gain",
    "inconclusive",
    "slower",
    "wrong_tests",
    "wrong_answer",
    "fails",
    "timeout",
    "build",
    "apply",
    "empty",
    "base_broken",
    "infrastructure",
]

MEASURED = frozenset({"faster", "no_gain", "inconclusive", "slower", "empty"})
"""The patch did its work as before, so its speedup counts. An empty one changes nothing."""

NOT_THE_PATCH = frozenset({"base_broken", "infrastructure"})
"""The patch is not to blame: such an instance is in nobody's score."""

MEANINGS: Mapping[str, str] = {
    "faster": "the tests pass, the answer is the same, and the gain is proven",
    "no_gain": "correct, and no gain of the size asked for",
    "inconclusive": "correct; this machine could not tell in the time it had",
    "slower": "correct and slower than the base",
    "wrong_tests": "tests that passed on the base no longer do",
    "wrong_answer": "the workload's answer changed",
    "fails": "the workload fails with the patch",
    "timeout": "the workload or the tests ran past their time with the patch",
    "build": "the repository does not build with the patch",
    "apply": "the patch does not apply",
    "empty": "there is no patch",
    "base_broken": "the instance does not run here without any patch",
    "infrastructure": "the machine or a service failed",
}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A ratio of times; above 1 is faster.

    Attributes:
        value: The ratio.
        ci_low: Lower bound of its interval.
        ci_high: Upper bound.
    """

    value: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a version uses beside time: the middle one of its launches; None where unknown.

    Attributes:
        cpu_s: CPU seconds that go with the times.
        peak_rss_bytes: Peak of resident memory.
    """

    cpu_s: float | None
    peak_rss_bytes: float | None


@dataclass(frozen=True, kw_only=True)
class PartTimes:
    """One thing that was timed: an instance's workload, or one of its tests.

    Attributes:
        name: Which.
        base_s: Seconds on the base, one a launch.
        candidate_s: Seconds with the patch, from the same rounds.
        expert_s: Seconds with the expert's patch, likewise; () without one.
        speedup: Base over candidate; None when there were too few pairs.
        expert_speedup: Base over expert, likewise.
        ratio: Expert over candidate, which is SR, likewise.
        decision: "faster", "not_faster" or "inconclusive".
        reason: One sentence.
        doubts: Why the numbers may be unsound.
        regime: "cold": first calls of a process were compared; "warm": later ones.
        usage: What each version used, by "base", "candidate" and "expert".
        provable_gain: The smallest gain, as a share, that so many pairs with this noise can prove;
            None when there were too few.
    """

    name: str
    base_s: tuple[float, ...]
    candidate_s: tuple[float, ...]
    expert_s: tuple[float, ...] = ()
    speedup: Estimate | None = None
    expert_speedup: Estimate | None = None
    ratio: Estimate | None = None
    decision: str = "inconclusive"
    reason: str = ""
    doubts: tuple[str, ...] = ()
    regime: str = "cold"
    usage: Mapping[str, Usage] = field(default_factory=dict)
    provable_gain: float | None = None


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The benchmark's own way: all samples of one version, then all of the next.

    Attributes:
        base_s: By name of what is timed, the seconds of each sample.
        candidate_s: Likewise; a name is missing when the sample failed with the patch.
        expert_base_s: The base's once more, beside the expert's; equal to `base_s` where the
            benchmark takes the expert's in the same session.
        expert_s: The expert's; {} without one.
        problem: Why the candidate has no times; "" when it has.
        passed: By name, whether the check that belongs to the samples passed.
        seconds: What it took, without waiting for its turn.
    """

    base_s: Mapping[str, tuple[float, ...]]
    candidate_s: Mapping[str, tuple[float, ...]]
    expert_base_s: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    expert_s: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    problem: str = ""
    passed: Mapping[str, bool] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class InstanceResult:
    """What came of one patch on one instance.

    Attributes:
        instance_id: The instance.
        suite: Its benchmark.
        repo: Its repository, owner/name.
        model: Who made the patch; "expert" and "empty" for these.
        sample: Which of the instance's patches it is, from 1.
        outcome: See `MEANINGS`.
        reason: One sentence.
        evidence: Lines that show it.
        patch: The patch as it was evaluated.
        expert_patch: The expert's patch; "" without one.
        rung: How it was applied: "exact", or what had to be forgiven.
        notes: What a reader should know.
        doubts: Why numbers may be unsound.
        speedup: Base over candidate; None where it was not measured.
        expert_speedup: Base over expert; None without an expert or where it does not run.
        ratio: SR, expert over candidate, measured side by side; None where either is missing.
        masked: The pairs show a gain that is none: only in repeated calls, or paid for elsewhere.
        baseline_s: Seconds of the workload on the base; None where it was not measured.
        tests_required: How many tests passed before and have to pass.
        tests_lost: Those that no longer do.
        parts: What was timed.
        blocks: By the benchmark's own way; None where that was not asked for.
        seconds: What each step took, by name, without waiting for its turn.
        machine: What it ran on.
        kept: Whether all of it was measured in an earlier run.
        at: When it was measured, ISO 8601 in UTC.
    """

    instance_id: str
    suite: str
    repo: str
    model: str
    sample: int = 1
    outcome: Outcome
    reason: str = ""
    evidence: tuple[str, ...] = ()
    patch: str = ""
    expert_patch: str = ""
    rung: str = ""
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    speedup: Estimate | None = None
    expert_speedup: Estimate | None = None
    ratio: Estimate | None = None
    masked: bool = False
    baseline_s: float | None = None
    tests_required: int = 0
    tests_lost: tuple[str, ...] = ()
    parts: tuple[PartTimes, ...] = ()
    blocks: Blocks | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    kept: bool = False
    at: str = ""

    @property
    def is_correct(self) -> bool:
        """Whether the patch did its work as before."""
        return self.outcome in MEASURED

    @property
    def correct_share(self) -> float:
        """Share (0-1) of the required tests that pass; 0 where the patch could not be run."""
        if self.outcome in MEASURED or self.outcome == "wrong_answer":
            return 1.0
        if self.outcome != "wrong_tests" or not self.tests_required:
            return 0.0
        return 1 - min(len(self.tests_lost), self.tests_required) / self.tests_required

    def saving(self, what: Literal["cpu_s", "peak_rss_bytes"], arm: str) -> float | None:
        """Return how many times less a version uses than the base; None where it is not known.

        Several parts count by the geometric mean.

        Args:
            what: CPU seconds or the peak of memory.
            arm: "candidate" or "expert".
        """
        found: list[float] = []
        for part in self.parts:
            base, used = (
                getattr(part.usage[each], what) if each in part.usage else None
                for each in ("base", arm)
            )
            if not base or not used:
                return None
            found.append(base / used)
        return math.exp(math.fsum(map(math.log, found)) / len(found)) if found else None

    @property
    def provable_gain(self) -> float | None:
        """The smallest gain that each of its parts can prove here; None where it is not known."""
        found = [part.provable_gain for part in self.parts]
        known = [each for each in found if each is not None]
        return max(known) if known and len(known) == len(found) else None

    @property
    def counted(self) -> float | None:
        """The speedup that counts: 1 for a patch that is wrong or whose gain is none.

        None where the patch is not to blame, or correct and not measured.
        """
        if self.outcome in NOT_THE_PATCH:
            return None
        if not self.is_correct or self.masked:
            return 1.0
        return self.speedup.value if self.speedup else None

    @property
    def counted_ratio(self) -> float | None:
        """SR that counts: as measured side by side, or 1 over the expert's speedup."""
        if self.counted is None:
            return None
        if self.is_correct and not self.masked:
            return self.ratio.value if self.ratio else None
        return 1 / self.expert_speedup.value if self.expert_speedup else None


def combined(estimates: list[Estimate | None]) -> Estimate | None:
    """Return the geometric mean of ratios that were measured apart; None when one is missing.

    The errors of their logarithms are independent, so half the width of the interval of the mean
    is the root of the sum of the squares, over their number.
    """
    found = [each for each in estimates if each is not None]
    if not found or len(found) < len(estimates):
        return None
    count = len(found)
    center = math.fsum(math.log(each.value) for each in found) / count
    below = math.sqrt(math.fsum(math.log(e.value / e.ci_low) ** 2 for e in found)) / count
    above = math.sqrt(math.fsum(math.log(e.ci_high / e.value) ** 2 for e in found)) / count
    return Estimate(
        value=math.exp(center), ci_low=math.exp(center - below), ci_high=math.exp(center + above)
    )


def estimate_of(found: Any) -> Estimate | None:
    """Return a comparison's speedup with its interval; None when there is none."""
    if found is None or found.speedup is None or found.ci_low is None or found.ci_high is None:
        return None
    return Estimate(value=found.speedup, ci_low=found.ci_low, ci_high=found.ci_high)
