"""What a repository offers to time, read from its files, and what is written for it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from perfagent.agent.init.asv import asv_offers
from perfagent.agent.init.files import file_text, questions, write_files
from perfagent.agent.init.in_tests import benchmark_offers, slow_test_offers
from perfagent.agent.init.offer import Offer, Tried
from perfagent.agent.init.scripts import drafts, script_offers
from perfagent.agent.init.survey import Survey
from perfagent.errors import UserError
from perfagent.repos.commands.process import CommandResult
from perfagent.repos.suite.report import SuiteReport, listen, make_report
from perfagent.workloads.script import parse_script

SUITE = SuiteReport(passed=("a", "b"), duration_s=4.0, command="pytest")


def write(tree: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tree


ASV = {
    "asv.conf.json": '{\n // a comment\n "benchmark_dir": "bench",\n}\n',
    "bench/__init__.py": "",
    "bench/common.py": "SIZE = 3\n",
    "bench/sums.py": "from .common import SIZE\n\n\nclass Sums:\n    params = [[1, 20], [2]]\n\n"
    "    def setup(self, n, m):\n        self.numbers = list(range(n * m * SIZE))\n\n"
    "    def time_sum(self, n, m):\n        return sum(self.numbers)\n\n"
    "    def mem_sum(self, n, m):\n        return 1\n\n\n"
    "class Cached:\n    def setup_cache(self):\n        return 1\n\n"
    "    def time_it(self, one):\n        pass\n\n\n"
    "def time_plain():\n    return 7\n",
}


def test_asv_benchmarks_become_scripts_that_run_them(tmp_path: Path):
    tree = write(tmp_path, ASV)
    offers = {offer.source: offer for offer in asv_offers(tree)}
    assert set(offers) == {"bench/sums.py:Sums.time_sum", "bench/sums.py:time_plain"}
    for source, answer in (("Sums.time_sum", sum(range(120))), ("time_plain", 7)):
        text = offers[f"bench/sums.py:{source}"].text
        assert parse_script(text, "x").has_workload
        done = subprocess.run(
            [sys.executable, "-c", f"{text}\nsetup()\nprint(workload())"],
            cwd=tree, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == str(answer)


def test_a_benchmark_folder_outside_the_tree_is_left_alone(tmp_path: Path):
    write(tmp_path, {"b/x.py": "def time_x(): pass\n"})
    tree = write(tmp_path / "tree", {"asv.conf.json": json.dumps({"benchmark_dir": "../b"})})
    assert asv_offers(tree) == []


def test_tests_with_the_fixture_or_the_mark_are_benchmarks(tmp_path: Path):
    text = (
        "import pytest\n\n\ndef test_one(benchmark):\n    benchmark(len, [])\n\n\n"
        "def test_plain():\n    '''no benchmark'''\n\n\n"
        "@pytest.mark.benchmark\ndef test_marked():\n    pass\n\n\n"
        "class TestMany:\n    def test_in_class(self, benchmark):\n        pass\n"
    )
    tree = write(tmp_path, {"tests/test_speed.py": text, "tests/broken_test.py": "benchmark ("})
    assert [offer.argument for offer in benchmark_offers(tree)] == [
        "pytest:tests/test_speed.py::test_one",
        "pytest:tests/test_speed.py::test_marked",
        "pytest:tests/test_speed.py::TestMany::test_in_class",
    ]


def test_slow_tests_are_offered_slowest_first():
    found = slow_test_offers({"t.py::a": 0.3, "t.py::b": 2.0, "t.py::c": 0.001})
    assert [offer.argument for offer in found] == ["pytest:t.py::b", "pytest:t.py::a"]


def test_scripts_that_want_arguments_are_not_offered(tmp_path: Path):
    tree = write(
        tmp_path,
        {
            "benchmarks/good.py": "def workload():\n    return 1\n",
            "benchmarks/wants.py": "import argparse\nif __name__ == '__main__':\n    pass\n",
            "benchmarks/library.py": "X = 1\n",
        },
    )
    assert [offer.argument for offer in script_offers(tree)] == ["benchmarks/good.py"]


def test_readme_examples_of_the_package_are_drafted(tmp_path: Path):
    readme = (
        "```python\nimport shop\nshop.buy(1)\n```\n```python\nimport other\n```\n"
        "```python\n>>> import shop\n>>> shop.sell(2)\n3\n```\n```python\nfrom shop import *\n```\n"
    )
    found = drafts(write(tmp_path, {"README.md": readme}), ("shop",))
    assert [offer.source for offer in found] == ["example 1 of README", "example 3 of README"]
    assert "            shop.sell(2)\n" in found[1].text.replace("        shop", "            shop")
    assert "3" not in found[1].text.splitlines()[-1]


def test_a_report_says_how_long_tests_took_that_passed():
    told = [
        ["collected", ["t.py::a", "t.py::b"]],
        ["took", 0, 0.5],
        ["outcome", 0, "passed", None],
        ["took", 1, 0.7],
        ["outcome", 1, "errored", "its fixture broke afterwards"],
        ["finish", 1],
    ]
    heard = listen("".join(f"n {json.dumps(line)}\n" for line in told).encode(), "n")
    done = CommandResult(
        argv=("pytest",), returncode=1, stdout="", stderr="", duration_s=2.0, timed_out=False,
        truncated=False, cpu_s=None, peak_rss_bytes=None,
    )  # fmt: skip
    assert make_report(done, heard, [], 60.0).durations == {"t.py::a": 0.5}


def surveyed(*tried: Tried, suite: SuiteReport | None = SUITE) -> Survey:
    return Survey(suite=suite, offered={}, tried=tried)


OFFER = Offer(name="sums", kind="asv", argument="sums.py", source="bench/sums.py", text="X = 1\n")
GOOD = Tried(offer=OFFER, seconds=0.4)


def test_the_file_says_what_the_user_said_and_what_runs():
    text = file_text(".", surveyed(GOOD), {"tests": "tests/unit", "install": ["pip install ."]})
    assert tomllib.loads(text) == {
        "tests": "tests/unit",
        "install": ["pip install ."],
        "suite_timeout_s": 60,
        "workload_timeout_s": 60,
    }
    assert "#   perfagent optimize . perfagent_workloads/sums.py   # 0.4 s, asv" in text


def test_files_that_are_there_are_replaced_only_when_asked(tmp_path: Path):
    written = write_files(tmp_path, "x = 1\n", surveyed(GOOD), force=False)
    assert [path.name for path in written] == ["perfagent.toml", "sums.py"]
    with pytest.raises(UserError, match=r"perfagent.toml, sums.py is there already: --force"):
        write_files(tmp_path, "x = 2\n", surveyed(GOOD), force=False)
    write_files(tmp_path, "x = 2\n", surveyed(GOOD), force=True)
    assert (tmp_path / "perfagent.toml").read_text() == "x = 2\n"


def test_no_question_is_asked_where_all_is_known():
    assert questions(surveyed(GOOD), no_tests=False) == []


@pytest.mark.parametrize(
    ("suite", "start"),
    [
        (SuiteReport(duration_s=1, command="x", problem="no module named x"), "how are the tests"),
        (SuiteReport(duration_s=1, command="x"), "where are the tests?"),
        (SuiteReport(duration_s=1, command="x", passed=("a",), failed=("b", "c")), "what do the"),
    ],
)
def test_a_suite_that_does_not_work_is_asked_about(suite: SuiteReport, start: str):
    (asked,) = questions(surveyed(GOOD, suite=suite), no_tests=False)
    assert asked.startswith(start)
    assert questions(surveyed(GOOD, suite=suite), no_tests=True) == []


def test_without_a_workload_the_user_is_asked_for_one_and_told_what_failed():
    short = Tried(offer=OFFER, seconds=0.001)
    failed = Tried(offer=OFFER, seconds=None, problem="ImportError: x")
    (asked,) = questions(surveyed(short, failed), no_tests=False)
    assert asked.startswith("what is to become faster?")
    assert "ImportError: x" in asked
    assert "0.001 s at most" in asked
