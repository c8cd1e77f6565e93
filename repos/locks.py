"""Locks between runs, which a killed holder lets go of.

The lock lies on an open file. Passed on to a git process, it lasts until that ends too, so that
nobody works on a repository that the git of a killed perfagent is still writing to.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ..errors import InfrastructureError
from .disk import writing_to

_POLL_S = 0.05
_THREAD = threading.local()


def waited_s() -> float:
    """Return how many seconds this thread has waited so far for locks that others held alone."""
    return getattr(_THREAD, "waited_s", 0.0)


def own_time() -> float:
    """Return a clock in seconds that stands still while this thread waits for others' turns."""
    return time.monotonic() - waited_s()


@contextmanager
def _waiting() -> Iterator[None]:
    began = time.monotonic()
    try:
        yield
    finally:
        _THREAD.waited_s = waited_s() + time.monotonic() - began


@contextmanager
def exclusive(path: Path, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold a lock file for the block, alone; the file is gone afterwards.

    Args:
        path: The lock file; its folder exists.
        on_wait: Called once when somebody else holds it and this has to wait.

    Yields:
        The descriptor that carries the lock.

    Raises:
        UserError: The file cannot be written.
        InfrastructureError: The disk is full.
    """
    while True:
        with writing_to(path):
            file = path.open("w")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                with _waiting():
                    fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_still(file.fileno(), path):
                continue
            try:
                yield file.fileno()
            finally:
                path.unlink(missing_ok=True)
            return


@contextmanager
def shared(path: Path) -> Iterator[int]:
    """Hold a lock file for the block, together with others; yield its descriptor.

    Raises:
        UserError: The file cannot be written.
        InfrastructureError: The disk is full.
    """
    with writing_to(path):
        file = path.open("a")
    with file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield file.fileno()


def wait_until_free(path: Path, within_s: float) -> None:
    """Wait until nobody holds a lock file in common any more.

    Raises:
        UserError: The file cannot be written.
        InfrastructureError: Somebody still holds it after `within_s` seconds.
    """
    give_up = time.monotonic() + within_s
    with writing_to(path):
        file = path.open("a")
    with file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > give_up:
                    raise InfrastructureError(
                        f"another perfagent is at work in {path.parent}: wait until it is done"
                    ) from None
                time.sleep(_POLL_S)
            else:
                return


@contextmanager
def turn_on(cpus: Collection[int]) -> Iterator[None]:
    """Have some cores to oneself for the block: whoever else asks for one of them waits.

    The lock lies on the folder in which the kernel shows a core. It is the same one for all users,
    and nothing has to be written. Where there is no such folder nobody waits.

    Args:
        cpus: Their numbers; none for no core in particular.
    """
    with ExitStack() as held:
        for cpu in sorted(cpus):
            with suppress(OSError):
                descriptor = os.open(f"/sys/devices/system/cpu/cpu{cpu}", os.O_RDONLY)
                held.callback(os.close, descriptor)
                with _waiting():
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield


def _is_still(descriptor: int, path: Path) -> bool:
    """Return whether the open file is the one at `path`, which its last holder may have removed."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
