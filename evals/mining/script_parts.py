"""The parts that a mined script is put together of: plain Python for the repository's interpreter.

`CALLED` holds what is called, as pairs of a file and a name; `SOURCES` holds files of tests and
benchmarks as they are after the change, where the base has others.
"""

START = '''"""Calls the repository's own {what} that reach what the change makes faster."""

import importlib
import inspect
import itertools
import pathlib
import pickle
import statistics
import sys
import timeit
import types
import unittest

SOURCES = {sources}
CALLED = {called}
CALLS, AFTER = [], []
GIVEN, MADE = {{}}, {{}}


def _module(path):
    """Return a file of the repository as the module that pytest and asv would import."""
    file = pathlib.Path(path).resolve()
    names, folder = [file.stem], file.parent
    while (folder / "__init__.py").exists() and folder != pathlib.Path.cwd():
        names, folder = [folder.name] + names, folder.parent
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return _of_text(path, names) if path in SOURCES else importlib.import_module(".".join(names))


def _of_text(path, names):
    """Return a module that the repository has only after the change."""
    if path not in MADE:
        MADE[path] = made = types.ModuleType(".".join(names))
        made.__file__, made.__package__ = str(pathlib.Path(path).resolve()), ".".join(names[:-1])
        sys.modules[made.__name__] = made
        exec(compile(SOURCES[path], path, "exec"), made.__dict__)
    return MADE[path]


def _ready(path, name):
    """Return a test or benchmark as a call without arguments: all of its cases."""
    is_asv = name.rpartition("::")[2].startswith("time_")
    calls = _benchmark_calls(path, name) if is_asv else _test_calls(path, name)
    return calls[0] if len(calls) == 1 else lambda: [call() for call in calls]


'''

TESTS = '''class _Taken(BaseException):
    """Ends a test where it hands to pytest-benchmark what is to be timed."""


class _Benchmark:
    """Stands for the fixture `benchmark`: takes the call instead of timing it."""

    enabled, disabled, group, name, stats = False, True, None, None, None

    def __init__(self):
        self.extra_info = {}

    def __call__(self, function, *args, **kwargs):
        raise _Taken(lambda: function(*args, **kwargs))

    def pedantic(self, target, args=(), kwargs=None, setup=None, teardown=None, **_):
        given = setup() if setup is not None else None
        args, kwargs = given if given is not None else (args, kwargs or {})
        if teardown is not None:
            AFTER.append(lambda: teardown(*args, **kwargs))
        raise _Taken(lambda: target(*args, **kwargs))


def _test_calls(path, name):
    """Return a test's calls: one for each set of its parameters."""
    test = _prepared(path, name)
    calls = [lambda case=case: test(**case) for case in _cases(test)]
    is_timed = "benchmark" in inspect.signature(test).parameters
    return [_taken(test, case) for case in _cases(test)] if is_timed else calls


def _taken(test, case):
    try:
        test(**dict(case, benchmark=_Benchmark()))
    except _Taken as taken:
        return taken.args[0]
    raise RuntimeError("the test does not use its fixture `benchmark`")


def _cases(test):
    """Return what pytest.mark.parametrize gives a test."""
    function = getattr(test, "__func__", test)
    if function not in GIVEN:
        GIVEN[function] = [{}]
        marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
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
        AFTER.append(test.tearDown)
        return getattr(test, method)
    test = found()
    for hook in ("setup_class", "setup_method"):
        prepare = getattr(test, hook, None)
        if prepare is not None:
            prepare(*[None for _ in inspect.signature(prepare).parameters])
    return getattr(test, method)


'''

BENCHMARKS = '''def _benchmark_calls(path, name):
    """Return a benchmark's calls: one for each set of its parameters, prepared as asv does it."""
    module, (first, _, method) = _module(path), name.partition("::")
    owner = getattr(module, first)
    choices = getattr(getattr(owner, method) if method else owner, "params", None)
    choices = choices or getattr(owner, "params", None) or getattr(module, "params", None) or []
    if choices and not isinstance(choices[0], (list, tuple)):
        choices = [choices]
    calls = [_benchmark_call(module, owner, method, each) for each in itertools.product(*choices)]
    return [call for call in calls if call is not None]


def _benchmark_call(module, owner, method, values):
    """Return a benchmark with one set of its parameters; None where it has none for these."""
    made = owner() if method else owner
    function = getattr(made, method) if method else owner
    arguments = _kept(owner, made) + values
    try:
        for place in (module, made):
            if hasattr(place, "setup"):
                place.setup(*arguments)
    except NotImplementedError:
        return None
    AFTER.extend(
        lambda place=place: place.teardown(*arguments)
        for place in (made, module)
        if hasattr(place, "teardown")
    )
    times = range(getattr(made, "number", 0) or 1)
    return lambda: [function(*arguments) for _ in times][-1]


def _kept(owner, made):
    """Return what a class's `setup_cache` gives its benchmarks, a copy of their own each time."""
    if not hasattr(made, "setup_cache"):
        return ()
    if owner not in GIVEN:
        GIVEN[owner] = pickle.dumps(made.setup_cache())
    kept = pickle.loads(GIVEN[owner])
    return () if kept is None else (kept,)


'''

END = """def setup():
    while AFTER:
        AFTER.pop()()
    CALLS[:] = [_ready(path, name) for path, name in CALLED]


def workload():
    for call in CALLS:
        call()
"""

TIMING = """

runtimes = timeit.repeat(workload, number=1, repeat=10, setup=setup)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
"""
