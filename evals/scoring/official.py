"""An evaluation's results in the benchmarks' own terms: their rows, reports, and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import gso, swefficiency, sweperf
from ..running.outcome import InstanceResult

_NO_TEST_OUTPUT = frozenset({"apply", "build", "timeout", "fails", "infrastructure", "base_broken"})
"""Outcomes after which the benchmark has no output of the tests."""

_CHANGED = ("+", "-")


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ratio(before: Sequence[float], after: Sequence[float]) -> float | None:
    first, second = _mean(before), _mean(after)
    return first / second if first and second else None


def swefficiency_row(found: InstanceResult) -> swefficiency.Row:
    """Return a result as a row of SWE-fficiency's report, by its formulas.

    The times are the benchmark's own blocks where they were taken, else the samples of the paired
    session. A speedup that is missing counts as 1 there, an expert's as 0.
    """
    measured, expert, base = _swefficiency_times(found)
    share = found.correct_share
    silent = found.outcome in _NO_TEST_OUTPUT
    if silent:
        measured = None
    elif measured is None:
        measured = 1.0
    speedup, ratio = swefficiency.score_instance(measured, expert or 0.0, share)
    lines = found.expert_patch.splitlines()
    changed = sum(x.startswith(_CHANGED) and not x.startswith(("+++", "---")) for x in lines)
    return swefficiency.Row(
        instance_id=found.instance_id,
        measured=measured,
        speedup=speedup,
        expert_speedup=expert or 0.0,
        ratio=ratio,
        correct=share == 1.0,
        correct_share=share,
        baseline_s=base or 0.0,
        patch_lines=changed if silent else len(lines),
    )


def _swefficiency_times(
    found: InstanceResult,
) -> tuple[float | None, float | None, float | None]:
    """Return the speedup, the expert's, and the base's mean seconds beside the expert."""
    if found.blocks is not None:
        blocks = found.blocks
        base, patched, apart, expert = (
            next(iter(side.values()), ())
            for side in (
                blocks.base_s,
                blocks.candidate_s,
                blocks.expert_base_s,
                blocks.expert_s,
            )
        )
        return _ratio(base, patched), _ratio(apart, expert), _mean(apart)
    if not found.parts:
        expert_speedup = found.expert_speedup.value if found.expert_speedup else None
        return found.speedup.value if found.speedup else None, expert_speedup, found.baseline_s
    part = found.parts[0]
    return (
        _ratio(part.base_s, part.candidate_s),
        _ratio(part.base_s, part.expert_s),
        _mean(part.base_s),
    )


def gso_instance(found: InstanceResult) -> gso.VersionTimes | None:
    """Return the seconds of each test, version by version; None where they are not complete.

    They are the benchmark's own blocks where these were taken, else the paired samples.
    """
    if found.blocks is not None:
        blocks = found.blocks
        names = list(blocks.base_s)
        if not names or set(names) - set(blocks.candidate_s) or set(names) - set(blocks.expert_s):
            return None
        return gso.VersionTimes(
            base=tuple(blocks.base_s[name] for name in names),
            patch=tuple(blocks.candidate_s[name] for name in names),
            expert=tuple(blocks.expert_s[name] for name in names),
        )
    if not found.parts or not all(part.expert_s for part in found.parts):
        return None
    return gso.VersionTimes(
        base=tuple(part.base_s for part in found.parts),
        patch=tuple(part.candidate_s for part in found.parts),
        expert=tuple(part.expert_s for part in found.parts),
    )


_GSO_STATUS = {
    "base_broken": "base_failed",
    "apply": "patch_failed",
    "build": "patch_failed",
    "empty": "empty_patch",
    "infrastructure": "error",
    "wrong_tests": "test_failed",
    "wrong_answer": "test_failed",
    "fails": "test_failed",
    "timeout": "test_failed",
}


def gso_report(results: Mapping[str, InstanceResult], instances: Sequence[str]) -> dict[str, Any]:
    """Return GSO's run report of an evaluation, in its own schema.

    Args:
        results: By instance id, what is known.
        instances: Ids of all instances that were asked for.
    """
    statuses: dict[str, str] = {}
    times: dict[str, gso.VersionTimes] = {}
    for name in instances:
        found = results.get(name)
        if found is None:
            statuses[name] = "incomplete"
            continue
        status = _GSO_STATUS.get(found.outcome, "passed")
        measured = gso_instance(found)
        if status == "passed" and measured is None:
            status = "test_failed"
        statuses[name] = status
        if status == "passed" and measured is not None:
            times[name] = measured
    return gso.run_report(statuses, times)


def sweperf_report(found: InstanceResult) -> sweperf.Durations | None:
    """Return an instance's sessions in SWE-Perf's schema; None where they are not complete.

    They are the benchmark's own sessions where these were taken, else the paired launches, each
    of which is a session of one test.
    """
    if found.outcome in _NO_TEST_OUTPUT:
        return None
    if found.blocks is not None:
        blocks, fine = found.blocks, found.blocks.passed
        if blocks.problem or not blocks.candidate_s:
            return None
        names = list(blocks.passed)
        sides = (blocks.base_s, blocks.candidate_s)
        return {
            name: {
                side: _sessions(values.get(name, ()), passed=fine[name])
                for side, values in zip(("base", "human"), sides, strict=True)
            }
            for name in names
        }
    if not found.parts:
        return {} if found.outcome in ("wrong_tests", "wrong_answer") else None
    return {
        part.name: {
            "base": _sessions(part.base_s, passed=True),
            "human": _sessions(part.candidate_s, passed=found.is_correct),
        }
        for part in found.parts
    }


def _sessions(values: Sequence[float], *, passed: bool) -> dict[str, dict[str, Any]]:
    outcome = "passed" if passed else "failed"
    return {str(n): {"outcome": outcome, "duration": value} for n, value in enumerate(values)}
