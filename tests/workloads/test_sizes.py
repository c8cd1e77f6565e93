"""The sizes that a script declares, and the script at one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.errors import UserError
from perfagent.workloads.launch import launch
from perfagent.workloads.sizes import at_size, declared_sizes
from perfagent.workloads.workload import Workload, parse_workload

from .conftest import MakeTarget, MakeTree

SIZED = """from shapes import fail
COUNT = 10
SIZES = (100, 20, 3.5)
def resize(size):
    global COUNT
    COUNT = size
def setup():
    return COUNT
def workload(count):
    fail(count)
"""


def script(folder: Path, text: str) -> Workload:
    path = folder / "job.py"
    path.write_text(text)
    return parse_workload(str(path))


def test_declared_sizes_come_in_order(tmp_path: Path) -> None:
    assert declared_sizes(script(tmp_path, SIZED)) == (3.5, 20, 100)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def workload():\n    pass\n", "declares no sizes"),
        (SIZED.replace("resize", "grow"), "declares no sizes"),
        (SIZED.replace("(100, 20, 3.5)", "(1, 2)"), "3 numbers above zero"),
        (SIZED.replace("(100, 20, 3.5)", "(1, 2, 0)"), "3 numbers above zero"),
        (SIZED.replace("(100, 20, 3.5)", "range(5)"), "written out"),
        (SIZED.replace("(100, 20, 3.5)", "('a', 'b', 'c')"), "3 numbers above zero"),
        (SIZED.replace("(100, 20, 3.5)", "7"), "3 numbers above zero"),
        ("print(1)\n", "script with workload()"),
    ],
)
def test_what_declares_no_sizes_is_told_how(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UserError, match="(?s)" + why.replace("(", r"\(").replace(")", r"\)")):
        declared_sizes(script(tmp_path, text))


def test_a_command_declares_no_sizes() -> None:
    with pytest.raises(UserError, match="--sweep needs"):
        declared_sizes(parse_workload("cmd:true"))


def test_the_script_runs_with_the_size_before_its_setup(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    from dataclasses import replace

    from perfagent.workloads.failure import WorkloadFailed

    target = make_target(script=SIZED)
    target = replace(target, workload=at_size(target.workload, 100))
    with pytest.raises(WorkloadFailed, match="LookupError: 100"):
        launch(target, make_tree())
