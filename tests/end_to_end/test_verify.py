"""The evidence of a real run, as somebody who doubts it goes about it."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perfagent.tests.shop import PYTEST_INI, Answer, Shop, git, write_repo

# The patch leaves a tenth of 100 ms. They are slept, so the ratio is the same on a machine whose
# speed changes from minute to minute.
STOCK = '''"""Counting what is in store."""

import time


def counted(numbers):
    """Return the sum of the squares."""
    for _ in range(10):
        time.sleep(0.01)
    return sum(number * number for number in numbers)
'''
FASTER = STOCK.replace("range(10)", "range(1)")
WORKLOAD = "from stock import counted\n\n\ndef workload():\n    return counted(range(1_000))\n"
TEST = "from stock import counted\n\n\ndef test_counted():\n    assert counted([1, 2]) == 5\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patched:
        made = tmp_path_factory.mktemp("verify")
        patched.setenv("HOME", str(made))
        for who in ("AUTHOR", "COMMITTER"):
            patched.setenv(f"GIT_{who}_NAME", "A Tester")
            patched.setenv(f"GIT_{who}_EMAIL", "tester@example.org")
        yield made


@pytest.fixture(scope="module")
def measured(home: Path, shared_cache: Path) -> Shop:
    """A shop in which a patch was measured: its run is in the folder `run`."""
    repo = home / "stock"
    repo.mkdir()
    write_repo(repo, {"stock.py": STOCK, "tests/test_stock.py": TEST, "pytest.ini": PYTEST_INI})
    (repo / "stock.py").write_text(FASTER)
    patch = home / "faster.diff"
    patch.write_text(git(repo, "diff"))
    git(repo, "checkout", "--quiet", "--", ".")
    workload = home / "counting.py"
    workload.write_text(WORKLOAD)
    environ = {
        **os.environ,
        "PERFAGENT_CACHE_DIR": str(shared_cache),
        "PERFAGENT_STATE_DIR": str(home / "state"),
        "COLUMNS": "120",
    }
    shop = Shop(home, repo, workload, environ)
    done = shop.perfagent(
        *("measure", str(repo), str(workload), "--json", "--patch", str(patch)),
        *("--python", sys.prefix, "--max-pairs", "5", "--out", str(home / "run")),
    )
    assert done.status == 0, done.err
    return shop


def evidence(shop: Shop) -> dict[str, Any]:
    return json.loads((shop.folder / "run" / "evidence.json").read_text())


def failing(answer: Answer) -> list[str]:
    return [check["what"] for check in json.loads(answer.out)["checks"] if not check["ok"]]


def test_evidence_of_a_run_is_verified_by_its_file_its_folder_and_its_id(measured: Shop):
    run = measured.folder / "run"
    run_id = json.loads((run / "report.json").read_text())["run_id"]

    for name in (str(run / "evidence.json"), str(run), run_id):
        answer = measured.perfagent("verify", name)
        assert answer.status == 0, answer.out + answer.err
        assert "the evidence holds: accepted" in answer.out
        assert "FAIL" not in answer.out
    assert f"perfagent verify {run_id}" in (run / "report.md").read_text().splitlines()[-1]


def test_evidence_is_whole_and_tells_nothing_of_this_machine_but_what_it_is(measured: Shop):
    found = evidence(measured)
    text = json.dumps(found)

    assert [each["name"].split("/")[0] for each in found["samples"]] == ["gate", "final"]
    assert found["target"]["base"]["name"] == "stock"
    assert found["suite"]["passed"] == 1
    assert any(package.startswith("pytest==") for package in found["environment"]["packages"])
    for private in (measured.folder, Path(sys.prefix), measured.environ["PERFAGENT_CACHE_DIR"]):
        assert str(private) not in text


def test_a_changed_sample_is_named_and_gives_status_1(measured: Shop, tmp_path: Path):
    found = evidence(measured)
    found["samples"][-1]["samples"]["candidate"]["values"][0] *= 0.5
    changed = tmp_path / "evidence.json"
    changed.write_text(json.dumps(found))

    answer = measured.perfagent("verify", str(changed), "--json")

    assert answer.status == 1
    assert {"samples", "samples of final"} <= set(failing(answer))
    again = measured.perfagent("verify", str(changed), "--rerun")
    assert again.status == 1
    assert "not measured again" in again.out


def test_another_patch_beside_the_evidence_is_not_taken_for_the_one_measured(
    measured: Shop, tmp_path: Path
):
    copied = shutil.copytree(measured.folder / "run", tmp_path / "copied")
    (copied / "patch.diff").write_text("another\n")

    answer = measured.perfagent("verify", str(copied), "--json")

    assert (answer.status, failing(answer)) == (1, ["patch.diff"])


def test_a_patch_that_is_slower_leaves_evidence_of_that(measured: Shop):
    patch = measured.folder / "slower.diff"
    (measured.repo / "stock.py").write_text(STOCK.replace("range(10)", "range(30)"))
    patch.write_text(git(measured.repo, "diff"))
    git(measured.repo, "checkout", "--quiet", "--", ".")
    run = measured.folder / "slower"

    refused = measured.perfagent(
        *("measure", str(measured.repo), str(measured.workload), "--json", "--no-tests"),
        *("--patch", str(patch), "--python", sys.prefix, "--max-pairs", "5", "--out", str(run)),
    )
    answer = measured.perfagent("verify", str(run))

    assert refused.record["outcome"] == "no_improvement"
    assert answer.status == 0, answer.out
    assert "the evidence holds: rejected, " in answer.out
    assert "x slower" in answer.out


@pytest.mark.parametrize(
    "name", ["no such run", "no-such-run", "/no/such/run", "[a", "cut.json", "run.json"]
)
def test_what_is_no_evidence_is_one_line_and_status_2(measured: Shop, tmp_path: Path, name: str):
    whole = (measured.folder / "run" / "evidence.json").read_text()
    (tmp_path / "cut.json").write_text(whole[:-200])
    (tmp_path / "run.json").write_text("{}")
    known = tmp_path / name

    answer = measured.perfagent("verify", str(known) if known.exists() else name)

    assert answer.status == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert name in answer.err


def test_evidence_without_its_repository_asks_for_one(measured: Shop, tmp_path: Path):
    moved = shutil.copy(measured.folder / "run" / "evidence.json", tmp_path)

    answer = measured.perfagent("verify", str(moved), "--rerun")

    assert answer.status == 2
    assert "--repo" in answer.err


@pytest.mark.timing
@pytest.mark.long
def test_measuring_again_elsewhere_agrees_with_the_claim(measured: Shop, tmp_path: Path):
    moved = shutil.copy(measured.folder / "run" / "evidence.json", tmp_path)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(measured.repo), str(clone))

    answer = measured.perfagent(
        *("verify", str(moved), "--rerun", "--repo", str(clone), "--python", sys.prefix, "--json")
    )

    assert answer.status == 0, answer.out + answer.err
    again = json.loads(answer.out)["rerun"]
    assert again["agrees"]
    assert again["environment"] == []
    assert (Path(again["directory"]) / "evidence.json").exists()
    assert again["findings"]["final"]["speedup"] > 1.5


def test_the_patch_of_a_run_is_audited_by_the_runs_name_alone(measured: Shop):
    done = measured.perfagent("audit", str(measured.folder / "run"), "--no-timing")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert "ok: honest" in lines
    assert lines[-1] == "no check speaks against it (15 passed, 2 not run)"


def test_an_audit_tells_each_check_that_speaks_against_a_patch(measured: Shop):
    repo = measured.repo
    (repo / "stock.py").write_text(
        FASTER.replace("import time\n", "import atexit\nimport time\n\natexit.register(print)\n")
    )
    (repo / "tests" / "test_stock.py").write_text(TEST.replace("== 5", "> 0"))
    patch = measured.folder / "trick.diff"
    patch.write_text(git(repo, "diff"))
    git(repo, "checkout", "--quiet", "--", ".")
    words = ("audit", str(patch), str(measured.workload), "--repo", str(repo), "--no-timing")
    done = measured.perfagent(*words, "--no-tests", "--python", sys.prefix, "--json")
    assert done.status == 1, done.err
    checks = {check["name"]: check for check in done.record["checks"]}
    assert "tests/test_stock.py: is part of the tests" in checks["in scope"]["evidence"]
    assert checks["honest"]["evidence"][0].startswith("stock.py:3: exit_work: uses atexit")
    assert "puts work off to the end of the process" in checks["same answer"]["reason"]
    assert done.record["holds"] is False
    assert "--no-timing" in done.record["command"]
    kept = json.loads((Path(done.record["directory"]) / "audit.json").read_text())
    assert kept["checks"] == done.record["checks"]

    plain = measured.perfagent("audit", str(patch), "--repo", str(repo))
    assert plain.status == 2
    assert "name the WORKLOAD" in plain.err
