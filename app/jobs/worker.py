"""The worker: takes jobs one at a time a lane, and sees that each ends somewhere visible."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from ...errors import InfrastructureError, UserError
from ...redaction import redacted
from ..forge import ForgeError, RateLimited
from ..store.database import StoreUnavailable
from ..store.deliveries import forget_old, known_guids
from ..store.orders import Lane
from ..store.queue import Job, LeaseLost
from . import checking, commanding, optimizing
from .desk import Desk
from .ending import tell_ended
from .schedule import queue_due, reachable
from .tidying import tidy

_IDLE_S = 0.5
_SWEEP_S = 300.0
_LOOK_BACK_S = 3 * 86_400.0 - 3600

log = logging.getLogger("perfagent.app")

Beat = Callable[[str], None]


class Worker:
    """Does the jobs of one machine."""

    def __init__(self, desk: Desk, stop: threading.Event) -> None:
        self.desk = desk
        self.stop = stop
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work: one thread for measurements, so that none disturbs another."""
        for name, body in (
            ("bench", lambda: self.work("bench")),
            ("light", lambda: self.work("light")),
            ("sweeper", self.sweep),
        ):
            thread = threading.Thread(target=body, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def join(self, timeout_s: float = 20.0) -> None:
        """Wait for the threads; what they were at is begun again when its lease is over."""
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def work(self, lane: Lane) -> None:
        """Do jobs until the worker is stopped."""
        while not self.stop.is_set():
            try:
                if not self.once(lane):
                    self.stop.wait(_IDLE_S)
            except StoreUnavailable:
                self.stop.wait(5.0)

    def once(self, lane: Lane) -> bool:
        """Do one job; return whether there was one."""
        job = self.desk.queue.claim(lane, lease_s=self.desk.lease_s)
        if job is None:
            return False
        try:
            self._do(job)
        except LeaseLost:
            self._abandon(job)
        except StoreUnavailable:
            raise
        except RateLimited as error:
            self._put_off(job, error.until, "the forge asks to wait", counts=False)
        except ForgeError as error:
            self._again(job, str(error))
        except UserError as error:
            self._fail(job, str(error))
        except InfrastructureError as error:
            self._again(job, str(error))
        except Exception as error:  # a bug of ours ends this job, not the worker
            log.exception("job %s", job.id)
            self._again(job, f"{type(error).__name__}: {error}")
        tell_ended(self.desk)
        return True

    def _do(self, job: Job) -> None:
        desk, report = self.desk, None
        with desk.alive(job) as beat:
            if job.kind in _LONG:
                outcome, report = _LONG[job.kind](desk, job, self._stoppable(beat))
            else:
                outcome = _SHORT[job.kind](desk, job)
        desk.queue.finish(job, "done", redacted(outcome), report)

    def _stoppable(self, beat: Beat) -> Beat:
        def checked(text: str) -> None:
            if self.stop.is_set():
                raise LeaseLost("the worker is stopped")
            beat(text)

        return checked

    def _abandon(self, job: Job) -> None:
        """Leave a job that is not ours any more, and end what was begun where it was cancelled."""
        now = self.desk.queue.find(job.id)
        if now is None or not now.cancelled or now.fence != job.fence:
            return
        self.desk.clear(job)
        if now.outcome.startswith("access was withdrawn (deleted"):
            self.desk.queue.delete(job)
            return
        self.desk.queue.finish(job, "cancelled", now.outcome)

    def _again(self, job: Job, why: str) -> None:
        wait = random.uniform(5, 10) * 2**job.attempts  # noqa: S311 - no secret
        self._put_off(job, time.time() + wait, why, counts=True)

    def _put_off(self, job: Job, until: float, why: str, *, counts: bool) -> None:
        try:
            self.desk.queue.put_off(job, until, redacted(why)[:500], counts=counts)
        except LeaseLost:
            self._abandon(job)

    def _fail(self, job: Job, why: str) -> None:
        """End a job that the repository or its configuration does not allow."""
        try:
            self.desk.queue.finish(job, "failed", redacted(why)[:500])
        except LeaseLost:
            self._abandon(job)

    def sweep(self) -> None:
        """Every few minutes: what never came in, what ended untold, what is due, what may go."""
        while not self.stop.is_set():
            self.sweep_once()
            self.stop.wait(_SWEEP_S)

    def sweep_once(self) -> None:
        """Do each part of a sweep, whatever becomes of the others."""
        for part in (self.redeliver, self._forget, self._tell, self._look_around):
            try:
                part()
            except (InfrastructureError, UserError) as error:
                log.warning("sweep: %s", redacted(str(error)))
            except Exception:
                log.exception("sweep")

    def _forget(self) -> None:
        forget_old(self.desk.database)

    def _tell(self) -> None:
        tell_ended(self.desk)

    def _look_around(self) -> None:
        repos = reachable(self.desk)
        queue_due(self.desk, repos)
        tidy(self.desk, {repo for _, repo in repos})

    def redeliver(self) -> list[str]:
        """Ask for the deliveries again that nobody acknowledged; return their guids."""
        forge, database = self.desk.forge, self.desk.database
        missed = list(forge.undelivered(time.time() - _LOOK_BACK_S))
        known = known_guids(database, forge.host, [guid for guid, _ in missed])
        asked = []
        for guid, number in missed:
            if guid not in known:
                forge.redeliver(number)
                asked.append(guid)
        return asked


_LONG: dict[str, Callable[[Desk, Job, Beat], tuple[str, dict[str, Any]]]] = {
    "optimize": optimizing.optimize,
    "check": checking.check,
}
_SHORT: dict[str, Callable[[Desk, Job], str]] = {
    "command": commanding.command,
    "announce": checking.announce,
    "button": checking.button,
    "closed": commanding.closed,
}
