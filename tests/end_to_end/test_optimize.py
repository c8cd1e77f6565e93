"""The main job on a small repository, as a user runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from perfagent.reports.record import RunRecord
from perfagent.tests.once import once
from perfagent.tests.reports.test_schema import check
from perfagent.tests.shop import FAST_PAIRS, PAIRS, Answer, Shop, git, lay_out_shop, snapshot


@dataclass(frozen=True)
class Offline:
    """A run without a key, in a working tree that is being edited, and that tree around it."""

    shop: Shop
    answer: Answer
    before: dict[str, tuple[int, bytes]]
    after: dict[str, tuple[int, bytes]]


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Offline:
    def run(folder: Path) -> Offline:
        shop = lay_out_shop(folder, shared_cache)
        (shop.repo / "deliveries" / "__init__.py").write_text("# being edited\n")
        (shop.repo / "untracked.txt").write_text("mine")
        before = snapshot(shop.repo)
        answer = shop.optimize("--max-rounds", "2", "--model", "openai:gpt-test", OPENAI_API_KEY="")
        return Offline(shop, answer, before, snapshot(shop.repo))

    return once(tmp_path_factory, "offline", run)


def test_offline_run_finds_the_quadratic_function_and_leaves_the_repository_alone(offline: Offline):
    assert offline.answer.status == 0, offline.answer.err
    record = offline.answer.record
    assert record["spend"]["rounds"] == 2, "the loop goes on after a gain"
    assert record["outcome"] == "accepted"
    assert record["speedup"]["ci_low"] > 1.5
    assert record["patch"]["files"] == ["deliveries/pairs.py"]
    assert record["suite"]["passed"] == 3
    assert any("uncommitted" in note for note in record["notes"])
    assert offline.after == offline.before


def test_without_a_key_the_rewrites_run_and_one_line_says_so(offline: Offline):
    (note,) = [note for note in offline.answer.record["notes"] if "OPENAI_API_KEY" in note]
    assert note in offline.answer.err


def test_run_directory_holds_everything_the_documentation_lists(offline: Offline):
    run = Path(offline.answer.record["directory"])

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
    git(offline.shop.repo, "apply", "--check", str(run / "patch.diff"))
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


def test_finished_run_is_listed_shown_and_not_run_again(offline: Offline):
    record, shop = offline.answer.record, offline.shop

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
