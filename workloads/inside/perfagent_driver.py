"""Runs one workload in the target's interpreter, times it, and reports through a private channel.

Started as `python perfagent_driver.py CHANNEL` with the job (a marshalled dict, see launch.py) on
stdin; writes one JSON message to the file descriptor CHANNEL and ends the process at once, so that
nothing of the target's runs after the clock was read. Profilers know the calls by the frame
`perfagent_timed_region` of this file.

The target's code shares this process, so what is done here against a hostile patch only makes
tricks harder and visible; the layers around it answer the rest. Done here: the tree is put on the
path after this file holds all it needs (so no `sitecustomize.py` of the tree runs before it);
builtins, clocks and writers are copies that a patched module does not reach; `__main__` is not
this file; the nonce stays unread in a pipe until the calls are over. Still possible for code that
looks at frames, walks the collector's objects or reads every open file descriptor: to change the
clock of this file, or to take the nonce and send a message of its own. The static check of the
patch refuses the names that this needs, the launch that records the answer counts such events
(`perfagent_watch`), and the guard process has a clock that nothing here reaches.

CPython 3.8 and later, standard library alone. Before the workload has been timed nothing is
imported that the interpreter did not already hold, so the target pays for its own imports.
"""

import marshal
import os
import sys
import time
from itertools import repeat

# Bound before any of the target's code runs, which may replace what modules and builtins hold.
_real_builtins = __builtins__
__builtins__ = dict(vars(__builtins__))
_modules = sys.modules
_path = sys.path[1:]
_clock = time.perf_counter
_read = os.read
_write = os.write
_exit = os._exit
_getpid = os.getpid

_CHANNEL = 250
_NONCE = 251
"""Where the channel and the pipe with the nonce lie while the target's code runs."""
_NONCE_BYTES = 32
_LENGTH_BYTES = 16
_OWN_COPIES = frozenset(["base64", "hashlib", "json", "struct", "traceback"])

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

    def __init__(self, job, gauges):
        self.gauges = gauges
        self.loops = job["loops"]
        self.repeat_for_s = job["repeat_for_s"]
        self.keep = job["capture"]
        self.keep_last = job["keep_last"]
        self.last = None
        self.phase = "import"
        self.import_s = 0.0
        self.setup_s = 0.0
        self.cold_s = None
        self.warm_s = []
        self.warm_calls = 0
        self.imported_by_call = 0
        self.parts = {}
        self.doubts = []
        self._tree = job["tree"]
        self.profiler = _pyinstrument() if job["pyinstrument"] else None
        self._depth = 0
        self._seed = job["seed"]
        # Loaded before the target's code, which might change what it is made of.
        self._answers = job["capture"] and _with_own_copies(_load_answers)
        self._room = self._answers and self._answers.Room()

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
        self.gauges.begin()
        self.gauges.start()
        elapsed, result = perfagent_timed_region(call, arguments, 1, keep)
        self.gauges.stop("cold")
        self.gauges.end()
        self.cold_s = (self.cold_s or 0.0) + elapsed
        self.imported_by_call += len(sys.modules) - modules
        self._run_warm(call, arguments, prepare)
        if self.keep_last:
            if prepare is not None:
                call, arguments = prepare()
            self.last = perfagent_timed_region(call, arguments, 1, True)[1]
        self._run_on(call, arguments, prepare)
        return result

    def _run_warm(self, call, arguments, prepare):
        if not self.loops:
            return
        blocks = min(_MOST_BLOCKS, self.loops)
        self.gauges.begin()
        for index in range(blocks):
            size = self.loops // blocks + (index < self.loops % blocks)
            elapsed = 0.0
            if prepare is None:
                self.gauges.start()
                elapsed, _ = perfagent_timed_region(call, arguments, size, False)
                self.gauges.stop("warm")
            else:
                for _ in repeat(None, size):
                    call, arguments = prepare()
                    self.gauges.start()
                    elapsed += perfagent_timed_region(call, arguments, 1, False)[0]
                    self.gauges.stop("warm")
            self.warm_s.append(elapsed / size)
        self.warm_calls += self.loops
        self.gauges.end()

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
        return self._answers.encode(value, self._tree, self._room)

    def last_answer(self):
        """Return, as JSON, the answer of a launch that until now was like the timed ones."""
        self._answers = _with_own_copies(_load_answers)
        self._room = self._answers.Room()
        parts = {"last return value": self.encode(self.last)}
        return self.answer_text({"parts": parts, "doubts": []})

    def answer_text(self, answer):
        """Return the answer as JSON."""
        return self._answers.to_text(answer)

    def report(self):
        """Return what the message to perfagent says of the times and the answer."""
        return {
            "import_s": self.import_s,
            "setup_s": self.setup_s,
            "cold_s": self.cold_s,
            "warm_s": self.warm_s,
            "imported_by_call": self.imported_by_call,
            "gauges": self.gauges.report(self.warm_calls),
        }


def run_script(job, measurement):
    """Run a workload script from its text, as the program's main module."""
    namespace = _main_module(job)
    if not job["has_workload"]:
        _run_plain(job, measurement, namespace)
        return
    observer = None
    if job["capture"]:
        observer = _with_own_copies(lambda: _load_observer().Observer(measurement.encode))
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
        left = _with_own_copies(_load_observer).module_parts(measurement.encode, namespace, before)
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
        observer = _sibling("perfagent_observer")
        measurement.parts.update(observer.value_parts(measurement.encode, "return value", result))
        if result is None:
            measurement.doubts.append("the function returns None: only its output is compared")


def run_pytest(job, measurement):
    """Run one pytest node id in this process; the test's call, or what it benchmarks, is timed."""
    _sibling("perfagent_pytest").run(job, measurement, perfagent_timed_region)


def main():
    """Do the job and end the process."""
    job = _take_job()
    _hide()
    process = _getpid()
    measurement = watch = None
    run = {"script": run_script, "function": run_function, "pytest": run_pytest}[job["kind"]]
    if job["calls"]:
        beside = _sibling("perfagent_" + job["calls"]["do"], job["calls"].get("folder"))
        run = beside.instead(run, _main_module, _tick)
    message = {}
    if job["capture"]:
        __import__("random").seed(job["seed"])  # for input that the script makes when imported
        watch = _sibling("perfagent_watch").Watch(job["tree"], os.path.dirname(__file__))
    try:
        measurement = Measurement(job, _gauges(job))
        _open_path(job)
        if watch is not None:
            watch.start()
        run(job, measurement)
        session = measurement.profiler.last_session if measurement.profiler else None
        if session is not None:
            session.save(job["pyinstrument"])
        message.update(measurement.report())
    except BaseException as error:
        message["error"] = _describe(error, measurement.phase if measurement else "import")
    if _getpid() != process:
        _exit(0)  # a child that the workload forked came back through here
    message["modules"] = _loaded_modules(frozenset(job["packages"]))
    answer = None
    if watch is not None and measurement is not None and "error" not in message:
        message["other_code"] = watch.other_code()
        answer = measurement.answer_text(dict(_answer(job, measurement), events=watch.events()))
    elif measurement is not None and job["keep_last"] and "error" not in message:
        answer = measurement.last_answer()
    elif measurement is not None and job["calls"] and "error" not in message:
        answer = _json({"parts": measurement.parts, "doubts": []})
    _send(message, answer)
    _exit(0)


def _take_job():
    """Read the job, leave the nonce behind it unread, and put every stream where it belongs."""
    job = marshal.loads(_read_exactly(0, int(_read_exactly(0, _LENGTH_BYTES))))
    os.dup2(0, _NONCE, False)
    channel = int(sys.argv[1])
    os.dup2(channel, _CHANNEL, False)
    os.close(channel)
    _redirect(0, os.devnull, os.O_RDONLY)
    _redirect(1, job["stdout"] or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    return job


def _hide():
    """Leave no way to this file that is not a look at frames."""
    _modules["__main__"] = type(sys)("__main__")
    sys.argv = [""]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv = [sys.executable]


def _open_path(job):
    """Let the target's code be found: the tree first, what lies beside the workload after it."""
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == here:
        del sys.path[0]
    sys.path[:0] = job["roots"] + job["path"]
    if job["side_packages"]:
        sys.path.append(job["side_packages"])
    os.environ["PYTHONPATH"] = os.pathsep.join(job["roots"])  # for processes that it starts


def _read_exactly(number, count):
    content = b""
    while len(content) < count:
        chunk = _read(number, count - len(content))
        if not chunk:
            break
        content += chunk
    return content


def _redirect(number, path, flags):
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)


def _main_module(job):
    """Make the script the main module, as pickle expects it, and return its names."""
    module = type(sys)("__main__")
    module.__file__ = job["file"]
    module.__builtins__ = _real_builtins
    sys.modules["__main__"] = module
    sys.argv = [job["file"]]
    return module.__dict__


def _sibling(name, folder=None):
    """Load a module that lies beside this file, or in another folder of perfagent's.

    The folder is not put on the target's path.
    """
    path = os.path.join(folder or os.path.dirname(os.path.abspath(__file__)), name + ".py")
    with open(path, encoding="utf-8") as stream:
        code = compile(stream.read(), path, "exec", dont_inherit=True)
    module = type(sys)(name)
    module.__file__ = path
    exec(code, module.__dict__)
    return module


def _gauges(job):
    counter = _sibling("perfagent_counters").make(job) if job["counter"] else None
    return _sibling("perfagent_gauges").Gauges(job["metric"], counter)


def _load_answers():
    import json

    module = _sibling("perfagent_answer")
    module.to_text = json.dumps
    return module


def _load_observer():
    return _sibling("perfagent_observer")


def _load_traceback():
    import traceback

    return traceback


def _with_own_copies(load):
    """Return what `load` does, with some modules imported anew and known to nobody else."""
    others = {name: _modules.pop(name) for name in list(_modules) if _is_own_copy(name)}
    path, sys.path = sys.path, _path
    try:
        return load()
    finally:
        sys.path = path
        for name in [name for name in _modules if _is_own_copy(name)]:
            del _modules[name]
        _modules.update(others)


def _is_own_copy(name):
    return name.partition(".")[0] in _OWN_COPIES


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
    for name, module in list(_modules.items()):
        if name.partition(".")[0] in packages:
            attributes = getattr(module, "__dict__", {})
            found[name] = [str(attributes.get("__file__") or ""), _origin(attributes)]
    return found


def _origin(attributes):
    """Return the file that the import system loaded a module from, "" for none."""
    spec = attributes.get("__spec__")
    return str(spec.origin or "") if getattr(spec, "has_location", False) else ""


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
    traceback = _with_own_copies(_load_traceback)
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


def _tick(number):
    """Say that a replayed call is over, in case the process ends before its message."""
    _write(_CHANNEL, b'{"over": %d}\n' % number)


def _send(message, answer):
    """Send the message; `answer` is JSON already, None for none."""
    # Only now, with all of the target's code over, the nonce comes into the process.
    nonce = _read_exactly(_NONCE, _NONCE_BYTES).decode("ascii", "replace")
    text = _json(dict(message, nonce=nonce))
    if answer is not None:
        text = text[:-1] + ',"answer":' + answer + "}"
    content = text.encode("ascii") + b"\n"
    while content:
        content = content[_write(_CHANNEL, content) :]


def _json(value):
    """Return a value as JSON, without the module of that name, which may be patched by now."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    kind = type(value)
    if kind is int or kind is float:
        return repr(value)
    if kind is str:
        return '"' + "".join([_json_character(character) for character in value]) + '"'
    if kind is dict:
        members = [_json(key) + ":" + _json(item) for key, item in value.items()]
        return "{%s}" % ",".join(members)
    return "[" + ",".join([_json(item) for item in value]) + "]"


def _json_character(character):
    number = ord(character)
    if 31 < number < 127 and character not in '"\\':
        return character
    if number < 65536:
        return "\\u%04x" % number
    number -= 65536
    return "\\u%04x\\u%04x" % (55296 + (number >> 10), 56320 + (number & 1023))


if __name__ == "__main__":
    main()
