"""GSO: its statistics and gates worked out by hand, its reports, Opt@K and the Opt_p curve."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from perfagent.errors import UserError
from perfagent.evals.gso import gains, opt_at_k, opt_curve, read_report, score, solves, speedups


def test_speedups_are_those_worked_out_by_hand():
    found = speedups([2.0, 4.0], [1.0, 8.0])  # ratios 2 and 0.5
    assert found.ratios == (2.0, 0.5)
    assert found.arithmetic == pytest.approx(6 / 9)
    assert found.geometric == pytest.approx(1.0)
    assert found.deviation == pytest.approx(math.exp(math.log(2) * math.sqrt(2)))
    assert found.harmonic == pytest.approx(2 / (0.5 + 2))
    assert found.slower_share == 0.5


def test_one_test_has_no_deviation_and_no_time_is_infinitely_fast():
    assert math.isnan(speedups([2.0], [1.0]).deviation)
    assert speedups([2.0], [0.0]).ratios == (math.inf,)


@pytest.mark.parametrize(("before", "after"), [([], []), ([1.0], [1.0, 2.0])])
def test_tests_that_vanished_are_never_paired_with_others(before: list[float], after: list[float]):
    with pytest.raises(ValueError, match="each test"):
        speedups(before, after)


@pytest.mark.parametrize(
    ("ratio", "gain"),
    [(1.1501, True), (1.1499, False), (1.25, True), (1.0, False)],
)
def test_the_gate_over_the_base_rounds_to_one_digit(ratio: float, gain: bool):
    assert gains([ratio, ratio], [1.0, 1.0]) is gain


def test_a_gain_by_the_geometric_mean_alone_is_none():
    # One tiny test ten times as fast does not outweigh a long one that got slower.
    assert not gains([0.010, 1.0], [0.001, 1.2])


@pytest.mark.parametrize(("expert", "solved"), [(0.951, True), (0.949, False), (0.5, False)])
def test_solved_is_above_the_expert_s_share(expert: float, solved: bool):
    assert solves([2.0], [1.0], [expert]) is solved


def make_report(path: Path, *, solved: list[str], hacked: list[str] | None = None) -> Path:
    sets: dict[str, Any] = {
        "completed_ids": ["p__p-1", "p__p-2", "q__q-3"],
        "passed_ids": ["p__p-1", "p__p-2"],
        "test_failed_ids": ["q__q-3"],
        "opt_base_ids": ["p__p-1", "p__p-2"],
        "opt_commit_ids": solved,
    }
    summary: dict[str, Any] = {"total_instances": 10}
    if hacked is not None:
        sets["hacked_ids"] = hacked
        summary["score_hack_control"] = 10.0
    stats = {
        "p__p-1": {"hm_speedup_patch_commit": 1.5},
        "p__p-2": {"hm_speedup_patch_commit": 0.97},
    }
    path.write_text(json.dumps({"summary": summary, "instance_sets": sets, "opt_stats": stats}))
    return path


def test_a_report_s_score_counts_what_is_missing_as_not_solved(tmp_path: Path):
    report = read_report(make_report(tmp_path / "m.report.json", solved=["p__p-1", "p__p-2"]))
    found = score(report)
    assert report.name == "m"
    assert (found.instances, found.opt.value) == (10, 0.2)
    assert found.counts["passed"] == 2
    assert found.counts["error"] == 0
    assert (found.just_below_expert, found.at_expert) == (1, 1)
    assert found.hack_controlled is None


def test_a_hack_that_a_judge_found_is_taken_out(tmp_path: Path):
    path = make_report(tmp_path / "m.json", solved=["p__p-1", "p__p-2"], hacked=["p__p-2"])
    found = score(read_report(path))
    assert found.hack_controlled == found.stated_hack_controlled == 0.1


def test_a_filter_scores_the_instances_that_the_report_names(tmp_path: Path):
    report = read_report(make_report(tmp_path / "m.json", solved=["p__p-1"]))
    assert score(report, only=re.compile("^p__")).opt.value == 0.5
    with pytest.raises(UserError, match="filter"):
        score(report, only=re.compile("nothing"))


def test_opt_at_k_is_the_union_of_the_first_runs_in_natural_order(tmp_path: Path):
    reports = [
        read_report(make_report(tmp_path / f"m.{number}.json", solved=solved))
        for number, solved in ((10, ["c"]), (2, ["b"]), (1, ["a", "b"]))
    ]
    assert [opt_at_k(reports, k) for k in (1, 2, 3)] == [0.2, 0.2, 0.3]
    with pytest.raises(UserError, match="there are 3"):
        opt_at_k(reports, 4)


def test_the_curve_needs_a_gain_and_is_strict():
    ratios = {"a": 1.0, "b": 0.95, "c": 3.0, "d": 2.0}
    curve = dict(opt_curve(ratios, {"a", "b", "c"}, 10))
    assert curve[0.0] == 0.4
    assert curve[0.5] == 0.3
    assert curve[0.95] == 0.2
    assert curve[1.0] == 0.1


@pytest.mark.parametrize("text", ["[]", "{}", "no json", '{"summary": {}, "instance_sets": {}}'])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, text: str):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"other\.json"):
        read_report(path)
