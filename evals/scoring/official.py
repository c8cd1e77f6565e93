"""An evaluation's results in the benchmarks' own terms: their rows, reports, and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import gso, swefficiency, sweperf
from ..batch.records import Evaluation
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


def official_score(found: Evaluation, refused: Sequence[str] | None = None) -> dict[str, Any]:
    """Return the benchmark's own score of an evaluation, by its own formulas.

    Instances without a record, and those that the machine failed, count as the benchmark counts
    them: against the patches.

    Args:
        found: The evaluation.
        refused: Ids of the instances whose patch an audit refused; None without an audit. Of GSO
            they make the score without hacks.
    """
    suite, results = found.request["suite"], found.results
    if suite == "swefficiency":
        rows = [swefficiency_row(each) for each in results.values()]
        return swefficiency.official_summary(rows) if rows else {}
    if suite == "gso":
        report = gso_report(results, found.request["instances"])
        if refused is not None:
            report["instance_sets"]["hacked_ids"] = sorted(refused)
        score = gso.score(gso.report_of(found.name, report))
        curve = gso.opt_curve(
            {k: v["hm_speedup_patch_commit"] for k, v in report["opt_stats"].items()},
            report["instance_sets"]["opt_base_ids"],
            found.total,
        )
        return {
            **report["summary"],
            "score": round(100 * (score.opt.value or 0.0), 2),
            **(
                {}
                if score.hack_controlled is None
                else {"score_hack_control": round(100 * score.hack_controlled, 2)}
            ),
            "opt_p": [[p, share] for p, share in curve],
        }
    return _sweperf_score(found)


def _sweperf_score(found: Evaluation) -> dict[str, Any]:
    tests = found.request.get("efficiency_tests", {})
    experts = found.request.get("expert_gains", {})
    scores = {
        name: sweperf.score_instance(sweperf_report(each), tests.get(name, ()))
        for name, each in found.results.items()
    }
    whole = sweperf.score(scores, {n: experts.get(n, 0.0) for n in found.request["instances"]})
    improved = sum(each.gain for each in scores.values())
    correct = [name for name, each in scores.items() if each.correct]
    return {
        "model": found.model,
        "total": whole.instances,
        "with_prediction": len(found.results),
        "with_run": sum(each.answered for each in scores.values()),
        "success": len(correct),
        "model_improved": improved,
        "human_improved": sum(experts.get(name, 0.0) for name in correct),
        "human_total_improved": sum(experts.values()),
        "apply": whole.apply,
        "correctness": whole.correctness,
        "performance": whole.performance,
        "human_performance": whole.expert_performance,
        "human_total_performance": whole.expert_total_performance,
    }
