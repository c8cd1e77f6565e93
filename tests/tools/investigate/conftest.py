"""A small repository with some history, prepared and profiled once, and a toolbox for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from perfagent.agent.runs.run import Run
from perfagent.agent.steps.localize import find_facts, find_hotspots, take_profile
from perfagent.agent.steps.tip import tip_tree
from perfagent.agent.workbench import open_toolbox
from perfagent.errors import ToolError
from perfagent.profiles.facts.facts import CallFacts
from perfagent.profiles.profile import Profile
from perfagent.repos.suite.coverage_map import CoverageMap
from perfagent.repos.suite.report import SuiteReport
from perfagent.repos.suite.suite import BaselineSuite
from perfagent.tests.court import open_court
from perfagent.tests.shop import PYTEST_INI, git
from perfagent.tools.investigate.investigation import Investigation

WORDS = '''"""Words of lines of text."""

import re

WORD = re.compile(r"[a-z]+")
UNUSED = 3


def words(text):
    return WORD.findall(text.lower())


class Index:
    """Tells which lines hold a word."""

    def __init__(self, lines):
        self.lines = list(lines)

    def find(self, word):
        found = []
        for number, line in enumerate(self.lines):
            if word in words(line):
                found.append(number)
        return found

    def __len__(self):
        return len(self.lines)
'''
REPORT = """from shop.words import Index


def common(lines, wanted):
    index = Index(lines)
    return {word: len(index.find(word)) for word in wanted}


def rare(lines, wanted):
    return [word for word, count in common(lines, wanted).items() if not count]


class Page:
    def find(self, word):
        return word
"""
TESTS = """from shop.report import common, rare
from shop.words import Index


def test_common():
    assert common(["A b", "b c"], ["b", "x"]) == {"b": 2, "x": 0}


def test_rare():
    assert rare(["a"], ["b"]) == ["b"]


def test_length():
    assert len(Index("ab")) == 2


def test_broken_from_the_start():
    assert Index("ab").find("a") == "nothing"
"""
WORKLOAD = """from shop.report import common

LINES = [f"the {number % 7} quick brown fox number{number % 5} jumps" for number in range(400)]


def workload():
    return common(LINES, ["quick", "fox", "jumps", "dog", "the", "brown"])
"""
LONG = "".join(f"line_{number} = {number}\n" for number in range(1, 2001))
FILES = {
    "pytest.ini": PYTEST_INI,
    "shop/__init__.py": "",
    "shop/words.py": WORDS,
    "shop/report.py": REPORT,
    "shop/long.py": LONG,
    "tests/test_shop.py": TESTS,
    "notes.txt": "No code: words(line) is slow.\n",
}
EARLIER = {"shop/words.py": WORDS.replace("word in words(line)", "line.count(word)")}
FIND = """        for number, line in enumerate(self.lines):
            if word in words(line):
                found.append(number)
"""


@dataclass(frozen=True)
class Shelf:
    """A prepared run with its profile, on which toolboxes are opened."""

    run: Run
    profile: Profile
    facts: tuple[CallFacts, ...]
    repo: Path

    def open(self, name: str) -> Investigation:
        return open_toolbox(self.run, None, name, profile=self.profile, call_facts=self.facts)


Asking = Callable[..., str]


@pytest.fixture(scope="package")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("shelf")
    court = open_court(folder, FILES, WORKLOAD, earlier=EARLIER)
    git(court.repo, "checkout", "--quiet", "-b", "expert")
    (court.repo / "shop/words.py").write_text(WORDS.replace("number, line", "n, line"))
    git(court.repo, "commit", "--quiet", "--all", "--message", "what the expert did later")
    run = court.run
    tests = tuple(
        f"tests/test_shop.py::test_{name}"
        for name in ("common", "rare", "length", "broken_from_the_start")
    )
    suite = BaselineSuite(
        report=SuiteReport(duration_s=1.0, command="pytest"),
        failing=tests[3:],
        stable=tests[:3],
        contexts=None,
    )
    run.use(replace(run.prepared, baseline=suite))
    find = range(18, 24)
    bits = sum(1 << line for line in (10, 11, *find))
    run.coverage = CoverageMap(  # pyright: ignore[reportAttributeAccessIssue] a cached property
        tests=tests, files={"shop/words.py": ((bits, (0, 1, 3)), (1 << 26, (2,)))}
    )
    tree = tip_tree(run, None)
    profile = take_profile(run, "round-01", tree)
    hotspots = find_hotspots(run, "round-01", profile, tree)
    facts = find_facts(run, "round-01", hotspots[:2], tree)
    return Shelf(run=run, profile=profile, facts=facts, repo=court.repo)


@pytest.fixture
def toolbox(shelf: Shelf, request: pytest.FixtureRequest) -> Iterator[Investigation]:
    opened = shelf.open(f"t{abs(hash(request.node.name))}")
    yield opened
    opened.close()


@pytest.fixture
def ask(toolbox: Investigation) -> Asking:
    def ask(name: str, /, **arguments: object) -> str:
        return toolbox.call(name, arguments)

    return ask


@pytest.fixture
def refused(toolbox: Investigation) -> Asking:
    def refused(name: str, /, **arguments: object) -> str:
        with pytest.raises(ToolError) as caught:
            toolbox.call(name, arguments)
        return str(caught.value)

    return refused
