"""How often a workload runs given lines: a fast path that is never taken shows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent.profiles.facts.reached import changed_lines, count_lines, record_reach
from perfagent.repos.environment.environment import Environment
from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

CODE = """import threading


def squares(count):
    if count > 1000:
        return never(count)
    out = []
    for number in range(count):
        out.append(number * number)
    return out


def never(count):
    return [number * number for number in range(count)]


def fail(message="no such thing"):
    raise LookupError(message)


LIMIT = squares(2)
"""
WANTED = {"shapes/core.py": list(range(1, 21))}
CORE = "shapes/core.py"
CALL = "from shapes.core import squares\n\n\ndef workload():\n    return squares(5)\n"

MakeTarget = Callable[..., Target]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    tree = tmp_path / "trees" / "base"
    (tree / "shapes").mkdir(parents=True)
    (tree / "shapes" / "__init__.py").write_text("")
    (tree / "shapes" / "core.py").write_text(CODE)
    test = "from shapes.core import squares\n\n\ndef test_one():\n    assert squares(3)\n"
    (tree / "test_it.py").write_text(test)
    return tree


@pytest.fixture
def make_target(tmp_path: Path) -> MakeTarget:
    def make(argument: str = "", *, script: str = "") -> Target:
        if script:
            (tmp_path / "job.py").write_text(script)
            argument = str(tmp_path / "job.py")
        environment = Environment(
            key="test",
            python=Path(sys.executable),
            version="3.11",
            import_roots=("",),
            packages=("shapes",),
            generated=(),
            source=tmp_path,
            build=None,
            log=tmp_path / "install.log",
        )
        return Target(workload=parse_workload(argument), environment=environment)

    return make


@pytest.mark.parametrize(
    "script",
    [CALL, "import shapes.core\nshapes.core.squares(5)\n"],
    ids=["a function", "a whole script"],
)
def test_lines_are_counted_and_a_path_that_is_not_taken_shows(
    tree: Path, make_target: MakeTarget, script: str
):
    counts = count_lines(make_target(script=script), tree, WANTED)
    whole = "def workload" not in script  # import is part of what is timed then
    assert counts.in_call[CORE, 9] == (7 if whole else 5)
    assert counts.before[CORE, 9] == (0 if whole else 2)
    assert counts.in_call[CORE, 6] == 0
    assert counts.is_whole


def test_threads_count_too(tree: Path, make_target: MakeTarget):
    script = (
        "import threading\nfrom shapes.core import squares\n\n\ndef workload():\n"
        "    thread = threading.Thread(target=squares, args=(4,))\n"
        "    thread.start()\n    thread.join()\n"
    )
    assert count_lines(make_target(script=script), tree, WANTED).in_call[CORE, 9] == 4


def test_a_pytest_workload_is_counted(tree: Path, make_target: MakeTarget):
    counts = count_lines(make_target("pytest:test_it.py::test_one"), tree, WANTED)
    assert counts.in_call[CORE, 9] == 3


def test_a_command_is_refused_and_a_failing_workload_says_why(tree: Path, make_target: MakeTarget):
    with pytest.raises(WorkloadFailed, match="a command runs are not counted"):
        count_lines(make_target("cmd:true"), tree, WANTED)
    script = "from shapes.core import fail\n\n\ndef workload():\n    fail('so it is')\n"
    with pytest.raises(WorkloadFailed, match="so it is"):
        count_lines(make_target(script=script), tree, WANTED)
    reach = record_reach(make_target(script=script), tree, WANTED, workload_s=1.0)
    assert "so it is" in reach.text()


def test_changed_lines_are_told_by_function(tree: Path, make_target: MakeTarget):
    before = CODE.replace("        return never(count)\n", "        pass\n").replace(
        "* number)", ")"
    )
    lines = changed_lines({CORE: before}, {CORE: CODE, "notes.txt": "x"})
    assert lines == {CORE: [6, 9]}
    reach = record_reach(make_target(script=CALL), tree, lines, workload_s=1.0)
    assert reach.text() == (
        "Of its 2 changed lines of code 1 ran in the workload's call: "
        "`squares` 1 of 2, one of them 5 times."
    )
