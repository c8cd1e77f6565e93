"""The part that every guard test has in common; what differs stands above it in a file of its own.

A guard test runs a workload once, in a process of its own, and counts what its modules do: lines of
Python that run, and calls made from it; or, with valgrind, the instructions of the whole process.
Counts do not depend on what else the machine does. CPython 3.8 and later, standard library alone.
"""

KIND = WORKLOAD = FILE = ""
HAS_WORKLOAD = False
PACKAGES = ()
LIMITS: tuple = ()
# perfagent: below is the same in every guard test.

import json  # noqa: E402
import operator  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import unittest  # noqa: E402

PROCESS = "the whole process"
_counted = {}


def check(module, what):
    """Fail when a module does more than is allowed while the workload runs."""
    ((with_patch, without, allowed),) = [
        numbers for name, kind, *numbers in LIMITS if (name, kind) == (module, what)
    ]
    if what == "instructions":
        _counted.update(instructions_apart())
    elif not _counted:
        _counted.update(count_apart())
    found = _counted.get(module, {}).get(what, 0)
    if found > allowed:
        raise AssertionError(
            "%s: %d %s while the workload runs; %d are allowed (%d with the speedup, %d without)"
            % (module, found, what, allowed, with_patch, without)
        )
    return found


def count_apart():
    """Run the workload in a process of its own; return the counts by module."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "counts.json")
        _run_apart([], ["--count", out], out)
        with open(out) as stream:
            return json.load(stream)


def instructions_apart():
    """Run the workload below valgrind; return the instructions of its whole process.

    Raises:
        unittest.SkipTest: valgrind is not installed.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise unittest.SkipTest("valgrind is not installed: it counts instructions")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind.out")
        before = [valgrind, "-q", "--tool=callgrind", "--callgrind-out-file=" + out]
        _run_apart(before, ["--run"], out)
        with open(out) as stream:
            totals = [line.split()[1] for line in stream if line.startswith("totals:")]
    return {PROCESS: {"instructions": int(totals[0])}}


def _run_apart(before, arguments, out):
    """Run this file in a process of its own; fail when it leaves no file `out`."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COV_CORE_", "COVERAGE_", "PYTEST_"))
    }
    paths = [os.path.abspath(path) for path in sys.path if path]
    variables.update(PYTHONHASHSEED="0", PYTHONPATH=os.pathsep.join(paths))
    argv = before + [sys.executable, os.path.abspath(__file__)] + arguments
    ended = subprocess.run(argv, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if ended.returncode or not os.path.exists(out):
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise AssertionError(
            "the workload did not run to its end: " + (said[-1] if said else "it said nothing")
        )


class Counter:
    """Counts lines and calls of the modules of PACKAGES."""

    def __init__(self):
        self.lines = {}
        self.calls = {}
        self._watchers = {}

    def start(self):
        """Begin to count, in threads that start now as well."""
        threading.setprofile(self._profile)
        threading.settrace(self._trace)
        sys.setprofile(self._profile)
        sys.settrace(self._trace)

    def stop(self):
        """Count no more."""
        sys.settrace(None)
        sys.setprofile(None)
        threading.settrace(None)
        threading.setprofile(None)

    def by_module(self):
        """Return the counts: by module, "lines" and "calls"."""
        return {
            module: {"lines": self.lines[module][0], "calls": self.calls.get(module, 0)}
            for module in self.lines
        }

    def _owned(self, frame):
        module = frame.f_globals.get("__name__") or ""
        return module if module.split(".")[0] in PACKAGES else None

    def _trace(self, frame, event, argument):
        module = self._owned(frame)
        if module is None:
            return None
        if module not in self._watchers:
            self._watchers[module] = self._watcher(self.lines.setdefault(module, [0]))
        return self._watchers[module]

    def _watcher(self, lines):
        def watch(frame, event, argument):
            if event == "line":
                lines[0] += 1
            return watch

        return watch

    def _profile(self, frame, event, argument):
        caller = frame if event == "c_call" else frame.f_back if event == "call" else None
        module = caller and self._owned(caller)
        if module:
            self.calls[module] = self.calls.get(module, 0) + 1


class Uncounted:
    """Stands in for a Counter where somebody else counts."""

    def start(self):
        """Count nothing."""

    stop = start


def run_here(counter, out=None):
    """Run the workload in this process; write what the counter counted to a file."""
    {"script": _script, "function": _function, "pytest": _test}[KIND](counter)
    counter.stop()
    if out is not None:
        with open(out, "w") as stream:
            json.dump(counter.by_module(), stream)
    sys.stderr.flush()
    os._exit(0)  # threads and what the workload registered for the end are not waited for


def _script(counter):
    main = type(sys)("__main__")
    main.__file__ = FILE
    sys.modules["__main__"] = main
    sys.argv = [FILE]
    if os.path.exists(FILE):
        sys.path.insert(0, os.path.dirname(os.path.abspath(FILE)))
    code = compile(WORKLOAD, FILE, "exec", dont_inherit=True)
    names = main.__dict__
    if HAS_WORKLOAD:
        exec(code, names)
        _call_workload(counter, names)
        return
    counter.start()
    try:
        exec(code, names)
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            raise


def _call_workload(counter, names):
    workload, arguments = names["workload"], ()
    _seed()
    if "setup" in names:
        made = names["setup"]()
        code = getattr(workload, "__code__", None)
        wanted = code and code.co_argcount - len(workload.__defaults__ or ())
        arguments = (made,) if wanted == 1 else ()
    counter.start()
    workload(*arguments)


def _function(counter):
    module, _, path = WORKLOAD.partition(":")
    __import__(module)
    call = operator.attrgetter(path)(sys.modules[module])
    _seed()
    counter.start()
    call()


def _test(counter):
    import pytest

    arguments = [WORKLOAD, "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"]
    counter.start()
    status = pytest.main(arguments)
    counter.stop()
    if status:
        raise SystemExit("the test %s did not pass (pytest's status %d)" % (WORKLOAD, status))


def _seed():
    for name in ("random", "numpy.random"):
        if name in sys.modules:
            sys.modules[name].seed(0)


def main():
    """Check every limit, say what was found, and exit with 1 when one does not hold."""
    failed = False
    for module, what, _, _, allowed in LIMITS:
        try:
            print("%s: %d %s, at most %d" % (module, check(module, what), what, allowed))
        except AssertionError as error:
            failed = True
            print("FAILED %s" % error)
        except unittest.SkipTest as error:
            print("skipped: %s" % error)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--count"]:
        run_here(Counter(), sys.argv[2])
    if sys.argv[1:] == ["--run"]:
        run_here(Uncounted())
    main()
