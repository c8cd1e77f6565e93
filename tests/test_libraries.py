"""The trial on real libraries: what it runs, what it keeps, and that its document is current."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from perfagent.repos.source.ref import parse_repo
from perfagent.repos.suite.report import SuiteReport
from perfagent.tools.rewrites.catalogue import ALL

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS = ROOT / "benchmarks"
DOCUMENT = ROOT / "docs" / "rewrites.md"


@pytest.fixture(scope="module")
def libraries():
    """Return a function that gives a module of the trial, which is no part of the package."""
    name = "benchmarks_under_test"
    spec = importlib.util.spec_from_loader(name, None, is_package=True)
    assert spec is not None
    sys.modules[name] = package = importlib.util.module_from_spec(spec)
    package.__path__ = [str(BENCHMARKS)]

    def part(stem: str) -> ModuleType:
        folder, _, module = stem.rpartition("/")
        return importlib.import_module(f"{name}.{folder or 'libraries'}.{module}")

    yield part
    for loaded in [each for each in sys.modules if each.split(".")[0] == name]:
        del sys.modules[loaded]


def report(**changes):
    candidate = {
        "candidate_id": "c1",
        "round": 1,
        "origin": "rewrites/seen-set",
        "hotspot": "lib/a.py:find",
        "hypothesis": "the list `seen` grows",
        "outcome": "accepted",
        "stage": "full timing",
        "reason": "faster",
        "speedup": 1.9,
        "ci_low": 1.8,
        "ci_high": 2.0,
        "pairs": 8,
        "doubts": [],
        "evidence": ["secret"],
    }
    refused = candidate | {
        "candidate_id": "c2",
        "outcome": "rejected",
        "stage": "covering tests",
        "reason": "1 test | fails",
        "speedup": None,
        "ci_low": None,
        "ci_high": None,
    }
    return {
        "schema_version": 2,
        "outcome": "accepted",
        "stopped": "no progress",
        "command": "perfagent optimize /home/ann/lib",
        "target": {"repo": "pypi:lib==1.0", "commit": "0" * 40, "subdir": None, "expert": None},
        "workload": {"name": "w.py", "kind": "script", "metric": "wall", "baseline_s": 0.12},
        "speedup": {
            "speedup": 1.88,
            "ci_low": 1.85,
            "ci_high": 1.91,
            "confidence": 0.95,
            "pairs": 10,
            "metric": "wall",
            "baseline": 0.12,
            "candidate": 0.064,
            "baseline_values": [0.12] * 10,
        },
        "suite": {
            "of": "final patch",
            "passed": 1200,
            "failed": 0,
            "skipped": 1,
            "flaky": [],
            "failing_before": ["tests/test_a.py::test_b"],
            "seconds": 3.0,
            "command": "python -m pytest",
        },
        "expert": None,
        "patch": {"files": ["lib/a.py"], "stacked": [{"hypothesis": "the list `seen` grows"}]},
        "hotspots": [
            {"function": "find", "path": "lib/a.py", "own_share": 0.8, "total_share": 0.9}
        ],
        "candidates": [refused, candidate],
        "environment": {"version": "3.11.7", "python": "/home/ann/python"},
    } | changes


def program(tmp_path: Path, body: str) -> list[str]:
    path = tmp_path / "perfagent_stand_in.py"
    path.write_text(f"import json, pathlib, sys\n{body}\n")
    return [sys.executable, str(path)]


def a_library(libraries, **changes):
    given = {"name": "lib", "target": "pypi:lib==1.0", "kind": "text", "workload": "w.py"}
    return libraries("table").Library(**(given | changes))


def test_the_table_names_exact_releases_and_workloads_that_are_there(libraries):
    known = libraries("table").libraries()
    assert len(known) >= 16
    assert len({each.name for each in known}) == len(known)
    assert len({each.kind for each in known}) >= 14
    for each in known:
        assert parse_repo(each.target).kind == "pypi"
        assert (ROOT / "examples" / "workloads" / each.workload).is_file()


@pytest.mark.parametrize("change", [{"workloads": "x.py"}, {"workload": None}])
def test_an_entry_that_is_misspelled_is_refused(libraries, tmp_path, change):
    entry = {"name": "a", "target": "pypi:a==1", "kind": "k", "workload": "w.py"} | change
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items() if value is not None]
    path = tmp_path / "table.toml"
    path.write_text("[[library]]\n" + "\n".join(lines))
    assert tomllib.loads(path.read_text())
    with pytest.raises(TypeError):
        libraries("table").libraries(path)


def test_the_command_says_all_that_is_in_the_table(libraries):
    library = a_library(libraries, tests="tests -k 'not slow'", python="3.9", install=("a", "b"))
    assert library.arguments() == [
        "pypi:lib==1.0",
        "examples/workloads/w.py",
        "--tests=tests -k 'not slow'",
        "--python=3.9",
        "--install=a",
        "--install=b",
    ]


def test_what_was_decided_is_kept_and_what_is_private_is_not(libraries, tmp_path):
    body = (
        f"print({json.dumps(json.dumps(report()))})\n"
        "out = pathlib.Path(sys.argv[sys.argv.index('--out') + 1])\n"
        "out.mkdir()\n"
        "(out / 'patch.diff').write_text('+1')\n"
    )
    trial = libraries("trials/trial")
    record = trial.run_trial(
        a_library(libraries), tmp_path / "run", ["--max-rounds=2"], program(tmp_path, body)
    )
    assert record["status"] == 0
    assert record["patch"] == "+1"
    assert record["command"].startswith("perfagent optimize pypi:lib==1.0 examples/workloads/w.py")
    assert record["command"].endswith("--proposer rewrites --max-rounds=2")
    assert [each["outcome"] for each in record["report"]["candidates"]] == ["rejected", "accepted"]
    assert record["report"]["speedup"]["ci_low"] == 1.85
    assert str(tmp_path) not in json.dumps(record)
    assert "/home/ann" not in json.dumps(record)


def test_folders_of_the_machine_are_in_no_record(libraries, tmp_path):
    body = "sys.exit(f\"{sys.argv[sys.argv.index('--out') + 1]} is full, {pathlib.Path.home()}\")"
    record = libraries("trials/trial").run_trial(
        a_library(libraries), tmp_path / "run", [], program(tmp_path, body)
    )
    assert record["failure"] == "RUN is full, ~"


@pytest.mark.parametrize(
    "ending", ["sys.exit('no network')", "print('no network', file=sys.stderr)"]
)
def test_a_run_that_came_to_no_answer_is_kept_with_its_last_words_and_made_again(
    libraries, tmp_path, ending
):
    batch, trial = libraries("trials/batch"), libraries("trials/trial")
    main = libraries("__main__")
    args = main._arguments(["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")])
    began = []

    def outcome_of(body):
        command = program(tmp_path, body)

        def tried(library, *given):
            began.append(library.name)
            return trial.run_trial(library, *given, command)

        failed = batch.try_all([a_library(libraries)], args, tried)
        return failed, batch.read_records(tmp_path / "data")["lib"]

    failed, record = outcome_of(f"print('starting', file=sys.stderr)\n{ending}")
    assert failed == ["lib"]
    assert record["failure"] == "no network"
    failed, record = outcome_of(f"print({json.dumps(json.dumps(report()))})")
    assert failed == []
    assert record["report"]["outcome"] == "accepted"
    outcome_of("sys.exit('is not run a third time')")
    assert began == ["lib", "lib"]


def test_the_tables_say_what_was_found_and_why_it_was_refused(libraries):
    record = {
        "name": "lib",
        "at": "2026-01-02T03:04:05+00:00",
        "seconds": 61.0,
        "machine": {"processor": "P", "cores": 2, "system": "S"},
        "report": libraries("trials/trial").kept(report()),
    }
    other = a_library(libraries, name="other")
    text = libraries("report").libraries_section([a_library(libraries), other], {"lib": record})
    assert "1 library, run 2026-01-02 to 2026-01-02 on P, 2 cores, S: 1 became faster, 1" in text
    assert "**1.88x faster (95% CI 1.85-1.91)**" in text
    assert "1,200 passed, 1 set aside" in text
    assert "2, 1 accepted" in text
    accepted = text.index("| lib | seen-set | `find` | accepted | 1.90x (95% CI 1.80-2.00) |  |")
    assert text.index("rejected at covering tests |  | 1 test \\| fails |") > accepted
    assert "Without a record yet: other." in text


@pytest.mark.parametrize(
    ("patched", "said"),
    [
        ({"passed": ("a", "b"), "skipped": ("c",), "failed": ("d",)}, "same 4 outcomes, 1 flaky"),
        ({"passed": ("a", "c"), "failed": ("b", "d")}, "**2 of 4 differ**"),
        ({"passed": ("a", "new"), "skipped": ("c",), "failed": ("d",)}, "**2 of 4 differ**"),
        ({"problem": "the tests did not end within 9 s"}, "does not run: the tests did not end"),
    ],
)
def test_an_outcome_that_the_patch_changes_anywhere_in_the_suite_is_told(libraries, patched, said):
    always = {"duration_s": 1.0, "command": "pytest"}
    steady = {"skipped": ("c",), "failed": ("d",)}
    found = libraries("suites").difference(
        SuiteReport(**always, passed=("a", "b", "e"), **steady),
        SuiteReport(**always, passed=("a", "b"), errored=("e",), **steady),
        SuiteReport(**always, **patched),
    )
    assert found["flaky"] == ["e"]
    cell = libraries("report")._whole_suite({"patch": "+1", "whole_suite": found})
    assert cell.startswith(said)


def test_a_suite_in_which_no_test_is_found_proves_nothing(libraries):
    empty = SuiteReport(duration_s=1.0, command="pytest")
    assert "no test was found" in libraries("suites").difference(empty, empty, empty)["problem"]


def test_without_records_the_document_claims_nothing(libraries):
    section = libraries("report").libraries_section([a_library(libraries)], {})
    assert section == "Not measured yet.\n"


def test_a_document_without_marks_is_not_written_over(libraries):
    document = libraries("document")
    with pytest.raises(ValueError, match="marks of catalogue"):
        document.with_part("# Title\n", "catalogue", "new")


def test_the_document_is_current(libraries, tmp_path):
    """`python -m benchmarks.libraries --report-only` brings it up to date."""
    main = libraries("__main__")
    copy = tmp_path / "rewrites.md"
    copy.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    records = libraries("trials/batch").read_records(BENCHMARKS / "data" / "libraries")
    main.write_document(copy, libraries("table").libraries(), records)
    assert copy.read_text(encoding="utf-8") == DOCUMENT.read_text(encoding="utf-8")


def test_the_catalogue_has_every_rewrite_with_its_reason(libraries):
    text = libraries("catalogue").catalogue_section()
    for each in ALL:
        assert f"### {each.name}\n" in text
        assert each.summary in text
        assert each.why_right in text
