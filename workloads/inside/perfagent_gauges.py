"""What the timed calls cost besides wall time: CPU time, waiting, switches, memory.

The driver calls `begin` and `end` around each series of calls and `start` and `stop` around every
stretch that its clock times, so that nothing of this runs between two stamps of that clock. On
Linux `begin` and `end` cost some 40 us each and a
millisecond for the probe, `start` and `stop` 2 us. CPython 3.8 and later;
nothing is imported that the interpreter does not already hold, unless a metric asks for it.
"""

import os
import time

# Bound before any of the target's code runs, which may replace the modules' attributes.
_clock_ns = time.perf_counter_ns
_process_time = time.process_time
_times = os.times
_open, _read, _close, _flags = os.open, os.read, os.close, os.O_RDONLY

_STATUS_BYTES = 16384
_SPINS = 4000
"""Some 0.3 ms, so that a probe costs a millisecond."""


class Gauges:
    """The readings of one launch; `counter` counts instructions or energy, None for neither."""

    def __init__(self, metric, counter=None):
        self.cpu_s = {}
        self.counter = counter
        self.span_ns = 0
        self.waited_ns = 0
        self.switches = 0
        self.probes_s = []
        self._children_s = _precise_children() if metric == "cpu" else _children_s

    def begin(self):
        """Read what is read once before a series of calls."""
        self._probe()
        self._began = (_waited_ns(), _switches(), _clock_ns())

    def end(self):
        """Add what has passed since `begin`; the setups between the series' calls are in it."""
        now = _clock_ns()
        waited, switches, began = self._began
        self.span_ns += now - began
        self.waited_ns = _added(self.waited_ns, waited, _waited_ns())
        self.switches = _added(self.switches, switches, _switches())
        self._probe()

    def _probe(self):
        """Time a loop that is the same in every launch: it tells how fast the core is just now."""
        if self.counter is None:
            self.probes_s.append(min(_spin(), _spin(), _spin()))

    def start(self):
        """Read what is read right before a timed stretch."""
        self._cpu = _process_time() + self._children_s()
        if self.counter is not None:
            self.counter.start()

    def stop(self, regime):
        """Add what was used since `start` to the first call ("cold") or the warm ones ("warm")."""
        if self.counter is not None:
            self.counter.stop(regime)
        used = _process_time() + self._children_s() - self._cpu
        self.cpu_s[regime] = self.cpu_s.get(regime, 0.0) + used

    def report(self, warm_calls):
        """Return the readings for the message; None where the system does not tell."""
        return {
            "cold_cpu_s": self.cpu_s.get("cold"),
            "warm_cpu_s": self.cpu_s.get("warm", 0.0) / warm_calls if warm_calls else None,
            "warm_calls": warm_calls,
            "waited_ns": self.waited_ns,
            "span_ns": self.span_ns,
            "switches": self.switches,
            "probes_s": self.probes_s,
            "peak_rss_bytes": _peak_bytes(),
            "counted": self.counter.report() if self.counter is not None else {},
        }


def _spin():
    began = _clock_ns()
    value = 1
    for number in range(_SPINS):
        value = (value * 5 + number) & 1023
    return (_clock_ns() - began) * 1e-9


def _added(total, before, after):
    if total is None or before is None or after is None:
        return None
    return total + after - before


def _children_s():
    """Return the CPU seconds of children that were waited for, in steps of 10 ms on Linux."""
    times = _times()
    return times[2] + times[3]


def _precise_children():
    """Return a function that returns the same to the microsecond, where there is `resource`."""
    resource = _resource()
    if resource is None:
        return _children_s
    usage, children = resource.getrusage, resource.RUSAGE_CHILDREN

    def children_s():
        used = usage(children)
        return used.ru_utime + used.ru_stime

    return children_s


def _resource():
    try:
        import resource
    except ImportError:
        return None
    return resource


def _waited_ns():
    """Return how long the main thread was ready to run and had no core; None when unknown."""
    words = _proc("schedstat").split()
    return int(words[1]) if len(words) == 3 else None


def _switches():
    """Return how often the main thread lost its core; None when unknown."""
    return _of_status(b"nonvoluntary_ctxt_switches:")


def _peak_bytes():
    """Return the peak of this process plus that of the largest child it waited for.

    The sum is the most the two can have held at once. The kernel gives a child at least the size
    of the process that started it, so a child counts at least once what this process held then.
    """
    resource = _resource()
    unit = 1 if hasattr(os, "uname") and os.uname()[0] == "Darwin" else 1024
    own = _of_status(b"VmHWM:")
    if own is None and resource is not None:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1024
    if own is None:
        return None
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if resource else 0
    return own * 1024 + child * unit


def _of_status(key):
    for line in _proc("status").splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return None


def _proc(name):
    try:
        number = _open("/proc/self/" + name, _flags)
    except OSError:
        return b""
    try:
        return _read(number, _STATUS_BYTES)
    finally:
        _close(number)
