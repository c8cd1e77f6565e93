"""Patches of every kind on instances of the three benchmarks, end to end, and what they come to."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.runs.on_disk import start_run
from perfagent.evals.batch.evaluation import run_evaluation
from perfagent.evals.batch.options import Options, asked_for
from perfagent.evals.batch.records import Evaluation
from perfagent.evals.official import sessions
from perfagent.evals.scoring.summary import Summary, summarize
from perfagent.repos.checkout import RunRepository
from perfagent.settings import load_settings
from perfagent.tests.evals import datasets
from perfagent.tests.evals.conftest import Inline
from perfagent.tests.evals.datasets import REPO, Bench, write_lines


def evaluated(
    folder: Path,
    cache: Path,
    bench: Bench,
    rows: list[dict[str, Any]],
    patches: list[str] | list[list[str]] | str,
    **options: Any,
) -> Evaluation:
    """Evaluate a patch or several for each row, or the word "expert" or "empty" for all."""
    folder.mkdir(parents=True, exist_ok=True)
    source = write_lines(folder / "rows.jsonl", rows)
    files: list[Path] = []
    if isinstance(patches, list):
        given = [
            {"instance_id": row["instance_id"], "model_patch": patch, "model_name_or_path": "m"}
            for row, own in zip(rows, patches, strict=True)
            for patch in ([own] if isinstance(own, str) else own)
        ]
        files = [write_lines(folder / "preds.jsonl", given)]
    settings = load_settings(
        {
            "python": sys.prefix,
            "max_pairs": 5,
            "cache_dir": cache,
            "state_dir": folder / "state",
        },
        working_dir=folder,
        environ={},
    )
    asked = asked_for(
        str(source),
        "predictions" if files else str(patches),
        files,
        Options(run_id="r", repositories={REPO: str(bench.repo)}, **options),
        settings,
    )
    return run_evaluation(asked, folder / "run", Inline())


@pytest.fixture(scope="session")
def scripts(
    bench: Bench, evals_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Evaluation:
    """SWE-fficiency: a fast patch, a wrong one, one that is none, and none."""
    rows = [datasets.swefficiency_row(bench, number) for number in range(4)]
    patches = [bench.patches["fast"], bench.patches["wrong"], "nonsense", ""]
    folder = tmp_path_factory.mktemp("scripts")
    return evaluated(folder, evals_cache, bench, rows, patches, protocol="official")


def test_each_patch_gets_its_outcome(scripts: Evaluation):
    outcomes = [each.outcome for each in scripts.results.values()]
    assert outcomes == ["faster", "wrong_tests", "apply", "empty"]


def test_the_experts_commit_is_out_of_reach_for_the_code_of_a_patch(
    scripts: Evaluation, bench: Bench, evals_cache: Path
):
    assert scripts.results
    folders = list((evals_cache / "evals" / "grounds").glob("*/work"))
    assert folders
    for folder in folders:
        assert RunRepository(folder).has(bench.base)
        assert not RunRepository(folder).has(bench.expert)


def test_the_experts_commit_is_out_of_reach_for_an_agent(bench: Bench, tmp_path: Path):
    script = tmp_path / "workload.py"
    script.write_text("def workload():\n    pass\n")
    given = {"rev": bench.base, "cache_dir": tmp_path / "cache", "sealed": True}
    run = start_run(
        str(bench.repo),
        str(script),
        given,
        working_dir=tmp_path,
        out=tmp_path / "run",
        command="",
        listener=lambda event: None,
    )
    assert run.repository.has(bench.base)
    assert not run.repository.has(bench.expert)


def test_a_fast_patch_is_measured_beside_the_expert(scripts: Evaluation):
    found = scripts.results["shops__deliveries-0"]
    assert found.speedup is not None
    assert found.ratio is not None
    assert found.speedup.ci_low > 5
    # The same change as the expert's: SR is 1 but for noise.
    assert found.ratio.value == pytest.approx(1, rel=0.5)
    assert found.rung == "exact"
    assert found.tests_required == 2
    assert found.notes == ("the base lacks covering tests: tests/gone.py",)


def test_tests_that_broke_are_named_and_the_expert_is_known_all_the_same(scripts: Evaluation):
    found = scripts.results["shops__deliveries-1"]
    assert found.tests_lost == ("tests/test_pairs.py::test_shared_keeps_order",)
    assert found.correct_share == 0.5
    assert found.speedup is None
    assert found.expert_speedup is not None
    assert found.counted == 1.0
    assert found.counted_ratio == pytest.approx(1 / found.expert_speedup.value)


def test_no_patch_is_measured_as_the_base_against_itself(scripts: Evaluation):
    found = scripts.results["shops__deliveries-3"]
    assert found.speedup is not None
    assert found.speedup.ci_low < 1.2
    assert "faster" not in found.outcome


def test_the_benchmarks_own_samples_are_kept_beside_ours(scripts: Evaluation):
    blocks = scripts.results["shops__deliveries-0"].blocks
    assert blocks is not None
    sides = (blocks.base_s, blocks.candidate_s, blocks.expert_base_s, blocks.expert_s)
    assert [len(side["workload"]) for side in sides] == [3, 3, 3, 3]
    assert scripts.results["shops__deliveries-2"].blocks is None


def test_the_official_score_is_the_formula_on_these_samples(scripts: Evaluation):
    official = summarize(scripts).official
    blocks = scripts.results["shops__deliveries-0"].blocks
    assert blocks is not None

    def ratio(before: tuple[float, ...], after: tuple[float, ...]) -> float:
        return (sum(before) / 3) / (sum(after) / 3)

    fast = ratio(blocks.base_s["workload"], blocks.candidate_s["workload"])
    expert = ratio(blocks.expert_base_s["workload"], blocks.expert_s["workload"])
    row = official["report"][0]
    assert float(row["human_speedup_ratio"]) == pytest.approx(fast / expert)
    assert official["proportion_incorrect"] == 0.5
    ratios = [float(each["human_speedup_ratio"]) for each in official["report"]]
    assert official["overall_score"] == round(4 / sum(1 / max(r, 0.001) for r in ratios), 4)
    silent = official["report"][2]
    assert (silent["raw_pred_speedup_ratio"], silent["correctness_pct"]) == ("", "0.0")


def test_what_was_measured_is_not_measured_again(
    scripts: Evaluation, bench: Bench, evals_cache: Path, tmp_path: Path
):
    rows = [datasets.swefficiency_row(bench, 0)]
    again = evaluated(
        tmp_path, evals_cache, bench, rows, [bench.patches["fast"]], protocol="official"
    )
    found, before = again.results["shops__deliveries-0"], scripts.results["shops__deliveries-0"]
    assert found.kept
    assert not before.kept
    assert found.parts == before.parts


def test_samples_of_an_instance_are_timed_in_one_session(
    bench: Bench, evals_cache: Path, tmp_path: Path
):
    fast, wrong = bench.patches["fast"], bench.patches["wrong"]
    other = fast.replace("+    ", "+    # in other words\n+    ", 1).replace(
        *_one_line_more(fast), 1
    )
    row = {**datasets.swefficiency_row(bench, 0), "instance_id": "shops__deliveries-9"}
    patches = [[fast, wrong, other, fast]]
    found = evaluated(tmp_path, evals_cache, bench, [row], patches, samples=4)
    first, second, third, fourth = found.samples["shops__deliveries-9"]
    assert [each.sample for each in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert [first.outcome, second.outcome, third.outcome] == ["faster", "wrong_tests", "faster"]
    # Base and expert ran once a round for both.
    pairs = min(len(each.parts[0].base_s) for each in (first, third))
    assert pairs >= 5
    assert first.parts[0].base_s[:pairs] == third.parts[0].base_s[:pairs]
    assert first.parts[0].candidate_s[:pairs] != third.parts[0].candidate_s[:pairs]
    assert "timed in one session of 2 patches" in first.notes
    # The same patch once more is not measured again.
    assert fourth.kept
    assert fourth.parts == first.parts


def _one_line_more(diff: str) -> tuple[str, str]:
    """Return the length of a one-hunk diff's new side, and one more."""
    (length,) = re.findall(r"^@@ -\S+ \+\d+,(\d+) @@", diff, re.MULTILINE)
    return f",{length} @@", f",{int(length) + 1} @@"


def test_the_machine_is_never_to_blame_on_a_patch(bench: Bench, evals_cache: Path, tmp_path: Path):
    row = {**datasets.swefficiency_row(bench, 9), "workload": "def workload():\n    import gone\n"}
    found = evaluated(tmp_path, evals_cache, bench, [row], "expert")
    result = found.results["shops__deliveries-9"]
    assert result.outcome == "base_broken"
    assert "gone" in result.reason
    assert result.counted is None
    assert summarize(found).shares.of == 0


@pytest.fixture(scope="session")
def perf_tests(
    bench: Bench, evals_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Evaluation:
    """GSO: the expert's own change."""
    rows = [datasets.gso_row(bench, "Shops__Deliveries-aaa")]
    folder = tmp_path_factory.mktemp("perf-tests")
    return evaluated(folder, evals_cache, bench, rows, "expert", protocol="official")


@pytest.mark.evals
def test_gso_is_scored_from_the_tests_own_times(perf_tests: Evaluation):
    (found,) = perf_tests.results.values()
    blocks = found.blocks
    assert blocks is not None
    assert {name: len(runs) for name, runs in blocks.base_s.items()} == {"0": 5}
    official = summarize(perf_tests).official

    def mean(side: Any) -> float:
        return sum(side["0"]) / 5

    base, patch, expert = mean(blocks.base_s), mean(blocks.candidate_s), mean(blocks.expert_s)
    harmonic, geometric = expert / patch, base / patch
    assert geometric > 1.2
    assert official["opt_base"] == 1
    assert official["opt_commit"] == (1 if harmonic > 0.95 else 0)
    assert official["score"] == 100.0 * official["opt_commit"]


@pytest.mark.evals
def test_swe_perf_is_scored_from_its_sessions(
    bench: Bench, evals_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sessions, "WARM_UP", 1)
    monkeypatch.setattr(sessions, "KEPT", 5)
    rows = [datasets.sweperf_row(bench, 20)]
    found = evaluated(tmp_path, evals_cache, bench, rows, "expert", protocol="official")
    (fast,) = found.results.values()
    assert fast.blocks is not None
    (times,) = fast.blocks.candidate_s.values()
    assert len(times) == 5
    assert fast.outcome == "faster"
    summary: Summary = summarize(found)
    score = summary.official
    assert (score["apply"], score["correctness"]) == (1.0, 1.0)
    # Every patched session is far below every base session, so the gain is near its most.
    assert 0.7 < score["performance"] <= 1.0
    # The authors' sessions halve the time: at 0.49 the test still tells them apart.
    assert score["human_total_performance"] == pytest.approx(0.487, abs=0.02)
    assert score["human_performance"] == score["human_total_performance"]
