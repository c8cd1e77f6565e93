"""Tests as workloads: what of a test is timed, and what is said when it does not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import TIMED_REGION, LaunchPlan, launch

from .conftest import MakeTarget, MakeTree

TESTS = """
import asyncio
import time
import unittest

import pytest

from shapes import squares


@pytest.fixture
def slow_fixture():
    time.sleep(0.2)
    return 100


def test_plain(slow_fixture):
    squares(slow_fixture)


@pytest.mark.benchmark(group="squares")
def test_benchmark(benchmark):
    time.sleep(0.2)
    assert benchmark(squares, count=20)[-1] == 361


def test_pedantic(benchmark):
    done = []
    result = benchmark.pedantic(
        lambda size: squares(size), setup=lambda: ((10,), {}), rounds=3,
        teardown=lambda: done.append(1),
    )
    assert result[-1] == 81 and done and benchmark.extra_info == {}


class Old(unittest.TestCase):
    def setUp(self):
        self.size = 30

    def test_old(self):
        self.assertEqual(len(squares(self.size)), 30)


@pytest.mark.parametrize("size", [3, 4])
def test_sizes(size):
    assert len(squares(size)) == size


def test_fails():
    assert squares(2) == [0, 2]


@pytest.mark.skip(reason="not today")
def test_skipped():
    pass
"""

NODE = "pytest:test_shapes.py::"


@pytest.mark.parametrize("test", ["test_plain", "Old::test_old", "test_sizes"])
def test_the_call_of_a_test_is_timed_without_its_fixtures(
    make_tree: MakeTree, make_target: MakeTarget, test: str
) -> None:
    made = launch(make_target(NODE + test), make_tree(test_shapes=TESTS), LaunchPlan(loops=2))
    assert made.cold_s > 0
    assert len(made.warm_s) == 2
    if test == "test_plain":
        assert made.cold_s < 0.2 <= made.setup_s
        assert min(made.warm_s) < 0.2
    assert made.modules["shapes.core"].path == "shapes/core.py"


@pytest.mark.parametrize("test", ["test_benchmark", "test_pedantic"])
def test_of_a_benchmark_only_the_benchmarked_function_is_timed(
    make_tree: MakeTree, make_target: MakeTarget, test: str
) -> None:
    plan = LaunchPlan(loops=300, capture_answer=True)
    made = launch(make_target(NODE + test), make_tree(test_shapes=TESTS), plan)
    assert 0 < made.cold_s < 0.2
    assert len(made.warm_s) == 20
    assert made.answer is not None
    assert set(made.answer["parts"]) == {"benchmark result 1", "outcomes"}


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ("test_shapes.py::test_fails", "test_shapes.py::test_fails fails in its call"),
        ("test_shapes.py::test_skipped", "test_shapes.py::test_skipped is skipped"),
        ("test_shapes.py::test_none", "pytest found no test test_shapes.py::test_none"),
        ("test_broken.py", "test_broken.py cannot be collected"),
    ],
)
def test_a_test_that_does_not_pass_is_no_workload(
    make_tree: MakeTree, make_target: MakeTarget, node: str, message: str
) -> None:
    tree = make_tree(test_shapes=TESTS, test_broken="import no_such_module\n")
    with pytest.raises(WorkloadFailed) as caught:
        launch(make_target("pytest:" + node), tree)
    assert caught.value.summary.startswith(message)


def test_a_profiler_sees_the_call_of_a_test(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    session = tmp_path / "session.json"
    plan = LaunchPlan(repeat_for_s=0.2, pyinstrument=session)
    slow = TESTS.replace("squares(slow_fixture)", "squares(100_000)")
    launch(make_target(NODE + "test_plain"), make_tree(test_shapes=slow), plan)
    recorded = session.read_text()
    assert TIMED_REGION in recorded
    assert "squares" in recorded


def test_options_of_a_plugin_that_is_switched_off_are_left_out(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree(test_shapes=TESTS)
    (tree / "pytest.ini").write_text("[pytest]\naddopts = -n 2 --strict-markers\n")
    assert launch(make_target(NODE + "test_benchmark"), tree).cold_s > 0
