"""How often a workload runs given lines: a fast path that is never taken shows."""

from __future__ import annotations

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.reach import count_reached

from .conftest import MakeTarget, MakeTree

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


@pytest.mark.parametrize(
    "script",
    [
        "from shapes import squares\n\n\ndef workload():\n    return squares(5)\n",
        "import shapes\nshapes.squares(5)\n",
    ],
    ids=["a function", "a whole script"],
)
def test_lines_and_entries_are_counted_and_a_path_not_taken_is_missing(
    make_tree: MakeTree, make_target: MakeTarget, script: str
):
    reached = count_reached(make_target(script=script), make_tree(code=CODE), WANTED)
    whole = "def workload" not in script  # import is part of what is timed then
    assert reached.lines[CORE, 9] == (7 if whole else 5)
    assert reached.entries[CORE, 4] == (2 if whole else 1)
    assert (CORE, 6) not in reached.lines
    assert (CORE, 13) not in reached.entries
    assert reached.lines_before.get((CORE, 9), 0) == (0 if whole else 2)
    assert reached.is_all


def test_threads_count_too(make_tree: MakeTree, make_target: MakeTarget):
    script = (
        "import threading\nfrom shapes import squares\n\n\ndef workload():\n"
        "    thread = threading.Thread(target=squares, args=(4,))\n"
        "    thread.start()\n    thread.join()\n"
    )
    reached = count_reached(make_target(script=script), make_tree(code=CODE), WANTED)
    assert reached.lines[CORE, 9] == 4


def test_a_pytest_workload_is_counted(make_tree: MakeTree, make_target: MakeTarget):
    tests = "from shapes import squares\n\n\ndef test_one():\n    assert squares(3)\n"
    tree = make_tree(code=CODE, test_it=tests)
    reached = count_reached(make_target("pytest:test_it.py::test_one"), tree, WANTED)
    assert reached.lines[CORE, 9] == 3


def test_a_command_is_refused_and_a_failing_workload_says_why(
    make_tree: MakeTree, make_target: MakeTarget
):
    tree = make_tree(code=CODE)
    with pytest.raises(WorkloadFailed, match="a command runs are not counted"):
        count_reached(make_target("cmd:true"), tree, WANTED)
    script = "from shapes import fail\n\n\ndef workload():\n    fail('so it is')\n"
    with pytest.raises(WorkloadFailed, match="so it is"):
        count_reached(make_target(script=script), tree, WANTED)
