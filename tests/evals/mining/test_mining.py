"""A repository's history gives instances that hold, and says why the other commits do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perfagent import api
from perfagent.evals.dataset.load import load_instances
from perfagent.evals.mining.commits import candidates, is_test, speaks_of_speed
from perfagent.evals.mining.gains import Times, chosen
from perfagent.evals.mining.plain import plain_tests
from perfagent.evals.mining.script import workload_text
from perfagent.evals.official.script_blocks import timing_of
from perfagent.repos.suite.report import SuiteReport
from perfagent.tests.evals.datasets import Bench
from perfagent.tests.shop import git, write_repo
from perfagent.workloads.script import parse_script

MESSAGES = [
    ("Speed up shared", True),
    ("PERF: look numbers up in a set", True),
    ("perf(lib): look numbers up in a set", True),
    ("Optimise the parser", True),
    ("Perform the migration", False),
    ("Fix breakfast", False),
]


@pytest.mark.parametrize(("message", "fits"), MESSAGES)
def test_messages_that_speak_of_speed(message: str, fits: bool):
    assert speaks_of_speed(message) is fits


def test_a_repository_may_have_words_of_its_own():
    assert not speaks_of_speed("PI: Re-use content stream")
    assert speaks_of_speed("PI: Re-use content stream", ["OPT:", "PI:"])
    assert not speaks_of_speed("API: Re-use content stream", ["PI:"])


PATHS = [
    ("lib/tests/test_a.py", True),
    ("test_a.py", True),
    ("lib/a_test.py", True),
    ("Tests/lib/a.py", True),
    ("conftest.py", True),
    ("lib/contest.py", False),
    ("lib/attest/a.py", False),
]


@pytest.mark.parametrize(("path", "test"), PATHS)
def test_files_of_tests_are_told(path: str, test: bool):
    assert is_test(path) is test


def test_commits_that_change_nothing_are_left_out(tmp_path: Path):
    repo = tmp_path / "lib"
    repo.mkdir()
    code = "def f(x):\n    return [x]\n\n\ndef g():\n    return 1\n"
    write_repo(repo, {"lib/a.py": code, "README.md": "r", "tests/test_a.py": "", "docs/a.py": code})
    changes = [
        ("README.md", "faster\n", "Say that it is faster"),
        ("lib/a.py", code.replace("def f(x):", 'def f(x):\n    """Fast."""'), "Faster docs"),
        ("tests/test_a.py", "def test_f(): ...\n", "Faster tests"),
        ("lib/a.py", code.replace("[x]", "(x,)"), "Use less memory in f"),
        ("docs/a.py", code.replace("[x]", "(x,)"), "Faster documentation"),
        ("lib/a.py", code, "Revert it"),
    ]
    for path, text, message in changes:
        (repo / path).write_text(text)
        git(repo, "commit", "--quiet", "--all", "--message", message)
    found = list(candidates(repo / ".git", "HEAD", since=None, most=9, most_files=5))
    assert [each.functions if each else None for each, _ in found] == [
        None,
        {"lib/a.py": ("f",)},
        None,
        None,
        None,
    ]
    reasons = [why for _, why in found]
    assert "changes no code" in reasons[0]
    assert "changes no code" in reasons[2]
    assert "does anything else" in reasons[3]
    assert list(candidates(repo / ".git", "HEAD", since=None, most=1, most_files=5)) == found[:1]


CLASSES = """
import unittest
import pytest


class TestPlain:
    @classmethod
    def setup_class(cls):
        cls.made = ["class"]

    def setup_method(self, method):
        self.own = [*self.made, "method"]

    def test_it(self):
        assert self.own == ["class", "method"]
        self.own.append("used")

    def test_given(self, tmp_path): ...


class TestOld(unittest.TestCase):
    def setUp(self):
        self.own = 1

    def test_it(self):
        self.assertEqual(self.own, 1)


class TestFixture:
    @pytest.fixture(autouse=True)
    def made(self): ...

    def test_it(self): ...
"""


def report(*passed: str, **others: tuple[str, ...]) -> SuiteReport:
    return SuiteReport(passed=passed, duration_s=1.0, command="pytest", **others)


def test_tests_that_can_be_called_and_gain_are_chosen(tmp_path: Path):
    (tmp_path / "test_a.py").write_text(
        "import pytest\n\n\ndef test_plain(): ...\n\n\ndef test_given(tmp_path): ...\n\n\n"
        "@pytest.mark.usefixtures('x')\ndef test_used(): ...\n\n\n"
        "@wrapped\ndef test_wrapped(): ...\n\n\n"
        "@pytest.mark.slow\n@pytest.mark.timeout(5)\ndef test_marked(): ...\n"
    )
    names = ("plain", "given", "used", "wrapped", "gone", "marked")
    ids = [f"test_a.py::test_{name}" for name in names]
    assert plain_tests(tmp_path, report(*ids)) == [ids[0], ids[-1]]
    base = {"a": [0.1, 0.2], "b": [0.1], "c": [0.0002], "d": [0.1], "e": [1.0]}
    expert = {"a": [0.05], "b": [0.095], "c": [0.0001], "e": [0.2]}
    assert chosen(Times(base=base, expert=expert)) == ["e"]
    assert chosen(Times(base=base, expert={**expert, "e": [0.4]})) == ["e", "a"]


def run_script(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "workload.py").write_text(text)
    return subprocess.run(
        [sys.executable, "workload.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_methods_of_classes_are_called_as_pytest_would(tmp_path: Path):
    (tmp_path / "test_c.py").write_text(CLASSES)
    names = ["TestPlain::test_it", "TestPlain::test_given", "TestOld::test_it"]
    ids = [f"test_c.py::{name}" for name in [*names, "TestFixture::test_it", "TestGone::test_it"]]
    plain = plain_tests(tmp_path, report(*ids))
    assert plain == [ids[0], ids[2]]
    # Each sample begins with objects of its own, so the second call does not see the first's.
    script = workload_text(plain, {})
    done = run_script(tmp_path, script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Mean: ")
    assert run_script(tmp_path, script.replace("test.setUp()", "pass")).returncode


PARAMETERS = """
import pytest

SEEN = []


@pytest.mark.parametrize("a", (n for n in range(2)))
@pytest.mark.parametrize(("b", "c"), [(1, 2), pytest.param(3, 4, id="x")])
def test_many(a, b, c):
    SEEN.append((a, b, c))


@pytest.mark.parametrize("a", [1])
def test_more(a, tmp_path): ...


@pytest.mark.parametrize("a", [1], indirect=True)
def test_indirect(a): ...


class TestIn:
    @pytest.mark.parametrize("a,b", [[1, 2]])
    def test_both(self, a, b):
        SEEN.append(a + b)
"""


def test_parameters_are_given_as_pytest_gives_them(tmp_path: Path):
    (tmp_path / "test_p.py").write_text(PARAMETERS)
    names = ("test_many", "test_more", "test_indirect", "TestIn::test_both")
    ids = [f"test_p.py::{name}[{n}]" for name in names for n in "xy"]
    plain = plain_tests(tmp_path, report(*ids))
    assert plain == ["test_p.py::test_many", "test_p.py::TestIn::test_both"]
    spoiled = report(*ids, skipped=("test_p.py::test_many[z]",))
    assert plain_tests(tmp_path, spoiled) == ["test_p.py::TestIn::test_both"]
    seen = "\nsetup(); workload(); setup(); workload(); print(_module('test_p.py').SEEN[-5:])\n"
    done = run_script(tmp_path, workload_text(plain, {}) + seen)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1].replace("(", "[").replace(")", "]"))
    assert sorted(last[:4]) == [[0, 1, 2], [0, 3, 4], [1, 1, 2], [1, 3, 4]]
    assert last[4] == 3


def test_the_script_is_in_the_benchmarks_form():
    text = workload_text(["tests/test_a.py::test_x", "tests/test_b.py::TestY::test_y"], {})
    timing = timing_of(text)
    assert (timing.number, timing.repeat, timing.prewarm) == (1, 10, False)
    parsed = parse_script(text, "mined")
    assert parsed.has_workload
    assert parsed.has_setup
    assert '["tests/test_a.py", "test_x"],\n    ["tests/test_b.py", "TestY::test_y"]' in text


def test_the_script_brings_tests_along_that_the_base_lacks(tmp_path: Path):
    (tmp_path / "test_d.py").write_text(
        "def test_new():\n    raise AssertionError('the old one')\n"
    )
    after = "SEEN = []\n\n\ndef test_new():\n    SEEN.append('{tests}')\n"
    texts = {"test_d.py": after, "test_other.py": "of no use"}
    script = workload_text(["test_d.py::test_new"], texts)
    assert "of no use" not in script
    done = run_script(tmp_path, script + "assert len(_module('test_d.py').SEEN) == 10\n")
    assert done.returncode == 0, done.stderr


@pytest.mark.evals
def test_a_history_is_mined(bench: Bench, evals_cache: Path, tmp_path: Path):
    out = tmp_path / "found.jsonl"
    (only,) = api.mine(
        str(bench.repo),
        out,
        python=sys.prefix,
        max_pairs=5,
        cache_dir=evals_cache,
        state_dir=tmp_path / "state",
    )
    assert only.row is not None, only.reason
    (instance,) = load_instances(str(out))
    assert instance.base == bench.base
    assert set(instance.covering_tests) == {"tests/test_many.py", "tests/test_pairs.py"}
    assert json.loads(out.read_text())["speedup"] > 1.5
    assert "test_shared_of_many" in instance.workload
    assert instance.python is None  # a folder of this machine says nothing elsewhere
