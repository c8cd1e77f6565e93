"""The main job on a small repository, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perfagent.reports.record import RunRecord
from perfagent.tests.reports.test_schema import check
from perfagent.tests.shop import FAST_PAIRS, PAIRS, Shop, git, snapshot


def test_offline_run_finds_the_quadratic_function_and_leaves_the_repository_alone(shop: Shop):
    (shop.repo / "deliveries" / "pairs.py").write_text(PAIRS + "\n# being edited\n")
    (shop.repo / "untracked.txt").write_text("mine")
    before = snapshot(shop.repo)

    answer = shop.optimize("--out", str(shop.folder / "run"), "--max-rounds", "2")

    assert answer.status == 0, answer.err
    record = answer.record
    assert record["spend"]["rounds"] == 2, "the loop goes on after a gain"
    assert record["outcome"] == "accepted"
    assert record["speedup"]["ci_low"] > 1.5
    assert record["patch"]["files"] == ["deliveries/pairs.py"]
    assert record["suite"]["passed"] == 3
    assert any("uncommitted" in note for note in record["notes"])
    assert snapshot(shop.repo) == before


def test_run_directory_holds_everything_the_documentation_lists(shop: Shop):
    run = shop.folder / "run"
    shop.optimize("--out", str(run))

    names = {path.name for path in run.iterdir()}
    assert {
        "patch.diff",
        "report.html",
        "report.json",
        "report.md",
        "trajectory.jsonl",
        "profile-before.speedscope.json",
        "profile-after.speedscope.json",
        "profile-before.collapsed.txt",
        "profile-after.collapsed.txt",
        "samples",
    } <= names
    assert "work" not in names, "worktrees are removed when the run ends"
    final = json.loads((run / "samples" / "final.json").read_text())
    assert len(final["trial"]["comparison"]["samples"]["baseline"]["values"]) >= 5
    git(shop.repo, "apply", "--check", str(run / "patch.diff"))
    record = json.loads((run / "report.json").read_text())
    check(record)
    assert_every_trial_has_its_time(record)
    assert RunRecord(record).hotspots[0].source.startswith("def ")


def assert_every_trial_has_its_time(record: dict[str, Any]) -> None:
    for candidate in record["candidates"]:
        stages = [stage["stage"] for stage in candidate["stages"]]
        assert stages == record["gate"][: len(stages)]
        assert stages[-1] == candidate["stage"]
        assert 0 < candidate["from_s"] < candidate["to_s"] <= record["seconds"]["total"]


def test_expert_commit_gives_a_speedup_ratio_near_one_for_the_same_idea(shop: Shop):
    (shop.repo / "deliveries" / "pairs.py").write_text(FAST_PAIRS)
    git(shop.repo, "commit", "--quiet", "--all", "--message", "expert")

    answer = shop.optimize("--rev", "HEAD~1", "--expert", "HEAD")

    assert answer.status == 0, answer.err
    expert = answer.record["expert"]
    assert expert["speedup"] > 1.5
    assert 0.5 < expert["speedup_ratio"] < 2


def test_nothing_to_gain_is_said_honestly_with_status_1(shop: Shop):
    (shop.repo / "deliveries" / "pairs.py").write_text(FAST_PAIRS)
    git(shop.repo, "commit", "--quiet", "--all", "--message", "already fast")
    shop.workload.write_text(
        "from deliveries.pairs import total\n\n"
        "def workload():\n    return total(range(3_000_000))\n"
    )

    answer = shop.optimize("--expert", "HEAD~1")

    assert answer.status == 1, answer.err
    assert answer.record["outcome"] in ("no_improvement", "inconclusive")
    expert = answer.record["expert"]
    assert 0.5 < expert["speedup"] < 2, "the expert is measured all the same"
    assert expert["speedup_ratio"] is None, "there is no patch to compare with it"
    assert answer.record["patch"] is None
    assert not (Path(answer.record["directory"]) / "patch.diff").exists()


def test_finished_run_is_listed_shown_and_not_run_again(shop: Shop):
    record = shop.optimize().record

    listed = shop.perfagent("runs", "--json")
    assert [run["run_id"] for run in json.loads(listed.out)] == [record["run_id"]]
    assert record["sentence"].split(",")[0] in shop.perfagent("show", record["run_id"]).out
    again = shop.perfagent("resume", record["run_id"], "--json")
    assert again.record["speedup"] == record["speedup"]


def test_measure_accepts_the_right_patch_and_names_the_stage_that_stops_a_wrong_one(shop: Shop):
    target = shop.repo / "deliveries" / "pairs.py"
    common = (str(shop.repo), str(shop.workload), "--json", "--max-pairs", "5")
    common = (*common, "--python", shop.argv()[0])

    target.write_text(FAST_PAIRS)
    patch = shop.folder / "fast.diff"
    patch.write_text(git(shop.repo, "diff"))
    right = shop.perfagent("measure", *common, "--patch", str(patch))
    assert (right.status, right.record["outcome"]) == (0, "accepted"), right.err

    target.write_text(PAIRS.replace("return [number", "return [-number"))
    patch.write_text(git(shop.repo, "diff"))
    wrong = shop.perfagent("measure", *common, "--patch", str(patch))
    assert wrong.status == 1
    assert wrong.record["candidates"][0]["stage"] == "covering tests"
    assert "test_shared_keeps_order" in wrong.record["candidates"][0]["reason"]


def test_profile_names_the_hot_function_first(shop: Shop):
    answer = shop.perfagent(
        "profile", str(shop.repo), str(shop.workload), "--python", shop.argv()[0], "--json"
    )

    assert answer.status == 0, answer.err
    first = json.loads(answer.out)["hotspots"][0]
    assert first["function"] == "shared"
    assert first["total_share"] > 0.8


@pytest.mark.parametrize("workload", ["pytest:tests/test_slow.py::test_slow", "python:slow:main"])
@pytest.mark.long
def test_every_kind_of_workload_can_be_measured(shop: Shop, workload: str):
    (shop.repo / "slow.py").write_text(
        "from deliveries.pairs import shared\n\n\n"
        "def main():\n    return len(shared(list(range(4000)), list(range(4000))))\n"
    )
    (shop.repo / "tests" / "test_slow.py").write_text(
        "import slow\n\n\ndef test_slow():\n    assert slow.main() == 4000\n"
    )
    git(shop.repo, "add", "--all")
    git(shop.repo, "commit", "--quiet", "--message", "slow")
    (shop.repo / "deliveries" / "pairs.py").write_text(FAST_PAIRS)
    patch = shop.folder / "fast.diff"
    patch.write_text(git(shop.repo, "diff"))

    answer = shop.perfagent(
        "measure",
        str(shop.repo),
        workload,
        "--json",
        "--python",
        shop.argv()[0],
        "--patch",
        str(patch),
        "--max-pairs",
        "5",
    )

    assert answer.status == 0, answer.err
    assert answer.record["speedup"]["speedup"] > 2
