"""A workload made of a repository's own tests: those that a change makes faster."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

LEAST_S = 0.002
"""Tests whose call is shorter say little."""

LEAST_GAIN = 1.1
MOST_TESTS = 5

_HEAD = '''"""Calls the repository's own tests that reach what the change makes faster."""

import importlib.util
import pathlib
import statistics
import sys
import timeit


def _module(path):
    package = pathlib.PurePosixPath(path).with_suffix("").parts
    folder = pathlib.Path(path).resolve().parent
    if (folder / "__init__.py").exists():
        return importlib.import_module(".".join(package))
    sys.path.insert(0, str(folder))
    return importlib.import_module(package[-1])


TESTS = {tests}
FUNCTIONS = [getattr(_module(path), name) for path, name in TESTS]


def workload():
    for function in FUNCTIONS:
        function()


runtimes = timeit.repeat(workload, number=1, repeat=10)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
'''


def plain_tests(tree: Path, node_ids: Sequence[str]) -> list[str]:
    """Return those tests that can be called as they are: functions without arguments or marks."""
    found: list[str] = []
    for node_id in node_ids:
        path, _, name = node_id.partition("::")
        if "::" in name or "[" in name or not (tree / path).is_file():
            continue
        for node in ast.parse((tree / path).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == name:
                arguments = node.args
                free = not (arguments.args or arguments.kwonlyargs or node.decorator_list)
                found += [node_id] if free else []
    return found


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
    head = _HEAD.replace("importlib.util", "importlib")
    return head.replace("{tests}", listed.replace("]]", "],\n]"))
