"""Runs one workload in the target's interpreter, times it, and reports through a private channel.

Started as `python perfagent_driver.py CHANNEL` with the job (a marshalled dict, see launch.py) on
stdin; writes one JSON message to the file descriptor CHANNEL and ends the process at once, so that
nothing of the target's runs after the clock was read. Profilers know the calls by the frame
`perfagent_timed_region` of this file.

CPython 3.8 and later, standard library alone. Before the workload has been timed nothing is
imported that the interpreter did not already hold, so the target pays for its own imports.
"""

import marshal
import os
import sys
import time
from itertools import repeat

# Bound before any of the target's code runs, which may replace the modules' attributes.
_clock = time.perf_counter
_cpu_clock = time.process_time
_write = os.write
_exit = os._exit

_MOST_STDOUT = 20000000
_MOST_BLOCKS = 20
_SHORT_BLOCK_S = 0.01
_TRACEBACK_CHARACTERS = 4000


def perfagent_timed_region(call, arguments, count, keep):
    """Call `count` times and return the seconds it took, and the result of the one call to keep."""
    if keep:
        started = _clock()
        result = call(*arguments)
        return _clock() - started, result
    if arguments:
        started = _clock()
        for _ in repeat(None, count):
            call(*arguments)
        return _clock() - started, None
    started = _clock()
    for _ in repeat(None, count):
        call()
    return _clock() - started, None


class Measurement:
    """The times of one launch, filled in as the workload runs."""

    def __init__(self, job):
        self.loops = job["loops"]
        self.repeat_for_s = job["repeat_for_s"]
        self.keep = job["capture"]
        self.phase = "import"
        self.import_s = 0.0
        self.setup_s = 0.0
        self.cold_s = None
        self.cold_cpu_s = None
        self.warm_s = []
        self.warm_cpu_s = None
        self.imported_by_call = 0
        self.parts = {}
        self.doubts = []
        self._tree = job["tree"]
        self.profiler = _pyinstrument() if job["pyinstrument"] else None
        self._depth = 0
        self._seed = job["seed"]
        self._answers = None
        self._room = None

    def begin_calls(self):
        """Seed the target's random numbers, and start the profiler when there is one.

        With the launch's seed both versions of a pair work on the same input, as far as the
        target does not seed by itself. Only what is loaded is seeded.
        """
        self._depth += 1
        if self._depth > 1:
            return
        for name in ("random", "numpy.random"):
            module = sys.modules.get(name)
            if module is not None:
                module.seed(self._seed)
        if self.profiler is not None:
            self.profiler.start()

    def end_calls(self):
        """Stop the profiler."""
        self._depth -= 1
        if self._depth == 0 and self.profiler is not None:
            self.profiler.stop()

    def run(self, call, arguments=(), prepare=None, keep=None):
        """Time the first call, then the warm ones; return the first result when it is kept.

        `prepare`, when given, runs before every call, outside the time, and returns what to call
        and with which arguments.
        """
        self.begin_calls()
        try:
            return self._run(call, arguments, prepare, self.keep if keep is None else keep)
        finally:
            self.end_calls()

    def _run(self, call, arguments, prepare, keep):
        started = _clock()
        if prepare is not None:
            self.phase = "setup"
            call, arguments = prepare()
        self.setup_s += _clock() - started
        self.phase = "workload"
        modules = len(sys.modules)
        cpu = _cpu_clock()
        elapsed, result = perfagent_timed_region(call, arguments, 1, keep)
        self.cold_cpu_s = (self.cold_cpu_s or 0.0) + _cpu_clock() - cpu
        self.cold_s = (self.cold_s or 0.0) + elapsed
        self.imported_by_call += len(sys.modules) - modules
        self._run_warm(call, arguments, prepare)
        self._run_on(call, arguments, prepare)
        return result

    def _run_warm(self, call, arguments, prepare):
        blocks = min(_MOST_BLOCKS, self.loops)
        cpu_s = 0.0
        for index in range(blocks):
            size = self.loops // blocks + (index < self.loops % blocks)
            elapsed = 0.0
            if prepare is None:
                cpu = _cpu_clock()
                elapsed, _ = perfagent_timed_region(call, arguments, size, False)
                cpu_s += _cpu_clock() - cpu
            else:
                for _ in repeat(None, size):
                    call, arguments = prepare()
                    cpu = _cpu_clock()
                    elapsed += perfagent_timed_region(call, arguments, 1, False)[0]
                    cpu_s += _cpu_clock() - cpu
            self.warm_s.append(elapsed / size)
        if self.loops:
            self.warm_cpu_s = cpu_s / self.loops

    def _run_on(self, call, arguments, prepare):
        """Keep calling for a profiler; the times are of no interest."""
        stop = _clock() + self.repeat_for_s
        size = 1
        while self.repeat_for_s and _clock() < stop:
            if prepare is not None:
                call, arguments = prepare()
                perfagent_timed_region(call, arguments, 1, False)
            elif perfagent_timed_region(call, arguments, size, False)[0] < _SHORT_BLOCK_S:
                size *= 2

    def encode(self, value):
        """Return a value of the answer as plain JSON."""
        if self._answers is None:
            self._answers = _sibling("perfagent_answer")
            self._room = self._answers.Room()
        return self._answers.encode(value, self._tree, self._room)

    def report(self):
        """Return what the message to perfagent says of the times and the answer."""
        return {
            "import_s": self.import_s,
            "setup_s": self.setup_s,
            "cold_s": self.cold_s,
            "cold_cpu_s": self.cold_cpu_s,
            "warm_s": self.warm_s,
            "warm_cpu_s": self.warm_cpu_s,
            "imported_by_call": self.imported_by_call,
        }


def run_script(job, measurement):
    """Run a workload script from its text, as the program's main module."""
    namespace = _main_module(job)
    if not job["has_workload"]:
        _run_plain(job, measurement, namespace)
        return
    observer = None
    if job["capture"]:
        observer = _sibling("perfagent_observer").Observer(measurement.encode)
    if observer is None:
        code = compile(job["text"], job["file"], "exec", dont_inherit=True)
    else:
        code = observer.compile(job["text"], job["file"], namespace)
    started = _clock()
    exec(code, namespace)
    measurement.import_s = _clock() - started
    workload, setup = namespace["workload"], namespace.get("setup")
    prepare = None if setup is None else _preparation(setup, workload)
    if observer is None:
        measurement.run(workload, (), prepare)
        return
    if prepare is not None:
        prepare = observer.before_call(prepare, workload, namespace)
    else:
        observer.note_globals(workload, namespace)
    result = measurement.run(workload, (), prepare)
    measurement.parts.update(observer.parts(result, namespace))


def _preparation(setup, workload):
    """Return what runs before each call; a `workload(x)` gets what `setup()` returns."""

    def with_value():
        return workload, (setup(),)

    def without_value():
        setup()
        return workload, ()

    return with_value if _takes_one_argument(workload) else without_value


def _run_plain(job, measurement, namespace):
    """Time a script without functions as a whole, its imports included."""
    code = compile(job["text"], job["file"], "exec", dont_inherit=True)
    measurement.loops, measurement.repeat_for_s = 0, 0.0

    def run_whole_script():
        try:
            exec(code, namespace)
        except SystemExit as leaving:
            if leaving.code not in (None, 0):
                raise

    before = set(namespace)
    measurement.run(run_whole_script)
    if job["capture"]:
        left = _sibling("perfagent_observer").module_parts(measurement.encode, namespace, before)
        measurement.parts.update(left)


def run_function(job, measurement):
    """Import `module:function` and call it without arguments."""
    module_name, _, path = job["text"].partition(":")
    sys.argv = [module_name]
    started = _clock()
    __import__(module_name)
    measurement.import_s = _clock() - started
    call = sys.modules[module_name]
    for attribute in path.split("."):
        call = getattr(call, attribute)
    result = measurement.run(call)
    if job["capture"]:
        measurement.parts["return value"] = measurement.encode(result)
        if result is None:
            measurement.doubts.append("the function returns None: only its output is compared")


def run_pytest(job, measurement):
    """Run one pytest node id in this process; the test's call, or what it benchmarks, is timed."""
    _sibling("perfagent_pytest").run(job, measurement, perfagent_timed_region)


def main():
    """Do the job and end the process."""
    channel = int(sys.argv[1])
    os.set_inheritable(channel, False)
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        del sys.path[0]
    job = marshal.loads(_read_all(0))
    process = os.getpid()
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, job["stdout"] or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    sys.path[job["path_position"] : job["path_position"]] = job["path"]
    if job["side_packages"]:
        sys.path.append(job["side_packages"])
    measurement = None
    run = {"script": run_script, "function": run_function, "pytest": run_pytest}[job["kind"]]
    message = {"nonce": job["nonce"]}
    if job["capture"]:
        __import__("random").seed(job["seed"])  # for input that the script makes when imported
    try:
        measurement = Measurement(job)
        run(job, measurement)
        session = measurement.profiler.last_session if measurement.profiler else None
        if session is not None:
            session.save(job["pyinstrument"])
        message.update(measurement.report())
    except BaseException as error:
        message["error"] = _describe(error, measurement.phase if measurement else "import")
    if os.getpid() != process:
        _exit(0)  # a child that the workload forked came back through here
    message["modules"] = _loaded_modules(frozenset(job["packages"]))
    if job["capture"] and measurement is not None and "error" not in message:
        message["answer"] = _answer(job, measurement)
    _send(channel, message)
    _exit(0)


def _read_all(number):
    chunks = []
    while True:
        chunk = os.read(number, 65536)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)


def _redirect(number, path, flags):
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)


def _main_module(job):
    """Make the script the main module, as pickle expects it, and return its names."""
    module = type(sys)("__main__")
    module.__file__ = job["file"]
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    sys.argv = [job["file"]]
    return module.__dict__


def _sibling(name):
    """Load a module that lies beside this file without putting the folder on the target's path."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    with open(path, encoding="utf-8") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    module = type(sys)(name)
    module.__file__ = path
    exec(code, module.__dict__)
    return module


def _takes_one_argument(function):
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    return code.co_argcount - len(getattr(function, "__defaults__", None) or ()) == 1


def _pyinstrument():
    from pyinstrument import Profiler

    return Profiler(interval=0.001, async_mode="disabled")


def _loaded_modules(packages):
    """Return the file of every loaded module of these top-level packages; "" for none."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            attributes = getattr(module, "__dict__", {})
            found[name] = str(attributes.get("__file__") or "")
    return found


def _answer(job, measurement):
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            continue  # closed or replaced by the workload
    lines = []
    if job["kind"] != "pytest":  # pytest prints how long it took
        with open(job["stdout"], encoding="utf-8", errors="replace") as stream:
            lines = stream.read(_MOST_STDOUT).splitlines()
    return {
        "parts": measurement.parts,
        "stdout": measurement.encode(lines),
        "doubts": measurement.doubts,
    }


def _describe(error, phase):
    """Return an error of the workload as text, without the frames of this file."""
    import traceback

    trace = error.__traceback__
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "perfagent_")
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(here):
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(error), error, trace))
        message = str(error)
    except BaseException as nested:
        text = message = "(its message raises %s)" % type(nested).__name__
    return {
        "phase": phase,
        "type": type(error).__name__,
        "message": message[:_TRACEBACK_CHARACTERS],
        "traceback": text[-_TRACEBACK_CHARACTERS:],
    }


def _send(channel, message):
    import json

    content = json.dumps(message).encode("ascii") + b"\n"
    while content:
        content = content[_write(channel, content) :]


if __name__ == "__main__":
    main()
