"""Records calls of some functions while the workload runs: with which arguments each was made.

Each function is replaced by a wrapper that copies the arguments (with pickle, before the call, as
the call may change them) and then calls it. Kept are the first calls with distinct arguments and
an even spread over the rest, within bounds of number, bytes and time. An object that its class's
constructor made and nothing changed since is kept as that call of the constructor, so that another
version may hold its state in another way.

The launch that records is never timed. CPython 3.8 and later, standard library alone.
"""

import base64
import functools
import importlib
import inspect
import io
import pickle
import sys
import threading
import time
import types
import weakref

MOST_CALLS = 200
FEWEST_OF_A_FUNCTION = 10
MOST_BYTES = 12000000
MOST_BYTES_OF_A_CALL = 4000000
LONGEST_CALL_S = 5.0
LONGEST_TOGETHER_S = 10.0
COPYING_S = 3.0
WATCHING_S = 1.5
_TRIES = 20
_MOST_KEYS = 200000
_PROTOCOL = 5

_clock = time.perf_counter

# What pickle itself calls, and what every look at an attribute would call.
_UNTOUCHED = frozenset(
    "__new__ __del__ __getattr__ __getattribute__ __setattr__ __reduce__ __reduce_ex__ "
    "__getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __init_subclass__ "
    "__set_name__ __class_getitem__".split()
)


class CannotRecord(Exception):
    """A function cannot be wrapped, or arguments cannot be copied; the message says why."""


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that records the calls made under the given one."""

    def run_and_record(job, measurement):
        recorder = Recorder(job["calls"], frozenset(job["packages"]))
        recorder.install()
        run(dict(job, capture=False), measurement)
        measurement.parts["calls"] = recorder.report()

    return run_and_record


class Recorder:
    """Wraps functions and keeps copies of the arguments they are called with.

    Args:
        wanted: {"functions": [[module, qualname]], "classes": [[module, qualname]]}: what to
            record, and whose instances to tell by how they were made.
        packages: Top-level names of the repository's own packages.
    """

    def __init__(self, wanted, packages):
        self.packages = packages
        self.classes = wanted["classes"]
        names = wanted["functions"]
        room = max(FEWEST_OF_A_FUNCTION, MOST_CALLS // max(1, len(names)))
        self.functions = [_Function(module, name, room) for module, name in names]
        self.births = _Births()
        self.copying_s = 0.0
        self.bytes = 0
        self.order = 0
        self._here = threading.local()

    def install(self):
        """Import the modules and put the wrappers in place."""
        # A recursive function needs a frame more for each call.
        sys.setrecursionlimit(2 * sys.getrecursionlimit())
        for function in self.functions:
            try:
                importlib.import_module(function.module)
                self._replace(function)
            except BaseException as error:
                function.give_up(_in_words(error))
        for module, qualname in self.classes:
            owner = _found(module, qualname)
            if isinstance(owner, type):
                self.births.watch(owner, self.is_copying)

    def is_copying(self):
        """Tell whether this thread is copying arguments: what that calls is not the workload's."""
        return getattr(self._here, "copying", False)

    def begin(self, function, arguments):
        """Copy the arguments of a call that begins; None when it is not kept."""
        if self.is_copying():
            return None
        function.calls += 1
        if not function.is_wanted(self.copying_s > COPYING_S):
            return None
        self._here.copying = True
        started = _clock()
        try:
            blob, by_state = self._copy(arguments)
        except Exception as error:
            function.note_failure(error)
            return None
        finally:
            self.copying_s += _clock() - started
            self._here.copying = False
        self.order += 1
        return function.keep(_Call(self.order, blob, by_state), self)

    def report(self):
        """Return what was recorded as plain JSON, calls in the order in which they began."""
        self._here.copying = True
        chosen = []
        together_s = 0.0
        calls = [
            (call, number)
            for number, function in enumerate(self.functions)
            for call in function.kept()
            if call.seconds is not None
        ]
        for call, number in sorted(calls, key=lambda pair: pair[0].seconds):
            together_s += call.seconds
            if call.seconds > LONGEST_CALL_S or together_s > LONGEST_TOGETHER_S:
                self.functions[number].too_long += 1
            else:
                chosen.append((call, number))
        chosen.sort(key=lambda pair: pair[0].order)
        return {
            "functions": [function.report() for function in self.functions],
            "calls": [
                {
                    "function": number,
                    "arguments": base64.b64encode(call.blob).decode("ascii"),
                    "by_state": sorted(call.by_state),
                    "raised": call.raised,
                }
                for call, number in chosen
            ],
        }

    def _copy(self, arguments):
        stream = _Bounded()
        pickler = _Copier(stream, self.births)
        pickler.dump(arguments)
        return stream.getvalue(), pickler.by_state

    def _replace(self, function):
        owner = _found(function.module, function.qualname.rpartition(".")[0])
        name = function.qualname.rpartition(".")[2]
        if owner is None or name not in vars(owner):
            raise CannotRecord("it is not found by its name")
        if name in _UNTOUCHED:
            raise CannotRecord("%s cannot be wrapped" % name)
        original = vars(owner)[name]
        function.style, wrapped = self._wrapped(function, owner, original)
        if wrapped is original:
            return
        setattr(owner, name, wrapped)
        self._rebind(original, wrapped)

    def _wrapped(self, function, owner, original):
        kind = type(original)
        if not isinstance(owner, type):
            if not callable(original) or isinstance(original, type):
                raise CannotRecord("it is a %s" % kind.__name__)
            return "function", self._wrapper(function, original)
        if isinstance(original, staticmethod):
            return "static", staticmethod(self._wrapper(function, original.__func__))
        if isinstance(original, classmethod):
            return "class", classmethod(self._wrapper(function, original.__func__))
        if kind is property and original.fget is not None:
            return "property", original.getter(self._wrapper(function, original.fget))
        if isinstance(original, functools.cached_property):
            original.func = self._wrapper(function, original.func)
            return "property", original
        if callable(original) and hasattr(kind, "__get__"):
            return "method", self._wrapper(function, original)
        raise CannotRecord("it is a %s" % kind.__name__)

    def _rebind(self, original, wrapped):
        """Replace the function under every other name that the repository's modules gave it."""
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] not in self.packages:
                continue
            for key, value in list(vars(module).items()):
                if value is original:
                    setattr(module, key, wrapped)
                elif isinstance(value, type) and value.__module__ == name:
                    for attribute, member in list(vars(value).items()):
                        if member is original:
                            setattr(value, attribute, wrapped)

    def _wrapper(self, function, original):
        def recorded(*args, **kwargs):
            call = self.begin(function, (args, kwargs))
            if call is None:
                return original(*args, **kwargs)
            with call:
                return original(*args, **kwargs)

        async def recorded_async(*args, **kwargs):
            call = self.begin(function, (args, kwargs))
            if call is None:
                return await original(*args, **kwargs)
            with call:
                return await original(*args, **kwargs)

        chosen = recorded_async if inspect.iscoroutinefunction(original) else recorded
        wrapper = functools.wraps(original)(chosen)
        for name in dir(original):  # cache_clear and the like
            if not name.startswith("_") and not hasattr(wrapper, name):
                setattr(wrapper, name, getattr(original, name))
        return wrapper


class _Function:
    """What is known of one function's calls."""

    def __init__(self, module, qualname, room):
        self.module = module
        self.qualname = qualname
        self.style = None
        self.problem = ""
        self.calls = 0
        self.failed = 0
        self.why = None
        self.too_long = 0
        self._room = room
        self._copied = 0
        self._distinct = 0
        self._keys = set()
        self._first = []
        self._spread = []
        self._stride = 1

    def give_up(self, why):
        """Take note that no call of it can be recorded."""
        self.problem = why

    def is_wanted(self, time_is_up):
        """Tell whether the arguments of the call that begins are to be copied."""
        if self.failed >= _TRIES and not self._copied:
            self.failed += 1
            return False
        return not time_is_up or self.calls & (self.calls - 1) == 0

    def note_failure(self, error):
        """Take note that the arguments of a call could not be copied."""
        self.failed += 1
        self.why = self.why or _in_words(error)

    def keep(self, call, recorder):
        """Keep the call if its arguments are new and there is room; return it then, else None."""
        self._copied += 1
        key = hash(call.blob)
        if key in self._keys or recorder.bytes + len(call.blob) > MOST_BYTES:
            return None
        if len(self._keys) < _MOST_KEYS:
            self._keys.add(key)
        self._distinct += 1
        if len(self._first) < self._room // 4:
            self._first.append(call)
        elif self._distinct % self._stride == 0:
            self._spread.append(call)
        else:
            return None
        recorder.bytes += len(call.blob)
        if len(self._spread) > self._room - self._room // 4:
            recorder.bytes -= sum(len(dropped.blob) for dropped in self._spread[::2])
            self._spread = self._spread[1::2]
            self._stride *= 2
        return call

    def kept(self):
        """Return the calls that were kept."""
        return self._first + self._spread

    def report(self):
        """Return what was seen as plain JSON."""
        return {
            "module": self.module,
            "qualname": self.qualname,
            "style": self.style,
            "problem": self.problem or None,
            "calls": self.calls,
            "failed": self.failed,
            "why": self.why,
            "too_long": self.too_long,
        }


class _Call:
    """One recorded call; as a context manager it notes how long it took and whether it raised."""

    def __init__(self, order, blob, by_state):
        self.order = order
        self.blob = blob
        self.by_state = by_state
        self.raised = False
        self.seconds = None

    def __enter__(self):
        self._started = _clock()
        return self

    def __exit__(self, kind, error, trace):
        self.seconds = _clock() - self._started
        self.raised = kind is not None
        return False


class _Births:
    """Remembers by which arguments objects were constructed, while they live."""

    def __init__(self):
        self.classes = ()
        self.spent_s = 0.0
        self._known = {}

    def watch(self, cls, is_copying):
        """Note the constructions of `cls` from now on."""
        self.classes += (cls,)
        original = vars(cls).get("__init__")
        if not isinstance(original, types.FunctionType):
            return

        @functools.wraps(original)
        def constructor(self_, *args, **kwargs):
            # In a class's own constructor only: a subclass's may take other arguments.
            whole = type(self_).__init__ is constructor and type(self_).__new__ is object.__new__
            if not whole or is_copying() or self.spent_s > WATCHING_S:
                return original(self_, *args, **kwargs)
            arguments = self._timed(_plain_copy, (args, kwargs))
            result = original(self_, *args, **kwargs)
            if arguments is not None:
                self._timed(self._remember, self_, arguments)
            return result

        try:
            cls.__init__ = constructor
        except (TypeError, AttributeError):
            return

    def find(self, obj):
        """Return (callable, arguments) that make `obj` as it is now; None when unknown."""
        reference, arguments, state = self._known.get(id(obj), (None, None, None))
        if reference is None or reference() is not obj or _state_key(obj) != state:
            return None
        args, kwargs = pickle.loads(arguments)
        return functools.partial(type(obj), *args, **kwargs), ()

    def _remember(self, obj, arguments):
        number = id(obj)
        reference = weakref.ref(obj, lambda _: self._known.pop(number, None))
        self._known[number] = (reference, arguments, _state_key(obj))

    def _timed(self, call, *arguments):
        started = _clock()
        try:
            return call(*arguments)
        except Exception:
            return None  # it is copied with its state, then
        finally:
            self.spent_s += _clock() - started


class _Copier(pickle.Pickler):
    def __init__(self, stream, births):
        super().__init__(stream, _PROTOCOL)
        self.births = births
        self.by_state = set()

    def reducer_override(self, obj):
        if isinstance(obj, type) or not isinstance(obj, self.births.classes):
            return NotImplemented
        made = self.births.find(obj)
        if made is not None:
            return made
        for cls in self.births.classes:
            if isinstance(obj, cls):
                self.by_state.add("%s.%s" % (cls.__module__, cls.__qualname__))
        return NotImplemented


class _Bounded(io.BytesIO):
    def write(self, content):
        size = memoryview(content).nbytes
        if self.tell() + size > MOST_BYTES_OF_A_CALL:
            raise CannotRecord(
                "its arguments are larger than %d MB" % (MOST_BYTES_OF_A_CALL // 1e6)
            )
        return super().write(content)


def _plain_copy(value):
    stream = _Bounded()
    pickle.Pickler(stream, _PROTOCOL).dump(value)
    return stream.getvalue()


def _state_key(obj):
    """Return what changes when the object's state does."""
    return hash(_plain_copy(obj.__reduce_ex__(2)[2:]))


def _found(module, qualname):
    """Return the module's member of that name ("" is the module itself), None when there is none.

    Class dictionaries are read as they are, so a descriptor is returned itself.
    """
    member = sys.modules.get(module)
    for part in qualname.split(".") if qualname else ():
        member = vars(member).get(part) if hasattr(member, "__dict__") else None
    return member


def _in_words(error):
    text = (
        str(error)
        if isinstance(error, CannotRecord)
        else "%s: %s"
        % (
            type(error).__name__,
            error,
        )
    )
    return text[:200]
