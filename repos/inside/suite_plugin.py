"""Runs a suite with pytest and tells each test's outcome as it comes (CPython 3.8+, pytest 6+).

Started as `python suite_plugin.py CHANNEL` with its settings as JSON on standard input:
  arguments  pytest's arguments
  nonce      what each line of the answer begins with
  tree       the worktree's path, which is masked as {tree} in node ids
  node_ids   the tests to run, or null for all that the arguments select
  coverage   null, or {"packages": folder, "database": file, "include": [patterns]}
It writes lines `NONCE [KIND, ...]` to the descriptor CHANNEL, each as soon as it is known, so that
a crash loses nothing of what ran before:
  collected [node ids]            in the order in which they will run
  not_collected ID OUTCOME WHY    a file that failed to import, or asked to be skipped
  start INDEX
  outcome INDEX OUTCOME WHY       passed, failed, errored or skipped; WHY is null unless it broke
  took INDEX SECONDS              how long a test that passed took, if 10 ms or more
  note TEXT                       something worth telling that stops nothing
  problem TEXT                    the suite could not run
  finish EXIT_STATUS
"""

import json
import os
import sys

if __name__ == "__main__":
    # As `python -m pytest` has it: the working directory, not the folder of this file.
    sys.path[0] = os.getcwd()

try:
    import pytest
except ImportError:
    pytest = None

OLDEST_PYTEST = (6, 0)
WORST_LAST = ("passed", "skipped", "failed", "errored")
WHY_CHARACTERS = 600
SHORTEST_TOLD_S = 0.01


def hook(**options):
    """Mark a hook's implementation; without pytest there is nothing to mark."""
    return pytest.hookimpl(**options) if pytest else lambda function: function


class Channel:
    """Writes lines to perfagent, from the process that was started and none of its forks."""

    def __init__(self, descriptor, nonce):
        # Bound now: code under test may replace any of these.
        self._write, self._getpid, self._dumps = os.write, os.getpid, json.dumps
        self._descriptor, self._nonce, self._pid = descriptor, nonce, os.getpid()
        os.set_inheritable(descriptor, False)

    def send(self, *message):
        """Write one line, unless this is a fork."""
        if not self.is_ours():
            return
        left = (self._nonce + " " + self._dumps(message) + "\n").encode("utf-8", "surrogatepass")
        try:
            while left:
                left = left[self._write(self._descriptor, left) :]
        except OSError:
            # A test closed every descriptor. What is missing then shows on the other side.
            return

    def is_ours(self):
        """Whether this is the process that was started."""
        return self._getpid() == self._pid


class Contexts:
    """Records which lines each test executes, with coverage.py."""

    def __init__(self, settings, channel):
        self._settings, self._channel, self._coverage = settings, channel, None

    def start(self):
        """Begin to record, after collection: what importing executes belongs to no test."""
        try:
            # At the end: the target's own packages must win.
            sys.path.append(self._settings["packages"])
            self._coverage = self._started()
        except Exception as error:
            self._channel.send("note", "no coverage: %s: %s" % (type(error).__name__, error))

    def _started(self):
        import coverage  # pyright: ignore[reportMissingImports]

        if not hasattr(coverage.Coverage, "switch_context"):
            raise RuntimeError("coverage %s knows no contexts" % coverage.__version__)
        recorder = coverage.Coverage(
            data_file=self._settings["database"],
            config_file=False,
            include=self._settings["include"],
            messages=False,
        )
        recorder.set_option(
            "run:disable_warnings",
            ["no-data-collected", "trace-changed", "no-ctracer", "no-sysmon", "already-imported"],
        )
        # sys.monitoring reports a line once and then never again, so not once for each test.
        before = os.environ.get("COVERAGE_CORE")
        os.environ["COVERAGE_CORE"] = "ctrace"
        try:
            recorder.start()
        finally:
            del os.environ["COVERAGE_CORE"]
            if before is not None:
                os.environ["COVERAGE_CORE"] = before
        return recorder

    def switch(self, context):
        """Count what runs from now on for a context."""
        if self._coverage and self._channel.is_ours():
            try:
                self._coverage.switch_context(context)
            except Exception as error:
                self._give_up(error)

    def finish(self):
        """Write the database."""
        if self._coverage and self._channel.is_ours():
            try:
                self._coverage.stop()
                self._coverage.save()
            except Exception as error:
                self._give_up(error)

    def _give_up(self, error):
        self._coverage = None
        self._channel.send("note", "no coverage: %s: %s" % (type(error).__name__, error))


class SuitePlugin:
    """Steers pytest where a repository's configuration would break the run, and reports."""

    def __init__(self, settings, channel):
        self._channel = channel
        self._wanted = settings["node_ids"]
        self._tree = settings["tree"]
        # pytest escapes what is not ASCII in the ids of parameters.
        self._masks = {self._tree, self._tree.encode("unicode_escape").decode("ascii")}
        self._contexts = Contexts(settings["coverage"], channel) if settings["coverage"] else None
        self._index = {}
        self._reports = {}

    def masked(self, node_id):
        """Return a node id that is the same in every worktree."""
        for path in self._masks:
            node_id = node_id.replace(path, "{tree}")
        return node_id

    @hook(hookwrapper=True)
    def pytest_load_initial_conftests(self, early_config):
        """Keep pytest-cov from starting: it slows tests down and would disturb our contexts."""
        options = early_config.known_args_namespace
        if getattr(options, "cov_source", None):
            options.cov_source = None
        yield

    @hook(hookwrapper=True)
    def pytest_cmdline_main(self, config):
        """Overrule options that distribute, reorder, repeat, or stop early."""
        overruled = {
            "benchmark_disable": True,
            "benchmark_enable": False,
            "benchmark_only": False,
            "continue_on_collection_errors": True,
            "dist": "no",
            "distload": False,
            "failedfirst": False,
            "lf": False,
            "looponfail": False,
            "maxfail": 0,
            "newfirst": False,
            "numprocesses": None,
            "randomly_reorganize": False,
            "randomly_seed": 0,
            "stepwise": False,
            "tx": [],
            "xmlpath": None,
        }
        for name, value in overruled.items():
            if hasattr(config.option, name):
                setattr(config.option, name, value)
        if self._wanted is not None:
            config.args = self._files(config) or config.args
        yield

    def _files(self, config):
        """Return the files of the wanted tests; none when they are so many that all is faster."""
        names = sorted({node_id.split("::")[0] for node_id in self._wanted})
        if len(names) > 200:
            return []
        rootdir = str(getattr(config, "rootpath", None) or config.rootdir)
        paths = [os.path.join(rootdir, name) for name in names]
        return [path for path in paths if os.path.exists(path)]

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, config, items):
        """Choose the wanted tests from what all other plugins left, and tell what will run."""
        yield
        if self._wanted is not None:
            wanted = set(self._wanted)
            rest = [item for item in items if self.masked(item.nodeid) not in wanted]
            items[:] = [item for item in items if self.masked(item.nodeid) in wanted]
            if rest:
                config.hook.pytest_deselected(items=rest)
        names = list(dict.fromkeys(self.masked(item.nodeid) for item in items))
        self._index = {name: index for index, name in enumerate(names)}
        self._channel.send("collected", names)
        if self._contexts:
            self._contexts.start()

    def pytest_collectreport(self, report):
        """Tell of a file that could not be collected."""
        name = self.masked(report.nodeid) or "collection"
        if report.failed:
            self._channel.send("not_collected", name, "errored", why(report))
        elif report.skipped:
            self._channel.send("not_collected", name, "skipped", None)

    @hook(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        """Count what a test executes, its fixtures included, for that test."""
        if self._contexts:
            self._contexts.switch(str(self._index.get(self.masked(item.nodeid), "")))
        yield

    def pytest_runtest_logstart(self, nodeid):
        """Tell which test begins."""
        index = self._index.get(self.masked(nodeid))
        if index is not None:
            self._reports[index] = (None, None)
            self._channel.send("start", index)

    def pytest_runtest_logreport(self, report):
        """Keep the worst of a test's reports: of its phases, and of its subtests."""
        index = self._index.get(self.masked(report.nodeid))
        outcome = outcome_of(report)
        if index is None or outcome is None:
            return
        worst = self._reports.get(index, (None, None))[0]
        if outcome == "passed" and report.duration >= SHORTEST_TOLD_S:
            self._channel.send("took", index, round(report.duration, 4))
        if worst is None or WORST_LAST.index(outcome) > WORST_LAST.index(worst):
            broke = outcome in ("failed", "errored")
            self._reports[index] = (outcome, why(report) if broke else None)

    def pytest_runtest_logfinish(self, nodeid):
        """Tell how a test went."""
        index = self._index.get(self.masked(nodeid))
        outcome, reason = self._reports.pop(index, (None, None))
        if outcome is not None:
            self._channel.send("outcome", index, outcome, reason)

    def pytest_internalerror(self, excrepr):
        """Tell that pytest itself, or a plugin, broke."""
        self._channel.send("problem", "pytest broke: " + str(excrepr).strip()[-WHY_CHARACTERS:])

    @hook(trylast=True)
    def pytest_sessionfinish(self, exitstatus):
        """Tell that all is told."""
        if self._contexts:
            self._contexts.finish()
        self._channel.send("finish", int(exitstatus))


def outcome_of(report):
    """Return what one report says of its test; None when that is nothing."""
    is_subtest = type(report).__name__ in ("SubTestReport", "SubtestReport")
    if report.outcome == "failed":
        return "failed" if report.when == "call" or is_subtest else "errored"
    if is_subtest:
        return None
    # An expected failure is reported as skipped; an unexpected success as passed or failed.
    if report.outcome == "skipped":
        return "skipped"
    return "passed" if report.outcome == "passed" and report.when == "call" else None


def why(report):
    """Return the message of a failure: what it raised, without the lines that led there."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = getattr(crash, "message", None) or str(report.longrepr or "")
    raised = [line[1:].strip() for line in text.splitlines() if line.startswith("E  ")]
    return ("\n".join(raised) or text.strip())[:WHY_CHARACTERS]


def main():
    """Run the suite that the settings name, and return pytest's exit status."""
    with os.fdopen(0, "rb", closefd=False) as settings_file:
        settings = json.loads(settings_file.read().decode("utf-8"))
    channel = Channel(int(sys.argv[1]), settings["nonce"])
    if pytest is None:
        channel.send("problem", "pytest is not installed in " + sys.prefix)
        return 4
    if tuple(int(part) for part in pytest.__version__.split(".")[:2]) < OLDEST_PYTEST:
        channel.send("problem", "pytest %s is too old; 6.0 will do" % pytest.__version__)
        return 4
    sys.argv = ["pytest"] + settings["arguments"]
    return int(pytest.main(settings["arguments"], plugins=[SuitePlugin(settings, channel)]))


if __name__ == "__main__":
    sys.exit(main())
