"""A load that comes and goes: run as a program, it keeps one or two cores busy on and off.

It ends with the process that started it, whatever way that one ends: the kernel kills it, and the
hogs with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

_PR_SET_PDEATHSIG = 1
_SHORTEST_S, _LONGEST_S = 0.5, 3.0
_MOST_HOGS = 2


@contextlib.contextmanager
def coming_and_going(seed: int) -> Iterator[None]:
    """Run the load beside the body.

    Args:
        seed: Decides how long it is busy and idle, and on how many cores.
    """
    argv = [sys.executable, __file__, str(seed), str(os.getpid())]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _end_with_parent(parent: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _hog(parent: int, until: float) -> None:
    _end_with_parent(parent)
    total = 0
    while time.monotonic() < until:
        for number in range(10_000):
            total += number * number


def _run(seed: int, parent: int) -> None:
    _end_with_parent(parent)
    rng = random.Random(seed)
    while True:
        until = time.monotonic() + rng.uniform(_SHORTEST_S, _LONGEST_S)
        own, hogs = os.getpid(), []
        for _ in range(rng.randint(1, _MOST_HOGS)):
            child = os.fork()
            if not child:
                _hog(own, until)
                os._exit(0)
            hogs.append(child)
        for hog in hogs:
            os.waitpid(hog, 0)
        time.sleep(rng.uniform(_SHORTEST_S, _LONGEST_S))


if __name__ == "__main__":
    _run(int(sys.argv[1]), int(sys.argv[2]))
