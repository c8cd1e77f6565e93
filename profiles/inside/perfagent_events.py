"""Learns of calls from the interpreter itself: `sys.monitoring`, CPython 3.12 and later.

A watched function is recognized when its code first starts, wherever that came from: by its file
and line, so nested and decorated functions are found too. Events are then set for its code alone;
of other code only the first start is told, and each exception that passes through.
"""

import sys

monitoring = sys.monitoring  # pyright: ignore[reportAttributeAccessIssue]

_EVENTS = monitoring.events
_TOOLS = (3, 4, 2, 5, 1, 0)
_LIGHT_FROM = 16
"""From this stride on a call's end is only told where the call is looked into."""
_MORE_DEPTH = 60
_LOOPS = 2000

LIGHT = _EVENTS.PY_START
FULL = LIGHT | _EVENTS.PY_RETURN
RESUMED = FULL | _EVENTS.PY_YIELD | _EVENTS.PY_RESUME


class Source:
    """Tells a recorder of calls.

    Args:
        recorder: The `Recorder` (perfagent_facts.py).
    """

    def __init__(self, recorder):
        self.recorder = recorder
        self.by_line = {}
        self.by_place = {}
        self.units_s = {0: 0.0}
        self.finder = self.tool = None
        self.number_of = object.__hash__

    def prepare(self):
        """Take two tools that nobody uses, and measure what being told of a call costs."""
        self.finder, self.tool = _free_tools()
        # A callback needs a few frames more than the function that it is told of.
        sys.setrecursionlimit(sys.getrecursionlimit() + _MORE_DEPTH)
        monitoring.register_callback(self.finder, _EVENTS.PY_START, self._on_first_start)
        on_start, on_return = self._callbacks()
        monitoring.register_callback(self.tool, _EVENTS.PY_START, on_start)
        monitoring.register_callback(self.tool, _EVENTS.PY_RETURN, on_return)
        monitoring.register_callback(self.tool, _EVENTS.PY_UNWIND, self._on_unwind)
        monitoring.register_callback(self.tool, _EVENTS.PY_YIELD, self._on_yield)
        monitoring.register_callback(self.tool, _EVENTS.PY_RESUME, self._on_resume)
        self._measure()

    def start(self):
        """Let the interpreter tell of calls."""
        monitoring.set_events(self.finder, _EVENTS.PY_START)
        monitoring.set_events(self.tool, _EVENTS.PY_UNWIND)
        for spot in self.recorder.spots:
            self.settle(spot)

    def stop(self):
        """Let it tell of nothing."""
        monitoring.set_events(self.finder, 0)
        monitoring.set_events(self.tool, 0)
        for spot in self.recorder.spots:
            spot.running.clear()
            self._set_mode(spot, 0)

    def explain(self, spot):
        """Say what is not known of a function, and why."""
        if not spot.calls and spot.is_counted:
            spot.note("not called in the process that runs the workload")

    # -- callbacks ---------------------------------------------------------------------------------

    def _callbacks(self):
        """Return the two callbacks that every call goes through, as fast as they can be."""
        by_line, by_place, getframe = self.by_line, self.by_place, sys._getframe
        begin, finish = self._begin, self._finish

        def on_start(code, offset):
            spot = by_line[code.co_firstlineno]
            if spot is None:
                spot = by_place[code.co_filename, code.co_firstlineno]
            spot.calls += 1
            if spot.calls >= spot.next:
                begin(spot, getframe(1))

        def on_return(code, offset, value):
            spot = by_line[code.co_firstlineno]
            if spot is None:
                spot = by_place[code.co_filename, code.co_firstlineno]
            if spot.running:
                finish(spot, getframe(1), value, False)

        return on_start, on_return

    def _on_first_start(self, code, offset):
        recorder = self.recorder
        try:
            spot = recorder.spot_of(code)
            if spot is not None and spot.is_counted and not spot.knows(code):
                self._adopt(spot, code)
                # Its own event is told from the next call on.
                spot.calls += 1
                if spot.calls >= spot.next:
                    self._begin(spot, sys._getframe(1))
        except Exception as error:
            recorder.fail(error)
        return monitoring.DISABLE

    def _adopt(self, spot, code):
        spot.adopt(code)
        known = self.by_line.setdefault(code.co_firstlineno, spot)
        if known is not spot:
            self.by_line[code.co_firstlineno] = None  # two files: the place decides
        self.by_place[code.co_filename, code.co_firstlineno] = spot
        spot.mode = None
        self.settle(spot)

    def _on_unwind(self, code, offset, error):
        spot = self.by_line.get(code.co_firstlineno)
        if spot is None:
            spot = self.by_place.get((code.co_filename, code.co_firstlineno))
        if spot is not None and spot.running and spot.knows(code):
            self._finish(spot, sys._getframe(1), error, True)

    def _on_yield(self, code, offset, value):
        spot, now = self._resumed(code), self.recorder.clock()
        if spot is not None and spot.running:
            record = spot.running.get(self.number_of(sys._getframe(1)))
            if record is not None:
                self.recorder.pause(record, now)

    def _on_resume(self, code, offset):
        spot = self._resumed(code)
        if spot is not None and spot.running:
            record = spot.running.get(self.number_of(sys._getframe(1)))
            if record is not None:
                self.recorder.resume(record)

    def _resumed(self, code):
        spot = self.by_line[code.co_firstlineno]
        if spot is None:
            spot = self.by_place[code.co_filename, code.co_firstlineno]
        spot.extra += 1
        if not spot.extra & 255:
            self.recorder.budget.relieve(spot)
        return spot

    def _begin(self, spot, frame):
        self.recorder.begin(spot, frame, self.number_of(frame), frame.f_globals, frame.f_back)

    def _finish(self, spot, frame, value, is_error):
        recorder = self.recorder
        record = spot.running.get(self.number_of(frame))
        if record is not None:
            recorder.end(spot, record, frame, frame.f_globals, value, is_error)
        else:
            recorder.budget.spend(spot, recorder.budget.unseen_s)

    def arguments(self, spot, frame):
        """Return what the parameters hold just now."""
        held = frame.f_locals
        missing = self.recorder.missing
        found = [held.get(name, missing) for name in spot.names]
        if type(held) is dict:
            held.clear()  # or 3.12 would keep the arguments as long as the frame
        return found

    # -- which events ------------------------------------------------------------------------------

    def settle(self, spot):
        """Set the events that a function needs just now."""
        if not spot.is_counted:
            mode = 0
        elif spot.stride >= _LIGHT_FROM and not spot.running:
            mode = LIGHT
        else:
            mode = RESUMED if spot.is_resumed else FULL
        self._set_mode(spot, mode)

    def _set_mode(self, spot, mode):
        if mode == spot.mode:
            return
        self.recorder.budget.account(spot)
        spot.mode = mode
        spot.unit_s = self.units_s.get(mode, self.units_s.get(FULL, 0.0))
        for code in spot.codes:
            monitoring.set_local_events(self.tool, code, mode)

    # -- costs -------------------------------------------------------------------------------------

    def _measure(self):
        """Measure on a function of this file what counting costs."""
        recorder, code = self.recorder, _measured.__code__
        wanted = {"files": [code.co_filename], "line": code.co_firstlineno}
        spot = recorder.made_spot(dict(wanted, function=code.co_name, has_receiver=False))
        spot.adopt(code)
        self.by_line[code.co_firstlineno] = spot
        spot.next = sys.maxsize
        bare_s = 0.0
        for mode in (0, LIGHT, FULL):
            self._set_mode(spot, mode)
            spent_s = min(_spin(recorder.clock) for _ in range(3))
            bare_s = bare_s or spent_s
            self.units_s[mode] = max(spent_s - bare_s, 0.0)
        self.units_s[RESUMED] = self.units_s[FULL]
        recorder.measure(spot, _measured, bare_s)
        self._set_mode(spot, 0)
        self.by_line.clear()


def _measured(one):
    return one


def _spin(clock):
    began = clock()
    for _ in range(_LOOPS):
        _measured(None)
    return (clock() - began) / _LOOPS


def _free_tools():
    """Take two tools that nobody uses, those first that have no name of their own."""
    found = []
    for number in _TOOLS:
        if len(found) < 2 and monitoring.get_tool(number) is None:
            monitoring.use_tool_id(number, "perfagent")
            found.append(number)
    finder, tool = found
    return finder, tool
