"""`perfagent eval report`: result files in, the official number and what it rests on out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perfagent.cli import app
from perfagent.tests.evals.test_gso import make_report
from perfagent.tests.evals.test_swefficiency import REPORT

run = CliRunner()


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "eval_report_agent.csv"
    path.write_text(REPORT)
    return path


def test_the_official_number_stands_beside_what_it_rests_on(csv: Path):
    printed = run.invoke(app, ["eval", "report", str(csv)])
    assert printed.exit_code == 0, printed.output
    assert f"{5 / 16.25:.4f}" in printed.output
    assert "a run that changes nothing has SR 0.27397" in printed.output
    assert "1 results have no correctness output" in printed.output


def test_a_filter_and_json(csv: Path):
    printed = run.invoke(app, ["eval", "report", str(csv), "--filter", "^a__", "--json"])
    (found,) = json.loads(printed.output)
    assert (found["name"], found["suite"], found["score"]["instances"]) == (
        "agent",
        "swefficiency",
        3,
    )


def test_the_union_of_runs(tmp_path: Path):
    paths = [
        make_report(tmp_path / f"m.{number}.json", solved=solved)
        for number, solved in ((1, ["p__p-1"]), (2, ["p__p-2"]))
    ]
    printed = run.invoke(app, ["eval", "report", *map(str, paths), "--k", "2"])
    assert "Opt@2: 20.00% solved" in printed.output
    plain = run.invoke(app, ["eval", "report", *map(str, paths), "--k", "2", "--json"])
    assert json.loads(plain.output)[-1] == {"suite": "gso", "k": 2, "opt_at_k": 0.2}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["{csv}", "--filter", "("], "no regular expression"),
        (["{csv}", "--filter", "nothing"], "does the filter fit"),
        (["{csv}", "--suite", "humaneval"], "no benchmark 'humaneval'"),
        (["{csv}", "--k", "1"], "--k is of whole GSO reports"),
        (["{csv}", "{gso}"], "different benchmarks"),
        (["/no/such.csv"], "/no/such.csv"),
        (["{folder}"], "has no evaluation and no"),
    ],
)
def test_wrong_words_are_one_line(csv: Path, tmp_path: Path, words: list[str], part: str):
    gso = make_report(tmp_path / "m.json", solved=[])
    filled = [word.format(csv=csv, gso=gso, folder=tmp_path) for word in words]
    printed = run.invoke(app, ["eval", "report", *filled])
    assert printed.exit_code == 2
    assert part in " ".join(printed.output.split())
