"""Makes recorded calls again, in a fresh process, and tells what came of each.

Each call gets arguments of its own, made anew from their copy, and random numbers that begin at
the same seed. What comes of it is the returned value (iterators and coroutines are run) or the
exception, the arguments as they are afterwards, what was printed, and which public variables of the
repository's modules it changed.

CPython 3.8 and later, standard library alone.
"""

import asyncio
import collections
import contextlib
import copy
import importlib
import inspect
import io
import pickle
import sys
import time
import types
from typing import Any

MOST_ITEMS = 10000

_clock = time.perf_counter
_loads = pickle.loads
_signature = inspect.signature
_TEXT = 300

_ONE_SHOT = (types.GeneratorType, map, filter, zip, enumerate, reversed)
_ITERATORS = ("itertools", "builtins")
_SEQUENCES = (list, collections.deque, bytearray)
_MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
_CONTAINERS = _SEQUENCES + _MAPPINGS + (set,)
_SCALARS = (bool, int, float, complex, str, bytes, type(None))
_LONGEST_VARIABLE = 1000


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that makes the recorded calls and never the workload's.

    `tick(number)` is called as soon as the call of that number is over.
    """

    def replay(job, measurement):
        if job["has_workload"]:  # the script's classes, and what it sets up when it is imported
            code = compile(job["text"], job["file"], "exec", dont_inherit=True)
            exec(code, main_module(job))
        replayer = Replayer(job["calls"], measurement.encode, tick, frozenset(job["packages"]))
        measurement.parts["calls"] = measurement.run(replayer.run, keep=True)

    return replay


class Replayer:
    """Makes calls one after the other.

    Args:
        job: {"functions": [[module, qualname, style]], "calls": [[number, function, blob]],
            "seed": of random numbers, "longest_s" and "most_bytes": after which no further call
            is made, None for no bound}.
        encode: Turns a value into plain JSON.
        tick: Called with the number of each call that is over.
        packages: Top-level names of the repository's own packages.
    """

    def __init__(self, job, encode, tick, packages):
        self.functions = job["functions"]
        self.calls = job["calls"]
        self.seed = job["seed"]
        self.longest_s = job["longest_s"]
        self.most_bytes = job["most_bytes"]
        self.encode = encode
        self.tick = tick
        self.packages = packages
        self.variables = _Variables(())

    def run(self):
        """Return {"outcomes": [[number, kind, in words, value]], "signatures", "variables"}.

        All of it is plain JSON; "variables" are the names of all that a call could change.
        """
        for module, _, _ in self.functions:
            try:
                importlib.import_module(module)
            except BaseException:
                continue  # its functions will be missing
        self.variables = _Variables(self.packages)
        outcomes = []
        started = _clock()
        size = 0
        for number, function, blob in self.calls:
            module, qualname, style = self.functions[function]
            outcome = self._outcome(module, qualname, style, blob)
            outcomes.append([number, *outcome])
            self.tick(number)
            if self.longest_s is not None and _clock() - started > self.longest_s:
                break
            if self.most_bytes is not None:
                size += len(repr(outcome[2]))  # about what it takes as JSON
                if size > self.most_bytes:
                    break
        return {
            "outcomes": outcomes,
            "signatures": [_parameters(*function) for function in self.functions],
            "variables": self.variables.names(),
        }

    def _outcome(self, module, qualname, style, blob):
        """Return (kind, in words, value) of one call.

        Kinds: "missing" (no such function), "unloadable" (its arguments cannot be made),
        "unbindable" (it does not take them), "returned", "raised"; value is None but for the last
        two.
        """
        owner, member = _found(module, qualname)
        if member is None:
            return "missing", "", None
        try:
            args, kwargs = _loads(blob)
        except BaseException as error:
            return "unloadable", _in_words(error), None
        self._reseed()
        before = self.variables.look()
        kind, value, words = "returned", None, ""
        stdout, sys.stdout = sys.stdout, io.StringIO()
        printed = sys.stdout
        try:
            value = _run_on(_call(owner, member, style, args, kwargs))
        except BaseException as error:
            if _is_unbindable(error, member, style, args, kwargs):
                return "unbindable", _in_words(error), None
            kind, value, words = "raised", error.with_traceback(None), _in_words(error)
        finally:
            sys.stdout = stdout
        changed = self.variables.changed(before)
        return kind, words, self._encoded(value, style, args, kwargs, printed, changed)

    def _encoded(self, value, style, args, kwargs, printed, changed):
        bound = style in ("method", "property") and len(args) > 0
        return self.encode(
            {
                "outcome": value,
                "self": args[0] if bound else None,
                "arguments": list(args[1:] if bound else args),
                "keywords": kwargs,
                "output": [] if printed.closed else printed.getvalue().splitlines(),
                "variables": changed,
            }
        )

    def _reseed(self):
        for name in ("random", "numpy.random"):
            module = sys.modules.get(name)
            if module is not None:
                module.seed(self.seed)


class _Variables:
    """The public variables of the repository's modules: a log, a table, a counter.

    Seen are containers of the standard library that grow, shrink or are replaced, and plain values
    that are replaced; a container whose items change while their number stays is not.

    Args:
        packages: Top-level names of the repository's own packages.
    """

    def __init__(self, packages):
        self._places = [
            (vars(module), name, "%s.%s" % (module_name, name))
            for module_name, module in sorted(sys.modules.items())
            if module_name.partition(".")[0] in packages and module is not None
            for name, value in sorted(vars(module).items())
            if not name.startswith("_") and type(value) in _CONTAINERS + _SCALARS
        ]

    def names(self):
        """Return the full names of them all."""
        return [full_name for _, _, full_name in self._places]

    def look(self):
        """Return what tells each variable's state from its later ones."""
        return [_state(module.get(name)) for module, name, _ in self._places]

    def changed(self, before):
        """Return {full name: what it gained, or all that it is} of those that changed."""
        found = {}
        for at, (module, name, full_name) in enumerate(self._places):
            value = module.get(name)
            now = _state(value)
            if now != before[at]:
                found[full_name] = _news(value, before[at], now)
        return found


def _state(value):
    kind = type(value)
    if kind in _CONTAINERS:
        return kind, id(value), len(value)
    return kind, value if kind in _SCALARS else id(value), 0


def _news(value, before, now):
    """Return what a container that only grew at its end gained, else the whole value."""
    kind, number, size = now
    if kind not in _CONTAINERS:
        return value
    gained = size - before[2] if before[:2] == (kind, number) else -1
    if gained > 0 and kind is not set:
        items = value if kind in _SEQUENCES else value.items()
        return list(items)[-min(gained, _LONGEST_VARIABLE) :]
    return value if size <= _LONGEST_VARIABLE else {"items": size}


def _call(owner, member, style, args, kwargs):
    """Call a function as it was called when recorded, whatever kind of member it is now."""
    if style == "function":
        return member(*args, **kwargs)
    if style == "static":
        return _bound(member, None, owner)(*args, **kwargs)
    if style == "class":
        return _bound(member, None, args[0])(*args[1:], **kwargs)
    found = _bound(member, args[0], type(args[0]))
    return found if style == "property" else found(*args[1:], **kwargs)


def _bound(member, instance, owner):
    get = getattr(type(member), "__get__", None)
    return member if get is None else get(member, instance, owner)


def _found(module, qualname):
    """Return (its class or module, the member as it stands there); (None, None) when not found."""
    owner, member = None, sys.modules.get(module)
    for part in qualname.split("."):
        owner = member
        places = owner.__mro__ if isinstance(owner, type) else (owner,)
        holders = [vars(place) for place in places if hasattr(place, "__dict__")]
        member = next((names[part] for names in holders if part in names), None)
        if member is None:
            return None, None
    return owner, member


def _run_on(value):
    """Return a result, run to its end when calling the function only began the work."""
    if inspect.iscoroutine(value):
        return _run_on(asyncio.run(value))
    if inspect.isasyncgen(value):
        return asyncio.run(_collected(value))
    if isinstance(value, _ONE_SHOT) or _is_builtin_iterator(value):
        return _drained(value)
    if isinstance(value, contextlib._GeneratorContextManager):
        return _entered(value)
    return value


def _entered(context):
    """Return what a `contextlib.contextmanager` gives, as it is before its end; and end it."""
    with context as given:
        try:
            given = copy.deepcopy(given)
        except Exception:
            given = type(given)
    return {"context of": given}


def _is_builtin_iterator(value):
    kind = type(value)
    return kind.__module__ in _ITERATORS and hasattr(kind, "__next__")


def _drained(iterator):
    items = []
    end = None
    try:
        for item in iterator:
            items.append(item)
            if len(items) >= MOST_ITEMS:
                end = "more"
                break
    except BaseException as error:
        end = error.with_traceback(None)
    return {"iterator over": items, "and then": end}


async def _collected(iterator):
    items = []
    async for item in iterator:
        items.append(item)
        if len(items) >= MOST_ITEMS:
            break
    return {"iterator over": items, "and then": None}


def _is_unbindable(error, member, style, args, kwargs):
    """Tell whether a call failed because the function does not take these arguments."""
    if not isinstance(error, TypeError) or style == "property":
        return False
    function = getattr(member, "__func__", member)
    try:
        _signature(function).bind(*args, **kwargs)
    except TypeError:
        return True
    except ValueError:
        return False
    return False


def _parameters(module, qualname, style):
    """Return a function's parameters as text, None when they cannot be told."""
    member = _found(module, qualname)[1]
    function: Any = getattr(member, "fget", None) or getattr(member, "__func__", member)
    try:
        parameters = _signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return ["%s %s" % (parameter.kind.name, parameter.name) for parameter in parameters]


def _in_words(error):
    try:
        text = str(error)
    except BaseException:
        text = "its message cannot be read"
    return ("%s: %s" % (type(error).__name__, text))[:_TEXT]
