"""What the rivals run in a process of their own: prints its samples as JSON, in seconds.

Usage: inside.py block|once|minima CPUS SCRIPT COUNT
"""

from __future__ import annotations

import json
import os
import runpy
import struct
import sys
import time
import timeit
from collections.abc import Callable

_BLOCK_S = 0.02


def block(workload: Callable[[], object], count: int) -> list[float]:
    """Return one call's seconds from each of `count` forked children."""
    samples = []
    for _ in range(count):
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.write(writer, struct.pack("d", timeit.Timer(workload).timeit(1)))
            os._exit(0)
        os.close(writer)
        samples.append(struct.unpack("d", os.read(reader, 8))[0])
        os.close(reader)
        os.waitpid(child, 0)
    return samples


def once(workload: Callable[[], object], _: int) -> list[float]:
    """Return the seconds of the first call in this process."""
    started = time.perf_counter()
    workload()
    return [time.perf_counter() - started]


def minima(workload: Callable[[], object], count: int) -> list[float]:
    """Return the seconds per call of `count` repeats in this process."""
    timer = timeit.Timer(workload)
    number = max(1, round(_BLOCK_S / timer.timeit(1)))
    return [seconds / number for seconds in timer.repeat(repeat=count, number=number)]


if __name__ == "__main__":
    cpus = [int(cpu) for cpu in sys.argv[2].split(",") if cpu]
    if cpus:
        os.sched_setaffinity(0, cpus)
    modes = {"block": block, "once": once, "minima": minima}
    run = modes[sys.argv[1]]
    print(json.dumps(run(runpy.run_path(sys.argv[3])["workload"], int(sys.argv[4]))))
