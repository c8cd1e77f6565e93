"""Who works on jobs: the interface, and the machine at hand."""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Protocol

ATTEMPTS = 3
"""How often a job is begun whose worker is lost, before it counts as a failure of the machine."""

_LOOKS_EVERY_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a job.

    Attributes:
        number: Its place among the jobs.
        value: What the work returned; None where it was lost.
        lost: Why there is no value; "" where there is one.
        attempts: How often it was begun.
    """

    number: int
    value: Any
    lost: str = ""
    attempts: int = 1


class Backend(Protocol):
    """Works on jobs, several at once, and hands back what comes of each as it comes."""

    def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
        """Yield what comes of each job, in the order in which they end.

        A worker that dies takes nothing with it but the job it had, which is begun again.

        Args:
            work: A function of a module's top level; what it raises makes the job "lost".
            jobs: Values that can be pickled.
        """
        ...


def lost_worker(attempts: int) -> str:
    """Return why there is no value of a job whose worker was lost again and again."""
    return f"its worker was lost at each of {attempts} attempts"


class LocalBackend:
    """Worker processes on this machine.

    Args:
        workers: How many; timing is one at a time however many there are.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
        """See `Backend`."""
        waiting: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        for each in enumerate(jobs):
            waiting.put(each)
        done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        stopping = threading.Event()
        threads = [
            threading.Thread(target=_drive, args=(work, waiting, done, stopping), daemon=True)
            for _ in range(min(self.workers, len(jobs)))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in jobs:
                yield done.get()
        finally:
            stopping.set()


def _drive(
    work: Callable[[Any], Any],
    waiting: queue.SimpleQueue[tuple[int, Any]],
    done: queue.SimpleQueue[Done],
    stopping: threading.Event,
) -> None:
    """Feed one worker process, and another one when it dies."""
    pool = _worker()
    while not stopping.is_set():
        try:
            number, job = waiting.get_nowait()
        except queue.Empty:
            break
        for attempt in range(1, ATTEMPTS + 1):
            try:
                value = pool.submit(work, job).result()
            except BrokenProcessPool:
                pool.shutdown(wait=False)
                pool = _worker()
                if attempt == ATTEMPTS:
                    lost = lost_worker(ATTEMPTS)
                    done.put(Done(number=number, value=None, lost=lost, attempts=attempt))
            except Exception as error:  # noqa: BLE001 - one job's bug does not end the others
                lost = f"{type(error).__name__}: {error}"
                done.put(Done(number=number, value=None, lost=lost, attempts=attempt))
                break
            else:
                done.put(Done(number=number, value=value, attempts=attempt))
                break
    pool.shutdown(wait=False)


def _worker() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_follow,
        initargs=(os.getpid(),),
    )


def _follow(driver: int) -> None:
    """End this worker when its driver is gone; its own children are under guards that do too."""

    def watch() -> None:
        while os.getppid() == driver:
            time.sleep(_LOOKS_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
