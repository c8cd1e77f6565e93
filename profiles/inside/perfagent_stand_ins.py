"""Learns of calls by stand-ins: below CPython 3.12, which cannot tell of single functions' calls.

A watched function gets other code, which counts and then calls a copy of the function as it was. So
every reference to the function leads there, wherever it is kept; nothing is bound anew. Functions
are found among all objects when the clock starts. Those made anew in each call of another one are
not looked into, and of generators and coroutines only the arguments are.

CPython 3.8 to 3.11, standard library alone.
"""

import gc
import importlib
import sys
import types

_MARK = 271828182
_LOOPS = 2000
_FRAMES_OF_A_CALL = 3
_RESUMED = 0x20 | 0x80 | 0x100 | 0x200
_COROUTINE = 0x80


class Source:
    """Tells a recorder of calls.

    Args:
        recorder: The `Recorder` (perfagent_facts.py).
    """

    def __init__(self, recorder):
        self.recorder = recorder
        self.replaced = []
        self.unit_s = 0.0
        self.problems = []

    def prepare(self):
        """Import what holds the functions, and measure what a stand-in costs."""
        sys.setrecursionlimit(_FRAMES_OF_A_CALL * sys.getrecursionlimit())
        self._measure()
        for module in self.recorder.modules:
            try:
                importlib.import_module(module)
            except (Exception, SystemExit) as error:
                self.problems.append("%s cannot be imported (%s)" % (module, type(error).__name__))

    def start(self):
        """Put the stand-ins in place."""
        spots = [each for each in self.recorder.spots if each.is_counted and not _is_nested(each)]
        lines = frozenset([spot.line for spot in spots])
        for function in [each for each in gc.get_objects() if type(each) is types.FunctionType]:
            code = function.__code__
            if code.co_firstlineno in lines:
                spot = self.recorder.spot_of(code)
                if spot is not None and spot in spots:
                    self._replace(spot, function)

    def stop(self):
        """Give every function its own code back."""
        for _, function, code, had_original in self.replaced:
            _restore(function, code, had_original)
        self.replaced = []
        for spot in self.recorder.spots:
            spot.running.clear()

    def settle(self, spot):
        """Give a function that is no longer watched its own code back."""
        if spot.is_counted:
            return
        for each, function, code, had_original in self.replaced:
            if each is spot:
                _restore(function, code, had_original)
        self.replaced = [each for each in self.replaced if each[0] is not spot]

    def explain(self, spot):
        """Say what is not known of a function, and why."""
        if _is_nested(spot):
            spot.note("nested functions are not looked into on this Python")
        elif not spot.codes and self.problems:
            spot.note("; ".join(self.problems))
        elif not spot.calls and spot.is_counted:
            spot.note("not called in the process that runs the workload")
        elif spot.flags & _RESUMED:
            spot.note("of generators and coroutines only arguments are looked at on this Python")

    # -- stand-ins ---------------------------------------------------------------------------------

    def _replace(self, spot, function):
        code = function.__code__
        original = types.FunctionType(
            code,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        original.__kwdefaults__ = function.__kwdefaults__
        if not spot.knows(code):
            spot.adopt(code)
        spot.unit_s = self.unit_s
        model = _stand_in
        if not code.co_flags & _RESUMED:
            call = self._caller(spot, original)
        elif code.co_flags & _COROUTINE:
            model, call = _coroutine_stand_in, self._starter(spot, original)
        else:
            call = self._starter(spot, original)
        had_original = hasattr(function, "__wrapped__")
        if not had_original:
            function.__wrapped__ = original  # for those who ask for the signature
        self.replaced.append((spot, function, code, had_original))
        function.__code__ = _code_of(model, code, call)

    def _caller(self, spot, original):
        begin, end = self._begin, self.recorder.end

        def perfagent_call(args, kwargs):
            spot.calls += 1
            if spot.calls < spot.next:
                return original(*args, **kwargs)
            call = original, args, kwargs
            record = begin(spot, call)
            if record is None:
                return original(*args, **kwargs)
            try:
                value = original(*args, **kwargs)
            except BaseException as error:
                end(spot, record, call, original.__globals__, error, True)
                raise
            end(spot, record, call, original.__globals__, value, False)
            return value

        return perfagent_call

    def _starter(self, spot, original):
        begin = self._begin

        def perfagent_call(args, kwargs):
            spot.calls += 1
            if spot.calls >= spot.next and begin(spot, (original, args, kwargs)) is not None:
                spot.running.clear()
            return original(*args, **kwargs)

        return perfagent_call

    def _begin(self, spot, call):
        recorder = self.recorder
        if recorder.is_looking:
            return None  # a look calls it itself
        frame = sys._getframe(1)
        number = object.__hash__(frame)
        return recorder.begin(spot, call, number, call[0].__globals__, frame.f_back)

    def arguments(self, spot, call):
        """Return the arguments as the function sees them when it begins."""
        original, args, kwargs = call
        code, missing = original.__code__, self.recorder.missing
        positional = code.co_varnames[: code.co_argcount]
        defaults = original.__defaults__ or ()
        held = {}
        held.update(zip(positional[len(positional) - len(defaults) :], defaults))
        held.update(original.__kwdefaults__ or {})
        held.update(zip(positional, args))
        rest = {}
        for name, value in kwargs.items():
            (held if name in spot.names else rest)[name] = value
        for name in spot.names:
            if name == spot.rest_of_positional:
                held[name] = args[len(positional) :]
            elif name == spot.rest_of_keywords:
                held[name] = rest
        return [held.get(name, missing) for name in spot.names]

    # -- costs -------------------------------------------------------------------------------------

    def _measure(self):
        """Measure on a function of this file what counting costs."""
        recorder = self.recorder
        code = _measured.__code__
        wanted = {"files": [code.co_filename], "line": code.co_firstlineno}
        spot = recorder.made_spot(dict(wanted, function=code.co_name, has_receiver=False))
        bare_s = min(_spin(recorder.clock) for _ in range(3))
        spot.next = sys.maxsize
        self._replace(spot, _measured)
        self.unit_s = max(min(_spin(recorder.clock) for _ in range(3)) - bare_s, 0.0)
        recorder.measure(spot, _measured, bare_s)
        self.stop()


def _is_nested(spot):
    return "<locals>" in spot.function


def _restore(function, code, had_original):
    function.__code__ = code
    if not had_original:
        function.__dict__.pop("__wrapped__", None)


def _code_of(model, code, call):
    """Return the model's code with `call` in it, fit to take the place of a function's code."""
    constants = tuple([call if each == _MARK else each for each in model.__code__.co_consts])
    return model.__code__.replace(
        co_consts=constants, co_name=code.co_name, co_freevars=code.co_freevars
    )


def _stand_in(*args, **kwargs):
    call = 271828182
    return call(args, kwargs)  # pyright: ignore[reportCallIssue]


async def _coroutine_stand_in(*args, **kwargs):
    call = 271828182
    return await call(args, kwargs)  # pyright: ignore[reportCallIssue]


def _measured(one):
    return one


def _spin(clock):
    began = clock()
    for _ in range(_LOOPS):
        _measured(None)
    return (clock() - began) / _LOOPS
