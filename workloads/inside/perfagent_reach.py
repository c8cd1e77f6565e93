"""Counts how often a workload runs given lines, and enters given functions, of a tree's files.

Import and setup are counted apart from the first call; there is no second one. Such a launch is
never timed. Only code that holds a wanted line is looked into line by line; compiled code and
other processes are not seen. CPython 3.8 and later, standard library alone.
"""

import os
import sys
import threading

MOST_EVENTS = 3000000


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that counts while the given one runs."""

    def run_and_count(job, measurement):
        counter = _Counter(job["tree"], job["calls"]["lines"])
        stages = {}
        measurement.gauges = _Gate(measurement.gauges, counter, stages)
        counter.start()
        try:
            run(dict(job, capture=False), measurement)
        finally:
            counter.stop()
        measurement.parts["calls"] = stages

    return run_and_count


class _Gate:
    """The driver's gauges, which are told when its clock starts and stops."""

    def __init__(self, gauges, counter, stages):
        self._gauges = gauges
        self._counter = counter
        self._stages = stages

    def start(self):
        self._gauges.start()
        self._stages.setdefault("before", self._counter.take())

    def stop(self, regime):
        self._stages.setdefault("call", self._counter.take())
        self._gauges.stop(regime)

    def __getattr__(self, name):
        return getattr(self._gauges, name)


class _Counter:
    """Counts lines and entries of functions, in all threads."""

    def __init__(self, tree, lines):
        self._wanted = {}
        for path, numbers in lines.items():
            for root in {tree, os.path.realpath(tree)}:
                self._wanted[os.path.join(root, path)] = (path, frozenset(numbers))
        self._codes = {}
        self._events = 0
        self._lines = {}
        self._entries = {}

    def start(self):
        threading.settrace(self._at_call)
        sys.settrace(self._at_call)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)

    def take(self):
        """Return what was counted since the last time."""
        taken = {
            "lines": [[path, line, count] for (path, line), count in self._lines.items()],
            "entries": [[path, line, count] for (path, line), count in self._entries.items()],
            "all": self._events <= MOST_EVENTS,
        }
        self._lines, self._entries = {}, {}
        return taken

    def _at_call(self, frame, event, argument):
        code = frame.f_code
        found = self._codes.get(code)
        if found is None:
            found = self._codes[code] = self._look_at(code)
        if not found or self._events > MOST_EVENTS:
            return None
        path, wanted = found
        self._count(self._entries, (path, code.co_firstlineno))

        def at_line(frame, event, argument):
            if event == "line" and frame.f_lineno in wanted:
                self._count(self._lines, (path, frame.f_lineno))
                if self._events > MOST_EVENTS:
                    return None
            return at_line

        return at_line

    def _look_at(self, code):
        """Return the path and the wanted lines of a piece of code, () when it has none."""
        found = self._wanted.get(code.co_filename)
        if found is None:
            return ()
        path, wanted = found
        own = frozenset(_lines_of(code)) & wanted
        return (path, own) if own else ()

    def _count(self, counts, key):
        counts[key] = counts.get(key, 0) + 1
        self._events += 1


def _lines_of(code):
    """Return the lines of a function, those of the functions inside it included."""
    numbers = {code.co_firstlineno}
    if hasattr(code, "co_lines"):
        numbers.update(line for _, _, line in code.co_lines() if line)
    else:
        line = code.co_firstlineno
        for step in code.co_lnotab[1::2]:
            line += step - 256 if step > 127 else step
            numbers.add(line)
    for inner in code.co_consts:
        if hasattr(inner, "co_firstlineno"):
            numbers.update(_lines_of(inner))
    return numbers
