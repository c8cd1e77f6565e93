"""Counts instructions or energy around the timed calls; loaded only when that is the metric.

Each counter has `start`, `stop(regime)` and `report()`, which returns what the message to
perfagent says: the totals of the first call ("cold") and of all warm calls ("warm"). Loaded before
the target's code, whose own import of `ctypes` is then free. CPython 3.8 and later.
"""

import os

_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}
_PERF_HARDWARE, _PERF_INSTRUCTIONS = 0, 1
_PERF_ATTRIBUTES_BYTES = 112
# Bits of perf_event_attr: count in threads and children as well, not in kernel or hypervisor.
_PERF_FLAGS = 1 << 1 | 1 << 5 | 1 << 6
_EMPTY_STRETCHES = 3

# From valgrind.h and callgrind.h: the tools' codes begin with two letters.
_DUMP_STATS_AT = (ord("C") << 24 | ord("T") << 16) + 3
# A function of one argument, the request's address: rax takes it, rdx is the answer, four rotations
# by 128 in all and `xchg rbx, rbx` mark the place. To a processor they do nothing.
_CLIENT_REQUEST = {
    "x86_64": "4889f8 31d2 48c1c703 48c1c70d 48c1c73d 48c1c733 4887db 4889d0 c3",
}

POWERCAP = "/sys/class/powercap"


def make(job):
    """Return the counter that the job asks for, None for none.

    Raises:
        OSError: It is not to be had.
    """
    if job["counter"] == "perf":
        return Stretches(perf_reader())
    if job["counter"] == "callgrind":
        return CallgrindParts(job["counter_folder"])
    if job["counter"] == "rapl":
        return Stretches(Rapl(POWERCAP).read)
    return None


class Stretches:
    """Adds up the differences of a count that only grows.

    What an empty stretch counts, the smallest of three, is taken off each.
    """

    def __init__(self, read):
        self._read = read
        self._totals = {}
        self._empty = 0
        empty = []
        for _ in range(_EMPTY_STRETCHES):
            self.start()
            self.stop("empty")
            empty.append(self._totals.pop("empty"))
        self._empty = min(empty)

    def start(self):
        """Begin a stretch."""
        self._before = self._read()

    def stop(self, regime):
        """End it and add it to the regime's total."""
        counted = self._read() - self._before - self._empty
        self._totals[regime] = self._totals.get(regime, 0) + max(counted, 0)

    def report(self):
        """Return the totals by regime."""
        return dict(self._totals)


def perf_reader(kind=_PERF_HARDWARE, config=_PERF_INSTRUCTIONS):
    """Return a function that reads an event of this process, its new threads and children.

    Raises:
        OSError: The kernel counts no such event, or does not let us.
    """
    import ctypes

    number = _PERF_EVENT_OPEN.get(os.uname()[4]) if hasattr(os, "uname") else None
    if number is None or os.uname()[0] != "Linux":
        raise OSError("not known on this kind of machine")
    words = ((kind, 4), (_PERF_ATTRIBUTES_BYTES, 4), (config, 8), (0, 24), (_PERF_FLAGS, 8))
    attributes = b"".join([value.to_bytes(size, "little") for value, size in words])
    attributes = attributes.ljust(_PERF_ATTRIBUTES_BYTES, b"\0")
    library = ctypes.CDLL(None, use_errno=True)
    opened = library.syscall(number, attributes, 0, -1, -1, 8)  # 8: closed in programs started
    if opened < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    read, convert = os.read, int.from_bytes

    def value():
        return convert(read(opened, 8), "little")

    return value


class Rapl:
    """The energy counters of the processor's packages, as Linux shows them.

    Raises:
        OSError: There are none (FileNotFoundError), or they may not be read (PermissionError).
    """

    def __init__(self, folder):
        self._total_uj = 0
        self._packages = []
        names = os.listdir(folder)
        for name in sorted(names):
            path = os.path.join(folder, name)
            # "intel-rapl:0" is a package, also of AMD; "intel-rapl:0:1" a part of it.
            if name.startswith("intel-rapl:") and name.count(":") == 1:
                if _line(path, "name").startswith("package"):
                    self._packages.append([path, _number(path, "energy_uj")])
        if not self._packages:
            raise FileNotFoundError("no package domain below " + folder)

    def read(self):
        """Return the joules used since this was made; to be read once a minute or more often."""
        for package in self._packages:
            path, before = package
            now = _number(path, "energy_uj")
            if now < before:
                before -= _number(path, "max_energy_range_uj") + 1  # it began at 0 again
            self._total_uj += now - before
            package[1] = now
        return self._total_uj / 1e6


def _line(folder, name):
    with open(os.path.join(folder, name)) as stream:
        return stream.read().strip()


def _number(folder, name):
    return int(_line(folder, name))


class CallgrindParts:
    """Has callgrind write what it counted up to here, under a label, before and after a stretch.

    Of the ways to count the calls alone, `--toggle-collect` needs a C function that nothing but
    the calls runs in, and taking the count of a launch without calls from one with them leaves the
    start-up's own variation, which is larger than a short call. Valgrind's client requests cut
    exactly; they are five instructions that ctypes can run without a compiler.
    """

    def __init__(self, folder):
        import ctypes
        import mmap

        code = _CLIENT_REQUEST.get(os.uname()[4])
        if code is None:
            raise OSError("callgrind's requests are not known on this kind of machine")
        self._memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._memory.write(bytes.fromhex(code))
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._request = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p)(address)
        self._folder = folder
        self._children = {}
        self._kept = []
        self._labels = {}
        for label in ("before", "empty", "cold", "warm"):
            text = ctypes.create_string_buffer(label.encode("ascii"))
            words = (ctypes.c_ulong * 6)(_DUMP_STATS_AT, ctypes.addressof(text))
            self._kept.append((text, words))
            self._labels[label] = ctypes.addressof(words)
        for _ in range(_EMPTY_STRETCHES):
            self.start()
            self.stop("empty")

    def start(self):
        """Begin a stretch."""
        self._seen = set(os.listdir(self._folder))
        self._request(self._labels["before"])

    def stop(self, regime):
        """End it: what was counted since `start` is written under the regime's name."""
        self._request(self._labels[regime])
        own = "callgrind.%d" % os.getpid()
        for name in os.listdir(self._folder):
            if name not in self._seen and name != own and not name.startswith(own + "."):
                self._children.setdefault(regime, []).append(name)

    def report(self):
        """Return the files of children that ended during the calls, by regime."""
        return {"children": self._children, "process": os.getpid()}
