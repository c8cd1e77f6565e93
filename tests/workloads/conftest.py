"""A small library in several versions, and the pieces to launch a workload against it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent.repos.environment.environment import Environment
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

MakeTree = Callable[..., Path]
MakeTarget = Callable[..., Target]

SQUARES = """
def squares(count):
    out = []
    for number in range(count):
        out.append(number * number)
    return out


def fail(message="no such thing"):
    raise LookupError(message)
"""


@pytest.fixture
def make_tree(tmp_path: Path) -> MakeTree:
    """Return a function that lays out a tree with the package `shapes` and further files."""

    def make(name: str = "base", code: str = SQUARES, **files: str) -> Path:
        tree = tmp_path / "trees" / name
        (tree / "shapes").mkdir(parents=True)
        (tree / "shapes" / "__init__.py").write_text("from .core import squares, fail\n")
        (tree / "shapes" / "core.py").write_text(code)
        for stem, text in files.items():
            (tree / f"{stem}.py").write_text(text)
        return tree

    return make


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Return an environment around this interpreter, in which the package is not installed."""
    return Environment(
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


@pytest.fixture
def make_target(tmp_path: Path, environment: Environment) -> MakeTarget:
    """Return a function that makes a target of a workload argument or a script's text."""

    def make(argument: str = "", *, script: str | None = None, timeout_s: float = 60.0) -> Target:
        if script is not None:
            path = tmp_path / "scripts" / "job.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(script)
            argument = str(path)
        workload = parse_workload(argument, repo_path=None, timeout_s=timeout_s)
        return Target(workload=workload, environment=environment)

    return make
