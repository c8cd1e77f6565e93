"""What an evaluation's records come to, worked out by hand on small ones."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfagent.evals import gso
from perfagent.evals.aggregates import clipped_mean, harmonic_mean, influences
from perfagent.evals.batch.records import Evaluation
from perfagent.evals.running.outcome import (
    Blocks,
    Estimate,
    InstanceResult,
    PartTimes,
    Usage,
    combined,
)
from perfagent.evals.scoring.estimators import beyond, beyond_at_k, eff_at_k, pass_at_k
from perfagent.evals.scoring.official import gso_report, swefficiency_row, sweperf_report
from perfagent.evals.scoring.summary import summarize, summarize_all
from perfagent.reports.html.evaluation_page import render_evaluation
from perfagent.reports.printed.evaluated import beside_cells, print_summaries


def exactly(value: float) -> Estimate:
    return Estimate(value=value, ci_low=value, ci_high=value)


def result(name: str, outcome: str = "faster", **found: Any) -> InstanceResult:
    return InstanceResult(
        instance_id=name, suite="swefficiency", repo="o/r", model="m", outcome=outcome, **found
    )


def measured(name: str, speedup: float, expert: float, outcome: str = "faster") -> InstanceResult:
    return result(
        name,
        outcome,
        speedup=exactly(speedup),
        expert_speedup=exactly(expert),
        ratio=exactly(speedup / expert),
        tests_required=4,
    )


def evaluation(
    *results: InstanceResult, missing: int = 0, suite: str = "swefficiency"
) -> Evaluation:
    names = [each.instance_id for each in results] + [f"none-{n}" for n in range(missing)]
    request = {
        "run_id": "r",
        "suite": suite,
        "protocol": "paired",
        "instances": names,
        "model": "m",
    }
    return Evaluation(
        name="r",
        directory=Path(),
        request=request,
        samples={each.instance_id: (each,) for each in results},
    )


SOME = (
    measured("a", 4.0, 2.0),
    measured("b", 1.0, 4.0, "no_gain"),
    result("c", "wrong_tests", expert_speedup=exactly(8.0), tests_required=4, tests_lost=("t",)),
    result("d", "infrastructure", reason="the disk is full"),
)


def test_ratios_are_those_of_instances_that_the_patches_answer_for():
    found = summarize(evaluation(*SOME))
    # 2, 1/4, and 1/8 for the wrong one; the machine's failure is in no score.
    assert found.ratios["harmonic"].number.value == pytest.approx(3 / (0.5 + 4 + 8))
    assert found.ratios["geometric"].number.value == pytest.approx((2 / 4 / 8) ** (1 / 3))
    assert found.ratios["median"].number.value == 0.25
    assert found.ratios["clipped"].number.value == pytest.approx((1 + 0.25 + 0.125) / 3)
    assert found.ratios["harmonic"].noop == pytest.approx(3 / (2 + 4 + 8))
    assert found.ratios["harmonic"].expert == 1.0
    assert found.shares.of == 3
    assert found.shares.correct.value == pytest.approx(2 / 3)
    assert found.shares.faster.value == pytest.approx(1 / 3)
    assert found.shares.at_expert == pytest.approx(1 / 3)
    assert found.counts == {"faster": 1, "no_gain": 1, "wrong_tests": 1, "infrastructure": 1}


def test_the_official_score_counts_the_machines_failures_as_the_benchmark_does():
    official = summarize(evaluation(*SOME)).official
    assert official["total_instances"] == 4
    assert official["proportion_incorrect"] == 0.5
    # The one that failed has no expert's speedup either: SR 0, floored.
    expected = 4 / (1 / 2 + 4 + 8 + 1000)
    assert official["overall_score"] == round(expected, 4)


def test_speedups_count_one_where_the_patch_is_wrong():
    found = summarize(evaluation(*SOME)).speedups["harmonic"]
    assert found.number.value == pytest.approx(3 / (0.25 + 1 + 1))
    assert found.noop == 1.0
    assert found.expert == pytest.approx(3 / (1 / 2 + 1 / 4 + 1 / 8))


def test_a_gain_that_is_none_counts_as_none():
    warm = InstanceResult(**{**vars(measured("a", 300.0, 3.0, "no_gain")), "masked": True})
    assert warm.counted == 1.0
    assert warm.counted_ratio == pytest.approx(1 / 3)


def test_missing_records_and_broken_bases_are_told():
    found = summarize(evaluation(*SOME, missing=2))
    told = "\n".join(found.notes)
    assert "2 of 6 instances have no record yet" in told
    assert "1 instances are in no score of ours" in told


def test_an_empty_evaluation_has_no_numbers():
    found = summarize(evaluation(missing=1))
    assert (found.ratios, found.speedups, found.official) == ({}, {}, {})


def test_measurement_widens_the_interval():
    wide = [
        InstanceResult(
            **{
                **vars(measured(f"i{n}", 2.0, 2.0)),
                "ratio": Estimate(value=1.0, ci_low=0.5, ci_high=2.0),
            }
        )
        for n in range(5)
    ]
    number = summarize(evaluation(*wide)).ratios["geometric"].number
    assert number.ci_low is not None
    assert number.ci_high is not None
    # Half the width of the log of one is ln 2, of the mean of five of them ln 2 / sqrt(5).
    assert math.log(number.ci_high) == pytest.approx(math.log(2) / math.sqrt(5), rel=0.15)


def test_heavy_instances_are_found():
    shares = influences(harmonic_mean, [0.001, *([1.0] * 30)])
    assert shares[0] > 0.9
    assert sum(shares) == pytest.approx(1)
    assert influences(clipped_mean, [1.0, 1.0]) == [0.5, 0.5]
    assert influences(harmonic_mean, [3.0]) == [1.0]


def test_parts_are_put_together_by_their_logarithms():
    parts = [
        Estimate(value=2.0, ci_low=1.0, ci_high=4.0),
        Estimate(value=8.0, ci_low=8.0, ci_high=8.0),
    ]
    found = combined(parts)
    assert found is not None
    assert found.value == pytest.approx(4.0)
    assert found.ci_low == pytest.approx(4.0 / math.sqrt(2))
    assert found.ci_high == pytest.approx(4.0 * math.sqrt(2))
    assert combined([*parts, None]) is None
    assert combined([]) is None


def test_a_row_of_swefficiency_takes_the_experts_own_run():
    blocks = Blocks(
        base_s={"workload": (2.0, 4.0)},
        candidate_s={"workload": (1.0, 1.0)},
        expert_base_s={"workload": (4.0, 4.0)},
        expert_s={"workload": (2.0, 2.0)},
    )
    patch = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    found = swefficiency_row(result("a", blocks=blocks, tests_required=1, expert_patch=patch))
    assert (found.measured, found.expert_speedup, found.ratio) == (3.0, 2.0, 1.5)
    assert (found.baseline_s, found.patch_lines, found.correct) == (4.0, 5, True)
    silent = swefficiency_row(result("a", "apply", expert_speedup=exactly(2.0), expert_patch=patch))
    assert (silent.measured, silent.speedup, silent.ratio) == (None, 1.0, 0.5)
    assert silent.patch_lines == 2


def test_a_report_of_gso_can_be_read_back(tmp_path: Path):
    import json

    part = PartTimes(name="t", base_s=(2.0,), candidate_s=(1.0,), expert_s=(1.0,))
    slow = PartTimes(name="t", base_s=(2.0,), candidate_s=(1.9,), expert_s=(1.0,))
    results = {
        "a": result("a", parts=(part, part)),
        "b": result("b", "no_gain", parts=(slow,)),
        "c": result("c", "apply"),
        "d": result("d", "empty"),
        "e": result("e", "infrastructure"),
        "f": result("f", "wrong_answer"),
        "g": result("g", "base_broken"),
    }
    report = gso_report(results, [*results, "h"])
    path = tmp_path / "m.report.json"
    path.write_text(json.dumps(report, allow_nan=False))
    read = gso.read_report(path)
    assert read.instances == 8
    assert read.solved == {"a"}
    assert {name: sorted(ids) for name, ids in read.sets.items() if ids} == {
        "completed": ["a", "b", "c", "f", "g"],
        "passed": ["a", "b"],
        "base_failed": ["g"],
        "patch_failed": ["c"],
        "test_failed": ["f"],
        "incomplete": ["h"],
        "empty_patch": ["d"],
        "error": ["e"],
        "opt_base": ["a"],
        "opt_commit": ["a"],
    }
    assert report["opt_stats"]["a"]["hm_speedup_patch_commit"] == 1.0
    assert report["opt_stats"]["a"]["am_speedup_patch_base"] == 2.0
    official = summarize(evaluation(*results.values(), missing=1, suite="gso")).official
    assert official["score"] == 12.5


def test_sessions_of_swe_perf_keep_the_benchmarks_shape():
    blocks = Blocks(base_s={"t": (1.0, 2.0)}, candidate_s={"t": (0.5,)}, passed={"t": False})
    found = sweperf_report(result("a", blocks=blocks))
    assert found == {
        "t": {
            "base": {
                "0": {"outcome": "failed", "duration": 1.0},
                "1": {"outcome": "failed", "duration": 2.0},
            },
            "human": {"0": {"outcome": "failed", "duration": 0.5}},
        }
    }
    assert sweperf_report(result("a", "timeout")) is None


def test_pass_at_k_is_the_chance_of_one_that_passes():
    # Of 4 samples 1 passes: one of 2 drawn is it in 3 of 6 pairs.
    assert pass_at_k(4, 1, 2) == pytest.approx(0.5)
    assert pass_at_k(4, 0, 2) == 0
    assert pass_at_k(4, 4, 1) == 1
    with pytest.raises(ValueError, match="k must be"):
        pass_at_k(2, 1, 3)


def test_eff_at_k_is_the_mean_best_of_every_draw():
    from itertools import combinations

    values = [0.0, 0.2, 0.7, 1.3, 0.7]
    for k in range(1, 6):
        draws = [max(draw) for draw in combinations(values, k)]
        assert eff_at_k(values, k) == pytest.approx(sum(draws) / len(draws))
    assert eff_at_k([1.0] * 1000, 500) == pytest.approx(1.0)
    # Efficiencies of zero and one make it pass@k.
    assert eff_at_k([1.0, 0.0, 0.0, 0.0], 2) == pytest.approx(pass_at_k(4, 1, 2))


def test_beyond_counts_known_solutions():
    assert beyond(2.0, [1.0, 2.0, 3.0, 4.0]) == 0.5
    assert beyond(0.0, [1.0]) == 0
    assert beyond_at_k([2.0, 0.0], [1.0, 2.0, 3.0, 4.0], 2) == 0.5
    assert beyond_at_k([2.0, 0.0], [1.0, 2.0, 3.0, 4.0], 1) == 0.25
    with pytest.raises(ValueError, match="known solutions"):
        beyond(1.0, [])


def sampled_of(*samples: tuple[InstanceResult, ...], suite: str = "swefficiency") -> Evaluation:
    made = {
        each[0].instance_id: tuple(replace(one, sample=n) for n, one in enumerate(each, 1))
        for each in samples
    }
    return replace(evaluation(*(each[0] for each in samples), suite=suite), samples=made)


SAMPLED = sampled_of(
    (
        measured("a", 4.0, 2.0),
        measured("a", 1.5, 2.0),
        result("a", "wrong_tests", expert_speedup=exactly(2.0)),
    ),
    (measured("b", 1.0, 4.0, "no_gain"), measured("b", 8.0, 4.0), result("b", "infrastructure")),
)


def test_several_samples_are_scored_without_bias():
    found = summarize(SAMPLED).sampled
    assert found is not None
    assert (found.samples, found.opt_at_k) == (6, {})
    one, two, three = found.at_k
    # What the machine failed is no sample: b has two.
    assert [(each.k, each.instances) for each in (one, two, three)] == [(1, 2), (2, 2), (3, 1)]
    assert one.correct.value == pytest.approx((2 / 3 + 1) / 2)
    assert one.faster.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert one.speedup.value == pytest.approx((5.5 / 3 + 4.5) / 2)
    assert one.ratio.value == pytest.approx((2.75 / 3 + 1.125) / 2)
    assert one.beyond.value == pytest.approx((1 / 3 + 1 / 2) / 2)
    # Of a's pairs (4, 1.5), (4, 0), (1.5, 0) the best are 4, 4 and 1.5.
    assert two.speedup.value == pytest.approx((9.5 / 3 + 8) / 2)
    assert two.beyond.value == pytest.approx((2 / 3 + 1) / 2)
    assert three.correct.value == 1.0
    assert three.speedup.value == 4.0


def test_no_patch_passes_nothing():
    found = summarize(sampled_of((measured("a", 1.0, 2.0, "empty"), measured("a", 3.0, 2.0))))
    assert found.sampled is not None
    one, two = found.sampled.at_k
    assert (one.correct.value, two.correct.value) == (0.5, 1.0)
    assert one.speedup.value == 2.0


def test_known_solutions_are_the_experts_and_those_of_other_runs():
    beside = replace(sampled_of((measured("a", 5.0, 2.0), measured("a", 3.0, 2.0))), name="o")
    first, _ = summarize_all([SAMPLED, beside])
    assert first.sampled is not None
    # Of 2 (the expert), 5 and 3, a speedup of 4 is as good as two, 1.5 as none.
    assert first.sampled.at_k[2].beyond.value == pytest.approx(2 / 3)


def test_one_sample_each_has_no_such_numbers():
    assert summarize(evaluation(*SOME)).sampled is None


def test_gsos_opt_at_k_is_the_union_of_samples():
    part = PartTimes(name="t", base_s=(2.0,), candidate_s=(1.0,), expert_s=(1.0,))
    slow = replace(part, candidate_s=(1.9,))
    good, bad = (
        replace(measured("a", 2.0, 2.0), suite="gso", parts=(each,)) for each in (part, slow)
    )
    samples = ((bad, good), (replace(bad, instance_id="b"), replace(bad, instance_id="b")))
    found = summarize(sampled_of(*samples, suite="gso")).sampled
    assert found is not None
    assert found.opt_at_k == {"1": 0.0, "2": 50.0}


def test_samples_are_shown(capsys: pytest.CaptureFixture[str]):
    summary = summarize(SAMPLED)
    print_summaries([summary])
    assert "several samples per instance" in capsys.readouterr().out
    page = render_evaluation([summary])
    assert "Several samples per instance" in page
    assert "first sample" in page


def part(cpu_s: float, memory: float, provable: float | None = 0.03) -> PartTimes:
    return PartTimes(
        name="w",
        base_s=(1.0,),
        candidate_s=(1.0,),
        usage={
            "base": Usage(cpu_s=8.0, peak_rss_bytes=8e6),
            "candidate": Usage(cpu_s=cpu_s, peak_rss_bytes=memory),
        },
        provable_gain=provable,
    )


def test_memory_and_cpu_are_told_beside_the_time_for_correct_patches_alone():
    found = summarize(
        evaluation(
            result("a", parts=(part(4.0, 8e6), part(1.0, 2e6, 0.09))),
            result("b", parts=(part(2.0, 16e6),)),
            result("c", "wrong_tests", parts=(part(0.001, 1.0),)),
            result("d", parts=(replace(part(1.0, 1.0), usage={}, provable_gain=None),)),
        )
    )
    # a: the root of 2 times 8, and of 1 times 4; b: 4 and a half.
    assert found.savings["cpu"].value == pytest.approx(4.0)
    assert found.savings["memory"].value == pytest.approx(1.0)
    assert "expert cpu" not in found.savings
    assert found.provable == (0.03, 0.09)
    assert beside_cells(found)[0] == "4.000"
    assert beside_cells(found)[-2:] == ("3.0 %", "9.0 %")
    page = render_evaluation([found])
    assert "Beside the time" in page
