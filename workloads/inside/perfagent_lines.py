"""Counts the lines of Python that a workload runs: before its first call, and in each of the first.

A candidate that keeps the answer of the first call runs few lines in the second, and one that
computes answers when it is imported runs more before the first, whatever the noise of the machine
makes of the times. Such a launch is never timed. CPython 3.8 and later, standard library alone.
"""

import sys

CALLS = 3
MOST_LINES = 2000000


def instead(run, main_module, tick):
    """Return a `run(job, measurement)` that counts lines where the given one measures."""

    def run_and_count(job, measurement):
        starting = _Counter()
        counts = {"before": None, "calls": []}

        def count_calls(call, arguments=(), prepare=None, keep=None):
            if prepare is not None:
                call, arguments = prepare()
            counts["before"] = starting.stop()
            measurement.phase = "workload"
            for number in range(CALLS):
                if number and prepare is not None:
                    call, arguments = prepare()
                counter = _Counter()
                counter.start()
                try:
                    call(*arguments)
                finally:
                    counts["calls"].append(counter.stop())
            measurement.cold_s = 1e-9  # nothing is timed here

        measurement.run = count_calls
        starting.start()
        try:
            run(dict(job, capture=False), measurement)
        finally:
            starting.stop()
        measurement.parts["calls"] = counts

    return run_and_count


class _Counter:
    """Counts the lines that this thread runs from `start` to `stop`."""

    def __init__(self):
        self.count = 0
        self.full = False

    def start(self):
        sys.settrace(self._at_call)

    def stop(self):
        """Return the number of lines; None when there are too many to be counted."""
        sys.settrace(None)
        return None if self.full else self.count

    def _at_call(self, frame, event, argument):
        return None if self.full else self._at_line

    def _at_line(self, frame, event, argument):
        if event == "line":
            self.count += 1
            if self.count > MOST_LINES:
                self.full = True
                sys.settrace(None)
                return None
        return self._at_line
