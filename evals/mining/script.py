"""The script that times a repository's own tests: it needs nothing but the repository."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

_SCRIPT = '''"""Calls the repository's own tests that reach what the change makes faster."""

import importlib
import inspect
import pathlib
import statistics
import sys
import timeit
import types
import unittest


def _module(path):
    package = pathlib.PurePosixPath(path).with_suffix("").parts
    folder = pathlib.Path(path).resolve().parent
    named = (folder / "__init__.py").exists()
    if path in SOURCES:
        return _of_text(path, package if named else package[-1:])
    if named:
        return importlib.import_module(".".join(package))
    sys.path.insert(0, str(folder))
    return importlib.import_module(package[-1])


def _of_text(path, package):
    """Return a module of tests that the repository has only after the change."""
    if path not in MADE:
        MADE[path] = made = types.ModuleType(".".join(package))
        made.__file__, made.__package__ = path, ".".join(package[:-1])
        sys.modules[made.__name__] = made
        exec(compile(SOURCES[path], path, "exec"), made.__dict__)
    return MADE[path]


def _ready(path, name):
    """Return a test as a call without arguments: once for each set of its parameters."""
    test = _prepared(path, name)
    cases = _cases(test)

    def call():
        for case in cases:
            test(**case)

    return call if cases is not None else test


def _cases(test):
    """Return what pytest.mark.parametrize gives a test, None where it gives nothing."""
    function = getattr(test, "__func__", test)
    marks = [each for each in getattr(function, "pytestmark", ()) if each.name == "parametrize"]
    if not marks:
        return None
    if function not in GIVEN:
        GIVEN[function] = [{}]
        for mark in marks:
            names, rows = mark.args[:2]
            names = names.split(",") if isinstance(names, str) else names
            names, rows = [name.strip() for name in names], list(rows)
            rows = [_values(row, len(names)) for row in rows]
            GIVEN[function] = [
                dict(case, **dict(zip(names, row))) for row in rows for case in GIVEN[function]
            ]
    return GIVEN[function]


def _values(row, count):
    if type(row).__name__ == "ParameterSet":
        return row.values
    return row if count > 1 else (row,)


def _prepared(path, name):
    """Return a test with what its class prepares for it."""
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


SOURCES = {sources}
TESTS = {tests}
CALLS = []
GIVEN, MADE = {}, {}


def setup():
    CALLS[:] = [_ready(path, name) for path, name in TESTS]


def workload():
    for call in CALLS:
        call()


runtimes = timeit.repeat(workload, number=1, repeat=10, setup=setup)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
'''


def workload_text(node_ids: Sequence[str], texts: Mapping[str, str]) -> str:
    """Return a script that calls tests, in the form that SWE-fficiency's workloads have.

    Args:
        node_ids: The tests.
        texts: By path, files of tests that differ from the base's: the script brings them along.
    """
    used = {node_id.partition("::")[0] for node_id in node_ids}
    sources = {path: text for path, text in texts.items() if path in used}
    tests = [(str(PurePosixPath(p)), name) for p, _, name in (n.partition("::") for n in node_ids)]
    listed = json.dumps(tests).replace("], [", "],\n    [").replace("[[", "[\n    [")
    script = _SCRIPT.replace("{tests}", listed.replace("]]", "],\n]"))
    return script.replace("{sources}", repr(sources))
