"""Where a run's own wall time goes: intervals by purpose, and what is left over for perfagent.

Work runs in several threads, so times are lengths of unions of intervals, never sums: two suites
running side by side for a minute are one minute of tests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Literal

Purpose = Literal["environment", "workload", "tests", "model", "agent"]


class Stopwatch:
    """Records what was being waited for, and when; `now` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self._lock = threading.Lock()
        self._intervals: list[tuple[Purpose, float, float]] = []

    @contextmanager
    def waiting_for(self, purpose: Purpose) -> Iterator[None]:
        """Count the time inside the block towards a purpose."""
        begin = self._now()
        try:
            yield
        finally:
            end = self._now()
            with self._lock:
                self._intervals.append((purpose, begin, end))

    def elapsed_s(self) -> float:
        """Return the seconds since the stopwatch was made."""
        return self._now() - self._start

    def seconds(self) -> dict[str, float]:
        """Return seconds by purpose, `own` (none of them under way) and `total`."""
        with self._lock:
            intervals = list(self._intervals)
        total = self.elapsed_s()
        shares = {
            purpose: union_s((b, e) for p, b, e in intervals if p == purpose)
            for purpose in sorted({p for p, _, _ in intervals})
        }
        busy = union_s((b, e) for _, b, e in intervals)
        return {**shares, "own": max(0.0, total - busy), "total": total}


def union_s(intervals: Iterable[tuple[float, float]]) -> float:
    """Return the length of the union of intervals, each (begin, end) with begin <= end."""
    covered = 0.0
    reached = float("-inf")
    for begin, end in sorted(intervals):
        if end > reached:
            covered += end - max(begin, reached)
            reached = end
    return covered
