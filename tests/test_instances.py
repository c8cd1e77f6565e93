"""The trial on a benchmark's instances: what it runs, and the score it makes of its records."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"

ROW = {
    "instance_id": "org__lib-1",
    "base_commit": "a" * 40,
    "expert_commit": "b" * 40,
    "covering_tests": ["tests/test_a.py", "tests/b c"],
    "python": "3.11",
    "install": ["numpy==1.26.4", "setuptools<81"],
    "workload": "def workload(): ...\n",
}


@pytest.fixture(scope="module")
def instances():
    """Return a function that gives a module of the trial, which is no part of the package."""
    name = "instances_under_test"
    spec = importlib.util.spec_from_loader(name, None, is_package=True)
    assert spec is not None
    sys.modules[name] = package = importlib.util.module_from_spec(spec)
    package.__path__ = [str(BENCHMARKS)]
    yield lambda stem: importlib.import_module(f"{name}.instances.{stem}")
    for loaded in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[loaded]


def record(name="org__lib-1", outcome="no_improvement", expert=None, **changes):
    report = {
        "schema_version": 2,
        "outcome": outcome,
        "workload": {"name": "w.py", "metric": "wall", "baseline_s": 0.2},
        "speedup": None,
        "expert": expert,
        "suite": {"of": "base", "passed": 9, "failed": 0, "flaky": [], "failing_before": ["t"]},
        "hotspots": [],
        "candidates": [],
    } | changes
    machine = {"processor": "P", "cores": 2, "system": "S"}
    return {"name": name, "seconds": 61.0, "machine": machine, "report": report}


def test_an_instance_is_run_from_its_base_beside_its_expert(instances, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROW) + "\n")
    (found,) = instances("dataset").read_instances(path, tmp_path / "clone", tmp_path / "scripts")
    repo, script, *options = found.arguments()
    assert repo == f"{tmp_path}/clone@{'a' * 40}"
    assert Path(script).read_text() == ROW["workload"]
    assert f"--expert={'b' * 40}" in options
    assert "--install=python -m pip -q install wheel numpy==1.26.4 'setuptools<81'" in options
    assert "--tests=tests/test_a.py 'tests/b c'" in options


def test_without_a_patch_the_ratio_is_one_over_the_experts_speedup(instances):
    ratio = instances("score").ratio_of(record(expert={"speedup": 4, "ci_low": 2, "ci_high": 5}))
    assert (ratio.value, ratio.low, ratio.high) == (0.25, 0.2, 0.5)
    assert instances("score").ratio_of(record()) is None


def test_the_score_is_the_harmonic_mean_with_an_interval_of_instances_and_noise(instances):
    score = instances("score")
    ratios = [score.Ratio(value=each, low=None, high=None) for each in (1.0, 0.5, 0.25)]
    found = score.overall(ratios)
    assert found.value == pytest.approx(3 / 7)
    assert found.low == pytest.approx(0.25)
    assert found.high == pytest.approx(1.0)
    # Instances that are alike differ by their measurement alone, of two by a root of two less.
    alike = score.overall([score.Ratio(value=0.5, low=0.4, high=0.625)] * 2)
    assert alike.low == pytest.approx(0.5 * 0.8 ** (1 / 2**0.5), rel=0.03)
    assert alike.high == pytest.approx(0.5 * 1.25 ** (1 / 2**0.5), rel=0.03)
    assert score.overall([]) is None


def test_every_run_is_in_the_table_with_its_verdict_or_the_lack_of_one(instances):
    measured = {"speedup": 4.0, "ci_low": 3.9, "ci_high": 4.1}
    ratio = {"speedup_ratio": 0.5, "speedup_ratio_ci_low": 0.4, "speedup_ratio_ci_high": 0.6}
    gain = {"speedup": 2.0, "ci_low": 1.9, "ci_high": 2.1, "confidence": 0.95, "pairs": 9}
    crashed = {"name": "c", "seconds": 2.0, "failure": "no | disk"}
    text = instances("report").instances_report(
        {
            "a": record("a", "accepted", measured | ratio, speedup=gain),
            "b": record("b", expert=measured),
            "c": crashed,
        }
    )
    assert "- Runs: 3, of which 2 came to a verdict: 1 accepted, 1 no improvement, 0" in text
    assert "| accepted | 2 (1.9 to 2.1) | 4 (3.9 to 4.1) | 0.5 (0.4 to 0.6) | 9 passed, 1" in text
    assert "| no improvement | 1 | 4 (3.9 to 4.1) | 0.25 (0.244 to 0.256) |" in text
    assert "| **no verdict** |" in text
    assert "- SR, harmonic mean of 2: 0.333 (" in text


def test_the_report_is_current(instances):
    """`python -m benchmarks.instances --report-only` brings it up to date."""
    folder = BENCHMARKS / "data" / "instances"
    records = {each.stem: json.loads(each.read_text()) for each in folder.glob("*.json")}
    text = instances("report").instances_report(records)
    assert (BENCHMARKS / "instances.md").read_text(encoding="utf-8") == text
