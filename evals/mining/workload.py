"""A workload made of a repository's own tests: those that a change makes faster."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeGuard

LEAST_S = 0.0005
"""Tests whose call is shorter say little."""

LEAST_GAIN = 1.1
MOST_TESTS = 5

_SCRIPT = '''"""Calls the repository's own tests that reach what the change makes faster."""

import importlib
import inspect
import pathlib
import statistics
import sys
import timeit
import unittest


def _module(path):
    package = pathlib.PurePosixPath(path).with_suffix("").parts
    folder = pathlib.Path(path).resolve().parent
    if (folder / "__init__.py").exists():
        return importlib.import_module(".".join(package))
    sys.path.insert(0, str(folder))
    return importlib.import_module(package[-1])


def _ready(path, name):
    """Return a test as a call without arguments; what a class prepares for it is done."""
    first, _, method = name.partition("::")
    found = getattr(_module(path), first)
    if not method:
        return found
    if issubclass(found, unittest.TestCase):
        found.setUpClass()
        test = found(method)
        test.setUp()
        return getattr(test, method)
    test = found()
    for hook in ("setup_class", "setup_method"):
        prepare = getattr(test, hook, None)
        if prepare is not None:
            prepare(*[None for _ in inspect.signature(prepare).parameters])
    return getattr(test, method)


TESTS = {tests}
CALLS = []


def setup():
    CALLS[:] = [_ready(path, name) for path, name in TESTS]


def workload():
    for call in CALLS:
        call()


runtimes = timeit.repeat(workload, number=1, repeat=10, setup=setup)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
'''


def plain_tests(tree: Path, node_ids: Sequence[str]) -> list[str]:
    """Return those tests that can be called as they are.

    These are functions without arguments or marks, and such methods of a class at the top of its
    file, which is made and prepared as pytest does it.
    """
    texts = {node_id.partition("::")[0] for node_id in node_ids}
    plain = {f"{path}::{name}" for path in texts for name in _plain_names(tree / path)}
    return [node_id for node_id in node_ids if node_id in plain]


def _plain_names(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if _is_plain(node, given=0):
            yield node.name
        elif isinstance(node, ast.ClassDef) and not _is_steered(node):
            yield from (f"{node.name}::{e.name}" for e in node.body if _is_plain(e, given=1))


def _is_plain(node: ast.stmt, *, given: int) -> TypeGuard[ast.FunctionDef]:
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return False
    return len(node.args.args) == given and not node.args.kwonlyargs


def _is_steered(node: ast.ClassDef) -> bool:
    """Return whether pytest would do more for a class than prepare it and call its methods."""
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    marks = [mark for method in methods for mark in method.decorator_list]
    return bool(node.decorator_list) or any("fixture" in ast.unparse(mark) for mark in marks)


def chosen_tests(
    base: Mapping[str, Sequence[float]], expert: Mapping[str, Sequence[float]]
) -> list[str]:
    """Return the tests that gain, those that save most first.

    Args:
        base: By node id, the seconds of the test's call in each session on the base.
        expert: Likewise after the change.
    """
    saved: dict[str, float] = {}
    for node_id, before in base.items():
        after = expert.get(node_id)
        if not before or not after:
            continue
        first, second = min(before), min(after)
        if first >= LEAST_S and first / max(second, 1e-9) >= LEAST_GAIN:
            saved[node_id] = first - second
    return sorted(saved, key=lambda node_id: -saved[node_id])[:MOST_TESTS]


def workload_text(node_ids: Sequence[str]) -> str:
    """Return a script that calls tests, in the form that SWE-fficiency's workloads have."""
    tests = [(str(PurePosixPath(p)), name) for p, _, name in (n.partition("::") for n in node_ids)]
    listed = json.dumps(tests).replace("], [", "],\n    [").replace("[[", "[\n    [")
    return _SCRIPT.replace("{tests}", listed.replace("]]", "],\n]"))
