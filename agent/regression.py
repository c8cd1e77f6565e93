"""Whether a later version is slower than the base: the comparison with its sides exchanged.

To say that a version is slower by more than a threshold is to say that the base is faster than it
by more than that, which `compare` decides with a stated error. "Cannot tell" stays an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..errors import ToolError
from ..profiles.hotspot import Hotspot
from ..repos.environment.environment import prepare_tree
from ..repos.git import git
from ..repos.patch import Patch
from ..workloads.launch import WorkloadFailed
from ..workloads.timing.calibration import calibrate
from ..workloads.timing.compare import compare
from ..workloads.timing.comparison import Comparison
from .runs.plain import to_plain
from .runs.run import Run
from .steps.localize import find_hotspots, take_profile
from .steps.prepare import prepare
from .steps.tip import tip_tree

Decision = Literal["slower", "not_slower", "inconclusive", "fails"]

_NO_LIMIT = 1e6


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where the time went that a slower version takes.

    Attributes:
        path: Repository-relative.
        line: 1-based, in the later version; a changed line where the function has one.
        function: Qualified name.
        before: Its own share of the base's time (0-1), 0 where it was not seen.
        after: Its own share of the later version's time.
        changed: Whether the line is one that the later version changed.
    """

    path: str
    line: int
    function: str
    before: float
    after: float
    changed: bool


@dataclass(frozen=True, kw_only=True)
class Regression:
    """How a later version compares with the base.

    Attributes:
        decision: "slower": by more than the threshold, the interval excludes it; "not_slower";
            "inconclusive": this machine cannot tell; "fails": the workload fails on it.
        reason: One sentence.
        slowdown: Later time / base time; None when nothing was measured.
        ci_low: Of its interval, or None.
        ci_high: Likewise.
        confidence: Of the interval.
        baseline_s: Median of the base in its metric's unit, or None.
        candidate_s: Of the later version.
        pairs: How many pairs of launches.
        doubts: Reasons for which the numbers may be unsound.
        spot: Where the time went; None unless slower.
    """

    decision: Decision
    reason: str
    slowdown: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    confidence: float = 0.95
    baseline_s: float | None = None
    candidate_s: float | None = None
    pairs: int = 0
    doubts: tuple[str, ...] = ()
    spot: Spot | None = None


def check(run: Run, head: str, *, threshold: float) -> Regression:
    """Compare a commit with the run's base.

    Args:
        run: A new run.
        head: The later commit, 40 hexadecimal digits.
        threshold: Slowdown beyond which it is "slower", as a share (0.1: takes 1.1 times as long).

    Raises:
        UserError: The base cannot be used as it is.
        InfrastructureError: The machine failed.
    """
    prepare(run, suite=False, floor=False)
    base = tip_tree(run, None)
    try:
        later = _later(run, head)
        compared = _compared(run, base, later, threshold)
    except (WorkloadFailed, ToolError) as error:
        found = Regression(decision="fails", reason=f"the workload fails on {head[:12]}: {error}")
    else:
        spot = None
        if compared.decision == "faster":
            spot = _spot(run, head, base, later, compared)
        found = _read(compared, threshold, spot)
    run.keep("regression.json", to_plain(found))
    return found


def _later(run: Run, head: str) -> Path:
    run.stage("prepare", f"checking out {head[:12]}")
    tree = run.repository.checkout("later", head)
    with run.stopwatch.waiting_for("environment"):
        prepare_tree(run.prepared.environment, tree, rebuild=True, containment=run.containment)
    return tree


def _compared(run: Run, base: Path, later: Path, threshold: float) -> Comparison:
    run.stage("validate", "measuring both versions in turns")
    # What a faster version may cost elsewhere is not asked of a base.
    plan = run.plan(min_effect=threshold, allow_memory=_NO_LIMIT, allow_import=_NO_LIMIT)
    with run.timing_lane, run.stopwatch.waiting_for("workload"):
        return compare(
            run.target,
            later,
            base,
            plan=plan,
            seed=run.seed_for("regression"),
            calibration=calibrate(run.target, base),
        ).comparison


def _read(compared: Comparison, threshold: float, spot: Spot | None) -> Regression:
    decisions: dict[str, Decision] = {
        "faster": "slower",
        "not_faster": "not_slower",
        "inconclusive": "inconclusive",
    }
    decision, limit = decisions[compared.decision], f"{100 * threshold:.3g} %"
    if decision == "not_slower" and (compared.ci_low or 0) > 1 + threshold:
        # A guard refused the gain of the base, and the interval says otherwise: nobody can tell.
        decision = "inconclusive"
    reasons = {
        "slower": f"slower by more than {limit}, and the interval excludes less",
        "not_slower": f"no slowdown beyond {limit} was found",
        "inconclusive": f"this machine cannot tell whether it is slower by {limit}",
    }
    return Regression(
        decision=decision,
        reason=reasons[decision],
        slowdown=compared.speedup,
        ci_low=compared.ci_low,
        ci_high=compared.ci_high,
        confidence=compared.confidence,
        baseline_s=compared.candidate.median,
        candidate_s=compared.baseline.median,
        pairs=compared.pairs,
        doubts=tuple(compared.doubts),
        spot=spot,
    )


def _spot(run: Run, head: str, base: Path, later: Path, compared: Comparison) -> Spot | None:
    """Return the function whose own time grew most, and its first changed line."""
    run.stage("profile", "looking where the time goes")
    try:
        before = _hotspots(run, "base", base)
        after = _hotspots(run, "later", later)
    except WorkloadFailed:
        return None
    known = {(spot.path, spot.function): spot for spot in before}
    times = (compared.candidate.median or 0.0, compared.baseline.median or 0.0)

    def grown(spot: Hotspot) -> float:
        old = known.get((spot.path, spot.function))
        return spot.own_share * times[1] - (old.own_share * times[0] if old else 0.0)

    if not after:
        return None
    worst = max(after, key=grown)
    old = known.get((worst.path, worst.function))
    changed = [
        line
        for line in _changed_lines(run, head).get(worst.path, ())
        if worst.first_line <= line <= worst.last_line
    ]
    # Of the changed lines, the one on which most of the time is spent.
    shares = {line.line: line.total_share for line in worst.lines}
    line = max(changed, key=lambda line: (shares.get(line, 0.0), -line)) if changed else 0
    return Spot(
        path=worst.path,
        line=line or worst.first_line,
        function=worst.function,
        before=old.own_share if old else 0.0,
        after=worst.own_share,
        changed=bool(changed),
    )


def _hotspots(run: Run, name: str, tree: Path) -> list[Hotspot]:
    return find_hotspots(run, name, take_profile(run, name, tree), tree)


def _changed_lines(run: Run, head: str) -> dict[str, tuple[int, ...]]:
    base = run.request.repo.commit
    words = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", base, head, "--", "*.py")
    try:
        return Patch.parse(git(Path(run.request.repo.mirror), *words), base).new_lines()
    except ToolError:
        return {}
