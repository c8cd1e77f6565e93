"""What the benchmarks' own harnesses leave behind is scored as they score it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from perfagent.cli import app
from perfagent.errors import UserError
from perfagent.evals import gso, swefficiency, sweperf
from perfagent.evals.logs.swefficiency import read_run, rows_of
from perfagent.evals.published import score_files, suite_of

SUMMARY = "Before Mean: {0}\nBefore SD: 0.1\nAfter Mean: {1}\nAfter SD: 0.1\nImprovement: 1%\n"
PATCH = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1 @@\n-a\n-b\n+c\n"

run = CliRunner()


def leave(folder: Path, name: str, times: tuple[float, float] | None, tests: Any = None) -> Path:
    """Leave what SWE-fficiency's harness leaves of an instance; return the run's folder."""
    place = folder / "model" / name
    place.mkdir(parents=True)
    if times:
        (place / "perf_summary.txt").write_text(SUMMARY.format(*times))
    if tests is not None:
        (place / "raw_correctness_output").mkdir()
        (place / "covering_test_status.json").write_text(json.dumps(tests))
    (place / "patch.diff").write_text(PATCH)
    return folder


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """The expert's run of three instances, and a run that broke a test and left one silent."""
    passed = {"t::a": "PASSED", "t::b": "PASSED", "t::c": "FAILED"}
    gold, found = tmp_path / "gold", tmp_path / "run"
    for name, after in (("o__r-1", 1.0), ("o__r-2", 2.0), ("O__R-3", 0.5)):
        leave(gold, name, (4.0, after), passed)
    leave(found, "o__r-1", (6.0, 2.0), passed)
    leave(found, "o__r-2", (6.0, 1.0), {"t::a": "PASSED"})
    leave(found, "o__r-3", (8.0, 1.0))
    return found, gold


def test_swefficiencys_logs_are_scored_by_its_formula(runs: tuple[Path, Path]):
    found, gold = runs
    assert suite_of(found, None) == "swefficiency"
    (result,) = score_files([found], expert=gold)
    assert isinstance(result.scored.score, swefficiency.Score)
    # 3/4; a broken test makes it 1/2; without correctness output it is 1/8.
    assert result.scored.score.sr.value == pytest.approx(3 / (4 / 3 + 2 + 8))
    third, first, second = rows_of(read_run(found), read_run(gold), {})
    assert (first.measured, first.correct, first.patch_lines) == (3.0, True, 7)
    assert (second.measured, second.speedup, second.correct_share) == (6.0, 1.0, 0.5)
    assert (third.measured, third.correct_share, third.patch_lines) == (None, 0.0, 3)
    assert first.baseline_s == 4.0
    # The dataset says which tests have to pass.
    stricter = rows_of(read_run(found), read_run(gold), {"o__r-1": ["t::a", "t::c"]})
    assert stricter[1].correct_share == 0.5


def test_what_no_run_left_counts_as_the_benchmark_counts_it(tmp_path: Path):
    gold = leave(tmp_path / "gold", "a", (4.0, 1.0), {"t": "PASSED"})
    leave(gold, "b", None, {"t": "PASSED"})
    found = leave(tmp_path / "run", "b", (4.0, 2.0), {"t": "XPASS"})
    missing, unknown = rows_of(read_run(found), read_run(gold), {})
    assert (missing.measured, missing.ratio) == (None, 0.25)
    assert (unknown.expert_speedup, unknown.ratio, unknown.correct) == (0.0, 0.0, True)


def test_a_validation_report_says_the_same_as_logs(runs: tuple[Path, Path], tmp_path: Path):
    def report(folder: Path) -> Path:
        rows = {
            name: {
                "perf_report": {
                    "before_mean": each.before_s,
                    "after_mean": each.after_s,
                    "improvement": each.speedup,
                },
                "correctness_report": {}
                if each.statuses is None
                else {"test_results": each.statuses, "PASS_TO_PASS": ["t::a", "t::b"]},
            }
            for name, each in read_run(folder).items()
        }
        path = tmp_path / f"validation_report_{folder.name}.json"
        path.write_text(json.dumps(rows))
        return path

    found, gold = map(report, runs)
    (from_report,) = score_files([found], expert=gold)
    (from_logs,) = score_files([runs[0]], expert=runs[1])
    assert from_report.scored == from_logs.scored
    with pytest.raises(UserError, match="--expert"):
        score_files([found])


def test_the_benchmarks_own_report_is_written(runs: tuple[Path, Path], tmp_path: Path):
    words = ["--expert", str(runs[1]), "--out", str(tmp_path / "out"), "--json"]
    printed = run.invoke(app, ["eval", "report", str(runs[0]), *words])
    assert printed.exit_code == 0, printed.output
    path = tmp_path / "out" / "eval_report_run.csv"
    (again,) = score_files([path])
    (first,) = score_files([runs[0]], expert=runs[1])
    assert again.scored == first.scored
    summary = json.loads((tmp_path / "out" / "eval_report_run.json").read_text())
    assert summary["proportion_incorrect"] == pytest.approx(2 / 3)


def gso_report(folder: Path, name: str, **changes: Any) -> None:
    times = [[2.0, 2.0], [4.0, 4.0]]
    found = {
        "patch_is_None": False,
        "patch_exists": True,
        "base_successfully_run": True,
        "patch_successfully_applied": True,
        "test_passed": True,
        "base_times": times,
        "patch_times": [[1.0, 1.0], [2.0, 2.0]],
        "commit_times": [[1.0, 1.0], [2.0, 2.0]],
        **changes,
    }
    place = folder / name
    place.mkdir(parents=True)
    (place / "report.json").write_text(json.dumps(found))


def test_gsos_instance_reports_make_the_runs_report(tmp_path: Path):
    folder = tmp_path / "run"
    gso_report(folder, "A__a-1")
    gso_report(folder, "A__a-2", patch_times=[[1.9], [3.9]])
    gso_report(folder, "A__a-3", test_passed=False)
    gso_report(folder, "A__a-4", patch_successfully_applied=False)
    gso_report(folder, "A__a-5", patch_is_None=True)
    gso_report(folder, "A__a-6", base_successfully_run=False)
    gso_report(folder, "A__a-7", commit_times=[[1.0]])
    assert suite_of(folder, None) == "gso"
    (result,) = score_files([folder])
    score = result.scored.score
    assert isinstance(score, gso.Score)
    assert score.opt.value == pytest.approx(1 / 7)
    wanted = {"passed": 2, "test_failed": 1, "patch_failed": 1, "empty_patch": 1, "error": 1}
    assert {name: score.counts[name] for name in wanted} == wanted
    assert score.counts["opt_base"] == 1
    made = json.loads(result.files["run.report.json"])
    assert made["opt_stats"]["A__a-1"]["gm_speedup_patch_base"] == pytest.approx(2.0)
    printed = run.invoke(app, ["eval", "report", str(folder), str(folder), "--k", "2"])
    assert "Opt@2: 14.29% solved" in printed.output


def test_an_instance_of_gsos_dataset_that_has_no_report_is_incomplete(tmp_path: Path):
    gso_report(tmp_path / "run", "A__a-1")
    rows = [
        {"instance_id": name, "repo": "A/a", "base_commit": "x^", "opt_commit": "x", "tests": ["t"]}
        for name in ("A__a-1", "A__a-2")
    ]
    dataset = tmp_path / "rows.json"
    dataset.write_text(json.dumps(rows))
    (result,) = score_files([tmp_path / "run"], instances=str(dataset))
    assert isinstance(result.scored.score, gso.Score)
    assert (result.scored.score.instances, result.scored.score.opt.value) == (2, 0.5)


def sessions(seconds: float, outcome: str = "passed") -> dict[str, Any]:
    return {str(n): {"outcome": outcome, "duration": seconds + n / 1000} for n in range(20)}


def test_swe_perfs_sessions_are_scored_beside_the_dataset(tmp_path: Path):
    folder = tmp_path / "run"
    for name, head in (("o__r-1", 0.5), ("o__r-2", 0.0)):
        place = folder / "m" / name
        place.mkdir(parents=True)
        outcome = "passed" if head else "failed"
        report = {"t.py::a": {"base": sessions(1.0), "human": sessions(head, outcome)}}
        (place / "report.json").write_text(json.dumps(report))
    changes = [{"t.py::a": {"base": 1 + n / 1000, "head": 0.8 + n / 1000}} for n in range(20)]
    rows = [
        {
            "instance_id": f"o__r-{n}",
            "repo": "o/r",
            "base_commit": "a" * 40,
            "efficiency_test": ["t.py::a"],
            "duration_changes": json.dumps(changes),
        }
        for n in (1, 2, 3, 4)
    ]
    dataset = tmp_path / "rows.json"
    dataset.write_text(json.dumps(rows))
    assert suite_of(folder, None) == "sweperf"
    (result,) = score_files([folder], instances=str(dataset))
    score = result.scored.score
    assert isinstance(score, sweperf.Score)
    assert (score.apply, score.correctness) == (0.5, 0.25)
    # A gain of x is told while 1 - x of the base is still longer: at a half, but for the spread.
    assert score.performance == pytest.approx(0.5 / 4, abs=0.01)
    assert score.expert_total_performance == pytest.approx(0.2, abs=0.01)
    assert score.expert_performance == pytest.approx(0.2 / 4, abs=0.01)
    with pytest.raises(UserError, match="--instances"):
        score_files([folder])


def test_swe_perfs_result_csv_is_read(tmp_path: Path):
    total = dict.fromkeys(sweperf.COLUMNS, "1") | {"model": "m", "apply": "0.75"}
    path = tmp_path / "result.csv"
    path.write_text(sweperf.result_text([total, {**total, "repo": "o/r", "apply": "0.1"}]))
    printed = run.invoke(app, ["eval", "report", str(path)])
    assert printed.exit_code == 0, printed.output
    assert "SWE-Perf" in printed.output
    assert "75.0 %" in printed.output


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (
            lambda f: (f / "x.txt").write_text(""),
            "has no evaluation and no",
        ),
        (
            lambda f: f.rmdir(),
            "no results at",
        ),
        (
            lambda f: [leave(f / n, "a__b-1", (1.0, 1.0)) for n in ("one", "two")],
            "has a__b-1 twice",
        ),
        (
            lambda f: leave(f, "a__b-1", (1.0, 1.0), [1]),
            "is damaged",
        ),
    ],
)
def test_folders_that_are_no_run_are_told_in_one_line(tmp_path: Path, make: Any, part: str):
    folder = tmp_path / "run"
    folder.mkdir()
    make(folder)
    printed = run.invoke(app, ["eval", "report", str(folder), "--expert", str(folder)])
    assert printed.exit_code == 2
    assert part in " ".join(printed.output.split())
