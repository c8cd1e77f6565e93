"""A guard test: it counts the same each time, passes with the fast code, fails with the slow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.guard import Guarded, Limit, guard_text, limits_between

from .conftest import MakeTarget, MakeTree

FAST = """
def squares(count):
    return [number * number for number in {0: 1}]


def fail(message="no such thing"):
    raise LookupError(message)
"""
CALL = "from shapes import squares\ndef workload():\n    squares(2000)\n"


def counts(lines: int, calls: int = 0, module: str = "a.b") -> dict[str, dict[str, int]]:
    return {module: {"lines": lines, "calls": calls}}


def test_a_limit_lies_between_the_versions() -> None:
    (limit,) = limits_between([counts(9_000), counts(9_100)], [counts(980), counts(1_000)])
    assert limit == Limit(module="a.b", what="lines", patched=1000, base=9000, allowed=3000)


def test_the_count_that_tells_the_versions_apart_more_is_taken() -> None:
    (limit,) = limits_between([counts(900, 4_000)], [counts(450, 10)])
    assert (limit.what, limit.patched, limit.base) == ("calls", 10, 4_000)


@pytest.mark.parametrize(("before", "after"), [(1000, 900), (150, 0), (1000, 1000), (500, 5000)])
def test_counts_too_close_or_too_small_make_no_limit(before: int, after: int) -> None:
    assert limits_between([counts(before)], [counts(after)]) == ()


def test_the_noisiest_launches_decide() -> None:
    assert limits_between([counts(1000), counts(1000)], [counts(100), counts(990)]) == ()


def test_the_same_work_is_counted_each_time_and_less_of_it_passes(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    slow, fast = make_tree("slow"), make_tree("fast", FAST)
    target = make_target(script=CALL)
    counting = Guarded(target=target, text=guard_text(target.workload, ("shapes",), (), ""))
    found = [counting.count(slow) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0]["shapes.core"]["lines"] > 4000  # two lines a turn
    assert found[0]["shapes.core"]["calls"] >= 2000  # list.append
    limits = limits_between(found, [counting.count(fast)])
    assert [limit.module for limit in limits] == ["shapes.core"]
    text = guard_text(target.workload, ("shapes",), limits, "Says why.")
    guarded = Guarded(target=target, text=text)
    passed, said = guarded.passes(fast)
    assert passed
    assert "shapes.core" in said
    passed, said = guarded.passes(slow)
    assert not passed
    assert "with the speedup" in said


def test_pytest_runs_the_file_and_finds_the_speedup_lost(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    target = make_target(script=CALL)
    limit = Limit(module="shapes.core", what="lines", patched=10, base=4000, allowed=200)
    file = tmp_path / "test_guard.py"
    file.write_text(guard_text(target.workload, ("shapes",), [limit], 'Says """why"""\\.'))
    for tree, status, said in (
        (make_tree("fast", FAST), 0, "1 passed"),
        (make_tree("slow"), 1, "200 are allowed (10 with the speedup, 4000 without)"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)],
            cwd=tree,
            env={"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        assert said in done.stdout


@pytest.mark.parametrize(
    "what",
    [
        {"script": "from shapes import squares\nX = 1\ndef setup():\n    return 300\n"
                   "def workload(count):\n    squares(count)\n"},
        {"script": "from shapes import squares\nif __name__ == '__main__':\n    squares(300)\n"},
        {"argument": "python:more:work"},
        {"argument": "pytest:test_it.py::test_squares"},
    ],
    ids=["setup and workload", "plain script", "function", "test"],
)  # fmt: skip
def test_every_kind_of_workload_is_counted(
    make_tree: MakeTree, make_target: MakeTarget, what: dict[str, str]
) -> None:
    call = "from shapes import squares\ndef {}():\n    squares(300)\n"
    tree = make_tree(more=call.format("work"), test_it=call.format("test_squares"))
    target = make_target(**what)
    guarded = Guarded(target=target, text=guard_text(target.workload, ("shapes",), (), ""))
    assert guarded.count(tree)["shapes.core"]["lines"] > 600


def test_a_workload_that_fails_is_no_count(make_tree: MakeTree, make_target: MakeTarget) -> None:
    target = make_target(script="from shapes import fail\ndef workload():\n    fail('broke')\n")
    guarded = Guarded(target=target, text=guard_text(target.workload, ("shapes",), (), ""))
    with pytest.raises(WorkloadFailed, match="LookupError: broke"):
        guarded.count(make_tree())


@pytest.mark.parametrize("words", ["'''", "a\\n'", '"""', "é\t\x00", "'"])
def test_any_script_is_written_as_it_is(make_target: MakeTarget, words: str) -> None:
    source = f"X = {words!r}\nY = '''a\\n'''\ndef workload():\n    pass\n# {words!r}"
    target = make_target(script=source)
    text = guard_text(target.workload, ("shapes",), (), "")
    assigned = {
        node.targets[0].id: node.value  # pyright: ignore[reportAttributeAccessIssue]
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign)
    }
    assert ast.literal_eval(assigned["WORKLOAD"]) == target.workload.text
