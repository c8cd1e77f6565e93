"""Times one pytest node id in this process.

The call of each selected test is the timed region, fixtures are setup. A test that asks for the
`benchmark` fixture gets ours, a subset of pytest-benchmark's interface, and only the function it
benchmarks is timed. CPython 3.8 and later; pytest is the target's own.
"""

import functools
import inspect
import time

import pytest

_clock = time.perf_counter

_USAGE_ERROR = 4
# They time, shuffle, spread or trace by themselves; the name of a plugin that is not there is fine.
_WITHOUT = (
    "cacheprovider",
    "benchmark",
    "xdist",
    "randomly",
    "pytest_cov",
    "codspeed",
    "rerunfailures",
)


class WorkloadTestError(Exception):
    """The selected tests did not run to a pass; the message says which and why."""


def run(job, measurement, timed_region):
    """Run the node id in `job["text"]` and fill in `measurement`.

    Raises:
        WorkloadTestError: No such test, or it failed, was skipped or could not be timed.
    """
    arguments = [job["text"], "-q"]
    for name in _WITHOUT:
        arguments += ["-p", "no:" + name]
    started = _clock()
    plugin = _Plugin(job, measurement, timed_region, started)
    status = pytest.main(list(arguments), plugins=[plugin])  # which adds to the list
    if status == _USAGE_ERROR and not plugin.problems and not plugin.collected:
        # The project's own options may belong to a plugin that is switched off here.
        plugin = _Plugin(job, measurement, timed_region, started)
        status = pytest.main(arguments + ["-o", "addopts="], plugins=[plugin])
    plugin.check(status)


class _Plugin:
    def __init__(self, job, measurement, timed_region, started):
        self.job = job
        self.measurement = measurement
        self.timed_region = timed_region
        self.started = started
        self.collected = False
        self.problems = []
        self.outcomes = {}
        self.benchmarks = 0
        self.in_call = False
        self.regime = "cold"
        self.begin_pass()

    def begin_pass(self):
        self.setup_s = self.call_s = 0.0
        self.calls = 0

    @pytest.hookimpl
    def pytest_configure(self, config):
        config.addinivalue_line("markers", "benchmark: options of a benchmark (not used here)")

    @pytest.fixture
    def benchmark(self, request):
        """Return a stand-in for pytest-benchmark's fixture."""
        return _Benchmark(self, request.node)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        if session.testsfailed or not session.items:
            return None
        self.collected = True
        items = list(session.items)
        for item in items:
            self._time_whole_call(item)
        self.measurement.import_s = _clock() - self.started
        self.measurement.phase = "workload"
        self.measurement.begin_calls()
        try:
            self._run_passes(items)
        finally:
            self.measurement.end_calls()
        return True

    def _run_passes(self, items):
        self._run_pass(items, last=not self._repeats())
        self._take_cold()
        self.regime = "warm"
        loops = 0 if self.benchmarks or self.problems else self.measurement.loops
        for left in reversed(range(loops)):
            self._run_pass(items, last=not left)
            self.measurement.warm_s.append(self.call_s)
            self.measurement.warm_calls += 1
        self.regime = "profiled"
        until = _clock() + (0 if self.benchmarks else self.measurement.repeat_for_s)
        while _clock() < until and not self.problems:
            self._run_pass(items, last=False)

    def _repeats(self):
        return self.measurement.loops > 0 or self.measurement.repeat_for_s > 0

    def _run_pass(self, items, last):
        self.begin_pass()
        for number, item in enumerate(items, start=1):
            following = items[number] if number < len(items) else None if last else items[0]
            if following is item:
                following = None  # or pytest would keep its fixtures for the next call
            if hasattr(item, "_initrequest"):
                item._initrequest()  # a second run needs fixtures of its own
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def _take_cold(self):
        if self.benchmarks:
            self.measurement.setup_s += self.setup_s
        elif self.calls:
            self.measurement.setup_s = self.setup_s
            self.measurement.cold_s = self.call_s

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item):
        started = _clock()
        yield
        self.setup_s += _clock() - started

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        if self.in_call or _asks_for_benchmark(pyfuncitem):
            return None
        if inspect.iscoroutinefunction(pyfuncitem.obj):
            return None
        names = pyfuncitem._fixtureinfo.argnames
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        self.time(functools.partial(pyfuncitem.obj, **arguments))
        return True

    def time(self, call):
        gauges = self.measurement.gauges
        gauges.begin()
        gauges.start()
        elapsed, _ = self.timed_region(call, (), 1, False)
        gauges.stop(self.regime)
        gauges.end()
        self.call_s += elapsed
        self.calls += 1

    def _time_whole_call(self, item):
        """Time `item.runtest` where the test's function is not simply called."""
        plain = type(item) is pytest.Function and not inspect.iscoroutinefunction(item.obj)
        if plain or _asks_for_benchmark(item):
            return
        runtest = item.runtest

        def timed_runtest():
            self.in_call = True
            try:
                self.time(runtest)
            finally:
                self.in_call = False

        item.runtest = timed_runtest

    def pytest_collectreport(self, report):
        if report.failed:
            self.problems.append((report.nodeid, "cannot be collected", report.longreprtext))

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.problems.append(
                (report.nodeid, "fails in its " + report.when, report.longreprtext)
            )
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.problems.append((report.nodeid, "is skipped", report.longreprtext))
        if report.when == "call":
            self.outcomes[report.nodeid] = report.outcome

    def check(self, status):
        if self.problems:
            node_id, what, text = self.problems[0]
            raise WorkloadTestError("%s %s\n%s" % (node_id, what, text))
        if not self.collected:
            raise WorkloadTestError(
                "pytest found no test %s (exit status %d)" % (self.job["text"], status)
            )
        if self.measurement.cold_s is None:
            raise WorkloadTestError("%s never called what it benchmarks" % self.job["text"])
        if self.job["capture"]:
            encode = self.measurement.encode
            self.measurement.parts["outcomes"] = encode(self.outcomes)


class _Benchmark:
    """What a test sees as `benchmark`: it calls the function and times it as the driver does."""

    def __init__(self, plugin, node):
        self._plugin = plugin
        self.name = node.name
        self.fullname = node.nodeid
        self.group = None
        self.extra_info = {}
        self.param = self.params = None
        self.disabled = False
        self.enabled = True
        self.stats = None

    def __call__(self, function_to_benchmark, *args, **kwargs):
        return self._measure(_bound(function_to_benchmark, kwargs), args, None)

    def pedantic(
        self,
        target,
        args=(),
        kwargs=None,
        setup=None,
        teardown=None,
        rounds=1,
        warmup_rounds=0,
        iterations=1,
    ):
        """Time `target` with a `setup` before each call; the counts are perfagent's to choose."""
        if setup is None:
            result = self._measure(_bound(target, kwargs or {}), args, None)
        else:

            def prepare():
                made = setup()
                if made is None:
                    return _bound(target, kwargs or {}), args
                return _bound(target, made[1]), made[0]

            result = self._measure(None, (), prepare)
        if teardown is not None:
            teardown(*args, **(kwargs or {}))
        return result

    def weave(self, *args, **kwargs):
        """Refuse: what is woven in cannot be timed apart."""
        raise WorkloadTestError("benchmark.weave is not supported as a workload")

    patch = weave

    def _measure(self, call, arguments, prepare):
        plugin = self._plugin
        plugin.benchmarks += 1
        result = plugin.measurement.run(call, tuple(arguments), prepare, keep=True)
        if plugin.job["capture"]:
            part = "benchmark result %d" % plugin.benchmarks
            plugin.measurement.parts[part] = plugin.measurement.encode(result)
        return result


def _bound(function, kwargs):
    return functools.partial(function, **kwargs) if kwargs else function


def _asks_for_benchmark(item):
    return "benchmark" in getattr(item, "fixturenames", ())
