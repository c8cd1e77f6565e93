"""Counts how often given lines run while the workload's calls do, and before them.

For a change that did not pay: was the new path reached at all? Only files that hold such lines
are traced. The launch is never timed. CPython 3.8 and later, standard library alone.
"""

import os
import sys
import threading

MOST_HITS = 500000


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that counts under the given one."""

    def run_and_count(job, measurement):
        counter = _Counter(job["calls"]["lines"], job["tree"])
        measurement.gauges = _Gate(measurement.gauges, counter)
        counter.start()
        try:
            run(dict(job, capture=False, loops=0), measurement)
        finally:
            counter.stop()
        measurement.parts["calls"] = counter.report()

    return run_and_count


class _Gate:
    """The driver's gauges, which are told when its clock starts and stops."""

    def __init__(self, gauges, counter):
        self._gauges = gauges
        self._counter = counter

    def start(self):
        self._gauges.start()
        self._counter.in_call = True

    def stop(self, regime):
        self._counter.in_call = False
        self._gauges.stop(regime)

    def __getattr__(self, name):
        return getattr(self._gauges, name)


class _Counter:
    """Counts hits of lines, by file.

    Args:
        lines: {file relative to the tree: [line, ...]}.
        tree: The folder that runs.
    """

    def __init__(self, lines, tree):
        self.in_call = False
        self._full = False
        self._left = MOST_HITS
        self._counts = {file: {line: [0, 0] for line in wanted} for file, wanted in lines.items()}
        self._files = {}
        for root in (tree, os.path.realpath(tree)):
            for file, counts in self._counts.items():
                self._files[os.path.join(root, file)] = counts

    def start(self):
        threading.settrace(self._at_call)
        sys.settrace(self._at_call)

    def stop(self):
        threading.settrace(None)
        sys.settrace(None)

    def report(self):
        """Return hits before and in the calls, by file and line."""
        rows = [
            [file, line, before, within]
            for file, counts in self._counts.items()
            for line, (before, within) in counts.items()
        ]
        return {"rows": rows, "is_whole": not self._full}

    def _at_call(self, frame, event, argument):
        if self._full or frame.f_code.co_filename not in self._files:
            return None
        return self._at_line

    def _at_line(self, frame, event, argument):
        if event == "line":
            hits = self._files[frame.f_code.co_filename].get(frame.f_lineno)
            if hits is not None:
                hits[self.in_call] += 1
                self._left -= 1
                if self._left < 1:
                    self._full = True
                    self.stop()
                    return None
        return self._at_line
