"""SWE-fficiency's report: read, scored by its own formula, and written back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.evals.swefficiency import (
    official_summary,
    read_report,
    report_text,
    score,
    score_instance,
)

# Expert 2, 4, 1.25, 10: matched by the first, half of it by the second, a test broken by the third,
# nothing left behind by the fourth; the fifth is right and slower.
REPORT = """instance_id,raw_pred_speedup_ratio,pred_speedup_ratio,gold_speedup_ratio,\
human_speedup_ratio,correctness,correctness_pct,pre_edit_runtime,patch_length
a__a-1,2.0,2.0,2.0,1.0,1.0,1.0,0.5,10
a__a-2,2.0,2.0,4.0,0.5,1.0,1.0,0.5,12
a__a-3,9.0,1.0,1.25,0.8,0.0,0.75,0.5,4
b__b-4,,1.0,10.0,0.1,0.0,0.0,0.5,7
b__b-5,0.5,0.5,1.0,0.5,1.0,1.0,0.5,3
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "eval_report_agent.csv"
    made.write_text(REPORT)
    return made


def test_the_official_scores_are_those_worked_out_by_hand(path: Path):
    found = score(read_report(path))

    assert found.sr.value == pytest.approx(5 / (1 + 2 + 1.25 + 10 + 2))
    assert found.sr_floored.value == found.sr.value
    assert found.speedup.value == pytest.approx(5 / (0.5 + 0.5 + 1 + 1 + 2))
    assert found.correct.value == pytest.approx(3 / 5)
    assert (found.incorrect, found.no_speedup) == (2 / 5, 1 / 5)
    assert (found.below_expert, found.expert_or_better) == (1 / 5, 1 / 5)
    assert found.slower == 1 / 5
    assert found.no_output == 1
    assert found.noop == pytest.approx(5 / (2 + 4 + 1.25 + 10 + 1))


def test_an_instance_without_output_is_left_out_where_infrastructure_is_not_the_agent_s(path: Path):
    assert score(read_report(path)).sr_answered.value == pytest.approx(4 / (1 + 2 + 1.25 + 2))


@pytest.mark.parametrize(
    ("measured", "expert", "share", "scored"),
    [
        (3.0, 2.0, 1.0, (3.0, 1.5)),
        (3.0, 2.0, 0.999, (1.0, 0.5)),  # one broken test of a thousand
        (None, 4.0, 0.0, (1.0, 0.25)),
        (0.5, 2.0, 1.0, (0.5, 0.25)),  # slower is not clamped
        (3.0, 0.0, 1.0, (3.0, 0.0)),  # the expert was not measured
    ],
)
def test_an_instance_s_score_follows_the_published_formula(
    measured: float | None, expert: float, share: float, scored: tuple[float, float]
):
    assert score_instance(measured, expert, share) == scored


def test_the_floor_keeps_one_hopeless_instance_from_being_the_whole_score(path: Path):
    path.write_text(f"{REPORT}c__c-6,1.0,1.0,50000.0,0.00002,1.0,1.0,0.5,3\n")
    found = score(read_report(path))
    assert found.sr.value == pytest.approx(6 / (16.25 + 50_000))
    assert found.sr_floored.value == pytest.approx(6 / (16.25 + 1_000))
    assert found.top_ten == pytest.approx(1)


def test_a_report_is_written_as_the_benchmark_writes_it(path: Path):
    assert report_text(read_report(path)) == REPORT


def test_columns_may_stand_in_another_order(path: Path):
    lines = [line.split(",") for line in REPORT.splitlines()]
    path.write_text("\n".join(",".join([*line[2:], *line[:2]]) for line in lines))
    assert report_text(read_report(path)) == REPORT


def test_the_json_summary_has_the_benchmark_s_keys(path: Path):
    found = official_summary(read_report(path))
    assert found["overall_score"] == round(5 / 16.25, 4)
    assert found["total_instances"] == 5
    assert found["proportion_human_speedup_or_better"] == 1 / 5
    report = found["report"]
    assert isinstance(report, list)
    assert report[3]["raw_pred_speedup_ratio"] == ""


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("instance_id,speedup\na,2\n", "no column correctness"),
        (REPORT.replace("0.5,10", "fast,10"), "damaged"),
        (REPORT.replace("a__a-1,2.0,2.0,2.0,1.0,1.0,1.0,0.5,10", "a__a-1"), "damaged"),
    ],
)
def test_a_file_that_is_no_report_is_named(path: Path, text: str, part: str):
    path.write_text(text)
    with pytest.raises(UserError, match=part) as caught:
        read_report(path)
    assert str(path) in str(caught.value)


def test_no_instance_is_no_score():
    with pytest.raises(UserError, match="filter"):
        score([])
