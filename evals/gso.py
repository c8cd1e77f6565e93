"""GSO: statistics of an instance's timings, Opt@1, Opt@K, the Opt_p curve, and its report files.

The names of its keys stand here and nowhere else. In them `patch_commit` is the expert commit's
time over the patch's: above 1 is faster than the expert.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from .aggregates import Aggregate, aggregate, mean

LEAST_GAIN = 1.2
"""Geometric mean of base over patch, rounded to one digit, from which a patch counts as a gain."""

EXPERT_SHARE = 0.95
"""Harmonic mean of expert over patch above which a patch counts as solved."""

CURVE = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)

STATUSES = (
    *("completed", "passed", "base_failed", "patch_failed", "test_failed"),
    *("incomplete", "empty_patch", "error", "opt_base", "opt_commit", "opt_main", "hacked"),
)
"""The sets of instances in a report, each under `NAME_ids`; "hacked" where a judge looked."""


@dataclass(frozen=True, kw_only=True)
class Speedups:
    """Speedups of one version over another, over an instance's tests.

    Attributes:
        arithmetic: Mean time before over mean time after: a ratio of means.
        geometric: Geometric mean of the tests' ratios.
        deviation: Geometric standard deviation, of a sample; NaN for one test.
        harmonic: Number of tests over the sum of the inverse ratios; a ratio of 0 adds nothing to
            that sum, as the benchmark has it.
        slower_share: Share of tests that got slower, 0 to 1.
        ratios: One a test.
    """

    arithmetic: float
    geometric: float
    deviation: float
    harmonic: float
    slower_share: float
    ratios: tuple[float, ...]


def speedups(before: Sequence[float], after: Sequence[float]) -> Speedups:
    """Return the speedups of `after` over `before`, from each test's mean seconds.

    A test that took no time at all afterwards is infinitely faster, as the benchmark has it.

    Raises:
        ValueError: No tests, or not the same number of them.
    """
    if not before or len(before) != len(after):
        raise ValueError("both versions need the mean of each test")
    ratios = [b / a if a else math.inf for b, a in zip(before, after, strict=True)]
    inverses = sum(1 / ratio for ratio in ratios if ratio > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(ratios)
        deviation = float(np.exp(np.std(logs, ddof=1))) if len(ratios) > 1 else math.nan
        return Speedups(
            arithmetic=float(np.mean(before) / np.mean(after)),
            geometric=float(np.exp(np.mean(logs))),
            deviation=deviation,
            harmonic=len(ratios) / inverses if inverses else math.inf,
            slower_share=sum(ratio < 1 for ratio in ratios) / len(ratios),
            ratios=tuple(ratios),
        )


def gains(base: Sequence[float], patch: Sequence[float]) -> bool:
    """Return whether a patch counts as a gain over the base, from each test's mean seconds.

    The rounding is numpy's, which takes 1.15 to 1.2; Python's own would take it to 1.1.
    """
    rounded = np.round(np.float64(speedups(base, patch).geometric), 1)
    return bool(np.mean(base) > np.mean(patch) and rounded >= LEAST_GAIN)


def solves(base: Sequence[float], patch: Sequence[float], expert: Sequence[float]) -> bool:
    """Return whether a patch counts as solved: a gain, and about as fast as the expert's."""
    return gains(base, patch) and speedups(expert, patch).harmonic > EXPERT_SHARE


@dataclass(frozen=True, kw_only=True)
class Report:
    """A run's report file, or a merged one of several runs.

    Attributes:
        name: The file's, without its endings.
        instances: Of the dataset it is of; the denominator of every share.
        sets: Instance ids by status, one of `STATUSES`; those a file does not list are empty.
        ratio: Harmonic mean of expert over patch, by instance id, of the instances that have one.
        judged: Whether a judge looked for reward hacks.
        stated: Share solved without the hacked, as the file itself says; None where it does not.
    """

    name: str
    instances: int
    sets: Mapping[str, frozenset[str]]
    ratio: Mapping[str, float]
    judged: bool
    stated: float | None

    @property
    def solved(self) -> frozenset[str]:
        """The instances that count for Opt@1."""
        return self.sets["opt_commit"]


def read_report(path: Path) -> Report:
    """Return a report file.

    Raises:
        UserError: It cannot be read, or is no such file.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from None
    try:
        return report_of(path.name.removesuffix(".json").removesuffix(".report"), found)
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is no GSO report: {type(error).__name__}: {error}") from None


def report_of(name: str, found: Mapping[str, Any]) -> Report:
    """Return a report from its JSON; KeyError or TypeError where it is none."""
    sets, summary = found["instance_sets"], found["summary"]
    stats: Mapping[str, Mapping[str, Any]] = found.get("opt_stats") or {}
    ratios = {key: each.get("hm_speedup_patch_commit") for key, each in stats.items()}
    stated = summary.get("score_hack_control")
    return Report(
        name=name,
        instances=int(summary["total_instances"]),
        sets={status: frozenset(sets.get(f"{status}_ids") or ()) for status in STATUSES},
        ratio={key: float(ratio) for key, ratio in ratios.items() if ratio is not None},
        judged="hacked_ids" in sets,
        stated=None if stated is None else stated / 100,
    )


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a report comes to; counts are of instances, shares of the whole dataset.

    Attributes:
        instances: Of the dataset.
        opt: Share solved (Opt@1), with its interval over instances.
        counts: Instances by status.
        just_below_expert: Solved with a harmonic mean below 1: they are slower than the expert.
        at_expert: Solved when the expert's own speed is asked for (p = 1).
        hack_controlled: Share solved without those a judge took for a hack; None without a judge.
        stated_hack_controlled: The same as the file states it; None where it does not.
    """

    instances: int
    opt: Aggregate
    counts: Mapping[str, int]
    just_below_expert: int
    at_expert: int
    hack_controlled: float | None
    stated_hack_controlled: float | None


def score(report: Report, *, only: re.Pattern[str] | None = None) -> Score:
    """Return what a report comes to.

    Args:
        report: The report.
        only: Of the ids that the report names, those that match; None takes the whole dataset.

    Raises:
        UserError: No instance is left.
    """
    kept = {
        status: {key for key in ids if only is None or only.search(key)}
        for status, ids in report.sets.items()
    }
    total = report.instances if only is None else len(set[str]().union(*kept.values()))
    if not total:
        raise UserError(f"{report.name} has no instance to score: does the filter fit?")
    solved = kept["opt_commit"]
    return Score(
        instances=total,
        opt=aggregate(mean, [1.0] * len(solved) + [0.0] * (total - len(solved))),
        counts={status: len(ids) for status, ids in kept.items()},
        just_below_expert=sum(report.ratio.get(key, 1.0) < 1 for key in solved),
        at_expert=sum(report.ratio.get(key, 0.0) > 1 for key in solved),
        hack_controlled=len(solved - kept["hacked"]) / total if report.judged else None,
        stated_hack_controlled=report.stated if only is None else None,
    )


def opt_at_k(reports: Sequence[Report], k: int) -> float:
    """Return Opt@K: the share of instances that one of the first K runs solved.

    Runs are taken in natural order of their names, in which run 2 comes before run 10.

    Raises:
        UserError: There are fewer than K reports, or they are not of one dataset.
    """
    if not 1 <= k <= len(reports):
        raise UserError(f"--k {k} needs as many reports, at least one; there are {len(reports)}")
    sizes = {report.instances for report in reports}
    if len(sizes) > 1:
        raise UserError(f"the reports are of datasets of different size: {sorted(sizes)}")
    ordered = sorted(reports, key=lambda report: natural(report.name))
    solved = frozenset[str]().union(*(report.solved for report in ordered[:k]))
    return len(solved) / sizes.pop()


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return what sorts numbers in a text by value."""
    parts = re.findall(r"\d+|\D+", text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def opt_curve(
    ratios: Mapping[str, float], gained: Iterable[str], instances: int
) -> list[tuple[float, float]]:
    """Return Opt_p for each p of `CURVE`: the share that is faster than p of the expert's speed.

    At p = 0 every instance with statistics counts, as the benchmark has it; above it those that
    are a gain over the base, and whose harmonic mean of expert over patch lies above p. A merged
    report keeps the statistics of solved instances only, so below 0.95 its curve is too low.

    Args:
        ratios: Harmonic means of expert over patch, by instance id.
        gained: Ids of the instances that are a gain over the base.
        instances: Of the dataset.
    """
    wanted = frozenset(gained)
    known = [ratio for key, ratio in ratios.items() if key in wanted]
    return [
        (p, (sum(ratio > p for ratio in known) if p else len(ratios)) / instances) for p in CURVE
    ]


@dataclass(frozen=True, kw_only=True)
class VersionTimes:
    """Seconds of each test of an instance, one a run, version by version."""

    base: tuple[tuple[float, ...], ...]
    patch: tuple[tuple[float, ...], ...]
    expert: tuple[tuple[float, ...], ...]


def instance_stats(times: VersionTimes) -> dict[str, Any]:
    """Return an instance's statistics as a report holds them under `opt_stats`."""
    means = {
        name: [float(np.mean(each)) for each in runs]
        for name, runs in (("base", times.base), ("patch", times.patch), ("commit", times.expert))
    }
    pairs = {
        "patch_base": speedups(means["base"], means["patch"]),
        "commit_base": speedups(means["base"], means["commit"]),
        "patch_commit": speedups(means["commit"], means["patch"]),
    }
    stats: dict[str, Any] = {}
    for name, found in pairs.items():
        stats[f"am_speedup_{name}"] = found.arithmetic
        stats[f"gm_speedup_{name}"] = found.geometric
        # Of one test there is none; a report in JSON has no NaN.
        stats[f"gsd_speedup_{name}"] = found.deviation if math.isfinite(found.deviation) else None
        stats[f"hm_speedup_{name}"] = found.harmonic
        stats[f"slowdown_perc_{name}"] = 100 * found.slower_share
    stats["per_test_speedups"] = {f"{n}_speedups": list(f.ratios) for n, f in pairs.items()}
    for name, values in means.items():
        stats[f"{name}_mean"] = float(np.mean(values))
        stats[f"{name}_std"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
    stats["main_mean"] = stats["main_std"] = None
    stats["per_test_means"] = {**means, "main": []}
    return stats


def run_report(statuses: Mapping[str, str], times: Mapping[str, VersionTimes]) -> dict[str, Any]:
    """Return a run's report in the benchmark's schema.

    Args:
        statuses: Of each instance of the dataset: "passed", "base_failed", "patch_failed",
            "test_failed", "empty_patch", "error" or "incomplete".
        times: Of those that passed, by id.
    """
    sets: dict[str, list[str]] = {f"{name}_ids": [] for name in STATUSES if name != "hacked"}
    stats: dict[str, Any] = {}
    for key, status in statuses.items():
        sets[f"{status}_ids"].append(key)
        if status not in ("incomplete", "empty_patch", "error"):
            sets["completed_ids"].append(key)
        if status != "passed":
            continue
        stats[key] = instance_stats(times[key])
        means = stats[key]["per_test_means"]
        if gains(means["base"], means["patch"]):
            sets["opt_base_ids"].append(key)
        if solves(means["base"], means["patch"], means["commit"]):
            sets["opt_commit_ids"].append(key)
    counts = {
        f"{name}_instances": len(sets[f"{name}_ids"])
        for name in ("completed", "incomplete", "passed", "base_failed", "patch_failed")
    }
    counts |= {
        f"{name}_instances": len(sets[f"{name}_ids"])
        for name in ("test_failed", "empty_patch", "error")
    }
    return {
        "summary": {
            "total_instances": len(statuses),
            "total_predictions": len(statuses) - len(sets["incomplete_ids"]),
            **counts,
            **{name: len(sets[f"{name}_ids"]) for name in ("opt_base", "opt_commit", "opt_main")},
        },
        "instance_sets": {name: sorted(ids) for name, ids in sets.items()},
        "opt_stats": stats,
        "schema_version": 1,
    }
