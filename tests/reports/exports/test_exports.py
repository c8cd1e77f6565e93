"""Exports open in the tools that they are for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from perfagent.agent.apply import apply_patch
from perfagent.agent.runs.finished import FinishedRun
from perfagent.errors import UserError
from perfagent.profiles.views.export import speedscope as one_profile
from perfagent.reports.exports.formats import export_asv, export_text
from perfagent.reports.exports.pull_request import commit_message, title
from perfagent.tests.profiles.views.test_export import PROFILE
from perfagent.tests.reports.records import make_record
from perfagent.tests.shop import FAST_PAIRS, PAIRS, git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "A. Reader")
    git(folder, "config", "user.email", "reader@example.org")
    (folder / "pairs.py").write_text(PAIRS)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "base")
    return folder


@pytest.fixture
def run(checkout: Path, tmp_path: Path) -> FinishedRun:
    """A run that made the checkout's function linear."""
    (checkout / "pairs.py").write_text(FAST_PAIRS)
    diff = git(checkout, "diff")
    git(checkout, "checkout", "--quiet", "pairs.py")
    record = make_record(4)
    record["target"]["commit"] = git(checkout, "rev-parse", "HEAD").strip()
    return FinishedRun(path=tmp_path, record=record, diff=diff)


def tool(*words: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_pytest_benchmark_compares_base_and_patched_version(run: FinishedRun, tmp_path: Path):
    file = tmp_path / "run.json"
    file.write_text(export_text(run, "pytest-benchmark"))
    out = tool("pytest_benchmark", "compare", str(file), "--columns=median,rounds")
    rows = {line.split()[0]: line.split()[2:] for line in out.splitlines() if "render_" in line}
    base, patched = rows["render_report[base]"], rows["render_report[patched]"]
    assert base[-1] == patched[-1] == "14"
    median = sorted(run.record["speedup"]["baseline_values"])[6:8]
    assert float(base[0]) == pytest.approx(sum(median) / 2, abs=1e-3)
    assert float(base[0]) / float(patched[0]) == pytest.approx(1.74, abs=0.05)


def test_asv_publishes_both_commits(run: FinishedRun, checkout: Path, tmp_path: Path):
    apply_patch(run, checkout, message=commit_message(run.record))
    folder = tmp_path / "asv"
    export_asv(run, folder, repository=checkout, commit="HEAD")
    tool("asv", "publish", folder=folder)
    graphs = list((folder / "html" / "graphs" / "summary").glob("*.json"))
    assert [path.name for path in graphs] == ["render_report.time_workload.json"]
    points = [value for _, value in json.loads(graphs[0].read_text())]
    assert points[0] / points[1] == pytest.approx(1.74, abs=0.05)


def speedscope_schema() -> Draft7Validator:
    """The schema that speedscope's npm package ships (MIT licence)."""
    path = Path(__file__).parent / "speedscope.schema.json"
    return Draft7Validator(json.loads(path.read_text()))


@pytest.mark.parametrize("made", ["of a run", "of one profile"])
def test_speedscope_reads_profiles_by_its_own_schema(run: FinishedRun, made: str):
    text = export_text(run, "speedscope") if made == "of a run" else None
    file = json.loads(text) if text else one_profile(PROFILE, "before")
    speedscope_schema().validate(file)


def test_a_speedscope_file_holds_base_and_patched_over_one_table(run: FinishedRun):
    file = json.loads(export_text(run, "speedscope"))
    base, patched = file["profiles"]
    names = [frame["name"] for frame in file["shared"]["frames"]]
    assert names == ["render", "Layout.widths", "trim", "pad"]
    assert [names[index] for index in patched["samples"][-1]] == ["render", "trim"]
    assert base["endValue"] == sum(base["weights"]) == pytest.approx(4096 / 200)


def test_a_patch_goes_through_git(run: FinishedRun, checkout: Path, tmp_path: Path):
    file = tmp_path / "a.diff"
    file.write_text(export_text(run, "patch"))
    git(checkout, "apply", str(file))
    assert (checkout / "pairs.py").read_text() == FAST_PAIRS


def test_a_pull_request_begins_with_a_title_that_holds_the_gain(run: FinishedRun):
    first, empty, rest = export_text(run, "pr").split("\n", 2)
    assert (first, empty) == (title(run.record), "")
    assert first.startswith("render_report 1.74x faster")
    assert len(first) <= 72
    assert "## Evidence" in rest


def test_applying_commits_the_patch_and_nothing_else(run: FinishedRun, checkout: Path):
    (checkout / "mine.txt").write_text("mine")
    assert apply_patch(run, checkout, message="Faster\n") == ["pairs.py"]
    assert git(checkout, "show", "--name-only", "--format=%s|%an").split() == [
        "Faster|A.", "Reader", "pairs.py"
    ]  # fmt: skip
    assert git(checkout, "status", "--porcelain") == "?? mine.txt\n"
    with pytest.raises(UserError, match=r"is applied to .* already"):
        apply_patch(run, checkout)


def test_a_patch_that_does_not_fit_changes_nothing(run: FinishedRun, checkout: Path):
    (checkout / "pairs.py").write_text("print(1)\n")
    with pytest.raises(UserError, match=r"does not fit .*pairs.py.*git apply --3way"):
        apply_patch(run, checkout)
    assert (checkout / "pairs.py").read_text() == "print(1)\n"
    with pytest.raises(UserError, match=r"commit or put aside first .*: pairs.py"):
        apply_patch(run, checkout, message="x")


def test_what_a_run_has_not_cannot_be_exported(run: FinishedRun, checkout: Path, tmp_path: Path):
    nothing = FinishedRun(path=tmp_path, record=make_record(2, outcome="no_improvement"), diff="")
    for kind in ("patch", "pr", "pytest-benchmark"):
        with pytest.raises(UserError, match="perfagent why 20260301-101500-calm-otter"):
            export_text(nothing, kind)
    with pytest.raises(UserError, match="accepted no patch"):
        apply_patch(nothing, checkout)
    with pytest.raises(UserError, match="commit the patch"):
        export_asv(run, tmp_path / "x", repository=checkout, commit=None)
    with pytest.raises(UserError, match="has not both commits"):
        export_asv(run, tmp_path / "x", repository=checkout, commit="nowhere")


def test_no_checkout_is_said(run: FinishedRun, tmp_path: Path):
    with pytest.raises(UserError, match="no git checkout"):
        apply_patch(run, tmp_path)
