"""Keeps two runs from making the same cache entry at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .disk import writing_to


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of a file, which is made when missing, for as long as the block runs.

    The system lets go of it when the process ends, however it ends.

    Args:
        path: The lock's file; nothing is ever written to it.
        on_wait: Called once when another process holds it.

    Raises:
        UserError: The file's folder may not be written.
        InfrastructureError: The disk is full or broken.
    """
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if on_wait:
                on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
