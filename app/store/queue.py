"""The queue: jobs are leased, and a worker whose lease is over can no longer change anything.

Each claim raises a job's `fence`; all that a worker writes says which fence it holds. A worker that
was paused, or thought dead, so finds out that another one has its job.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .database import Cursor, Database, Row
from .orders import Lane, Order

LEASE_S = 60.0
HEARTBEAT_S = 10.0
MOST_ATTEMPTS = 3
LIVE = ("queued", "running")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it stood when it was read.

    Attributes:
        id: 32 hexadecimal digits.
        host: The forge's host.
        installation: The forge's id of the installation.
        repo: owner/name.
        kind: Which work.
        key: What it is about, by content.
        subject: What newer work replaces.
        requester: Login of who asked.
        request: What it needs to know.
        state: queued, running, done, failed, cancelled or dead.
        attempts: How often it was begun.
        fence: Of the claim that this is.
        cancelled: Whether it is to be stopped.
        progress: One line for people.
        outcome: One line for people; "" until it is over.
        report: What it found out, plain JSON.
        created_at: Seconds since 1970.
        started_at: Of the first claim, or None.
        finished_at: Or None.
    """

    id: str
    host: str
    installation: str
    repo: str
    kind: str
    lane: str
    key: str
    subject: str
    requester: str
    request: dict[str, Any]
    state: str
    attempts: int
    fence: int
    cancelled: bool
    progress: str
    outcome: str
    report: dict[str, Any]
    created_at: float
    run_after: float
    started_at: float | None
    finished_at: float | None


class LeaseLost(Exception):
    """Another worker has the job, or it was cancelled: stop, and write nothing more."""


def insert(cursor: Cursor, host: str, order: Order, now: float) -> str | None:
    """Queue an order within a transaction; return the job's id, None when its key is known."""
    job = uuid.uuid4().hex
    fresh = cursor.changed(
        "INSERT INTO job (id, host, installation, repo, kind, lane, key, subject, requester,"
        " request, state, created_at, run_after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT DO NOTHING",
        job,
        host,
        order.installation,
        order.repo,
        order.kind,
        order.lane,
        order.key,
        order.subject,
        order.requester,
        json.dumps(order.request),
        now,
        now + order.delay_s,
    )
    return job if fresh else None


def cancel_where(cursor: Cursor, where: str, values: Sequence[Any], why: str) -> int:
    """Cancel the live jobs that a condition names; running ones are told at their heartbeat."""
    now = time.time()
    queued = cursor.changed(
        f"UPDATE job SET state = 'cancelled', cancelled = 1, outcome = ?, finished_at = ?"  # noqa: S608
        f" WHERE {where} AND state = 'queued'",
        why,
        now,
        *values,
    )
    running = cursor.changed(
        f"UPDATE job SET cancelled = 1, outcome = ? WHERE {where} AND state = 'running'",  # noqa: S608
        why,
        *values,
    )
    return queued + running


class Queue:
    """The jobs of one database."""

    def __init__(self, database: Database, *, most_per_installation: int = 2) -> None:
        self.database = database
        self._most = most_per_installation

    def put(self, host: str, order: Order) -> str | None:
        """Queue an order; return the job's id, None when its key is known."""
        with self.database.transaction() as cursor:
            return insert(cursor, host, order, time.time())

    def claim(self, lane: Lane, *, lease_s: float = LEASE_S) -> Job | None:
        """Take the next job that may run, or one whose worker is gone; None when there is none.

        Only one bench job of a repository runs at a time, and few of an installation.
        """
        now = time.time()
        with self.database.transaction(serial=True) as cursor:
            _bury(cursor, now)
            mutual = (
                " AND NOT EXISTS (SELECT 1 FROM job r WHERE r.state = 'running' AND r.lane = j.lane"
                " AND r.id <> j.id AND r.lease_until >= ? AND r.host = j.host AND r.repo = j.repo)"
                " AND (SELECT COUNT(*) FROM job r WHERE r.state = 'running' AND r.lane = j.lane"
                " AND r.id <> j.id AND r.lease_until >= ? AND r.host = j.host"
                " AND r.installation = j.installation) < ?"
            )
            values = (now, now, self._most) if lane == "bench" else ()
            locked = " FOR UPDATE SKIP LOCKED" if self.database.is_postgres else ""
            rows = cursor.run(
                "UPDATE job SET state = 'running', attempts = attempts + 1, fence = fence + 1,"  # noqa: S608
                " lease_until = ?, started_at = COALESCE(started_at, ?) WHERE id = ("
                "SELECT j.id FROM job j WHERE j.lane = ? AND j.cancelled = 0"
                " AND ((j.state = 'queued' AND j.run_after <= ?)"
                " OR (j.state = 'running' AND j.lease_until < ?))"
                f"{mutual if lane == 'bench' else ''}"
                f" ORDER BY j.run_after, j.created_at, j.id LIMIT 1{locked}) RETURNING *",
                now + lease_s,
                now,
                lane,
                now,
                now,
                *values,
            )
        return _job(rows[0]) if rows else None

    def heartbeat(self, job: Job, *, lease_s: float = LEASE_S, progress: str | None = None) -> None:
        """Keep a lease, and say how far the work is.

        Raises:
            LeaseLost: It is another worker's, or it was cancelled.
        """
        self._write(
            job,
            "lease_until = ?, progress = COALESCE(?, progress)",
            (time.time() + lease_s, progress),
            unless_cancelled=True,
        )

    def check(self, job: Job) -> None:
        """See, just before something is written at the forge, that the job is still this worker's.

        Raises:
            LeaseLost: It is not, or it was cancelled.
        """
        with self.database.transaction() as cursor:
            rows = cursor.run(
                "SELECT 1 AS one FROM job WHERE id = ? AND fence = ? AND state = 'running'"
                " AND cancelled = 0 AND lease_until >= ?",
                job.id,
                job.fence,
                time.time(),
            )
        if not rows:
            raise LeaseLost(job.id)

    def keep(self, job: Job, report: dict[str, Any]) -> None:
        """Keep what a running job found out so far.

        Raises:
            LeaseLost: It is another worker's.
        """
        self._write(job, "report = ?", (json.dumps(report),))

    def finish(
        self,
        job: Job,
        state: Literal["done", "failed", "cancelled"],
        outcome: str,
        report: dict[str, Any] | None = None,
    ) -> None:
        """End a job.

        Raises:
            LeaseLost: It is another worker's, or over already.
        """
        self._write(
            job,
            "state = ?, outcome = ?, report = COALESCE(?, report), finished_at = ?",
            (state, outcome, None if report is None else json.dumps(report), time.time()),
        )

    def put_off(self, job: Job, until: float, why: str, *, counts: bool = True) -> None:
        """Give a job back, to be begun again at a time; its last attempt ends it instead.

        Args:
            job: The job.
            until: Seconds since 1970.
            why: One line for people.
            counts: Whether the attempt counts (it does not when the forge asked to wait).

        Raises:
            LeaseLost: It is another worker's.
        """
        if counts and job.attempts >= MOST_ATTEMPTS:
            self._write(job, "state = 'dead', outcome = ?, finished_at = ?", (why, time.time()))
            return
        self._write(
            job,
            "state = 'queued', progress = ?, run_after = ?, attempts = attempts - ?",
            (why, until, 0 if counts else 1),
        )

    def note(self, job: Job, text: str) -> None:
        """Put a word to a job that is over."""
        with self.database.transaction() as cursor:
            cursor.run(
                "UPDATE job SET progress = ? WHERE id = ? AND state = ?", text, job.id, job.state
            )

    def cancel(self, job: str, why: str = "cancelled by a user") -> bool:
        """Cancel a live job by its id; return whether there was one."""
        with self.database.transaction() as cursor:
            return cancel_where(cursor, "id = ?", (job,), why) > 0

    def delete(self, job: Job) -> None:
        """Remove a job of which nothing may be kept."""
        with self.database.transaction() as cursor:
            cursor.run("DELETE FROM job WHERE id = ? AND fence = ?", job.id, job.fence)

    def find(self, job: str) -> Job | None:
        """Return a job by its id."""
        found = self.listed("id = ?", job)
        return found[0] if found else None

    def listed(self, where: str = "1 = 1", *values: Any, limit: int = 100) -> list[Job]:
        """Return jobs, newest first."""
        with self.database.transaction() as cursor:
            rows = cursor.run(
                f"SELECT * FROM job WHERE {where} ORDER BY created_at DESC, id LIMIT {limit:d}",  # noqa: S608
                *values,
            )
        return [_job(row) for row in rows]

    def position(self, job: Job) -> int:
        """Return how many jobs of its lane a queued one waits for."""
        with self.database.transaction() as cursor:
            (row,) = cursor.run(
                "SELECT COUNT(*) AS count FROM job WHERE lane = ? AND id <> ? AND "
                "(state = 'running' OR (state = 'queued' AND run_after <= ?))",
                job.lane,
                job.id,
                job.run_after,
            )
        return int(row["count"])

    def asked_since(
        self, host: str, since: float, column: str, value: str, *, by_people: bool = False
    ) -> int:
        """Return how many bench jobs somebody, or something, had since a time.

        Args:
            host: The forge's host.
            since: Seconds since 1970.
            column: requester, repo or installation.
            value: Which one.
            by_people: Whether those count alone that somebody asked for.
        """
        if column not in ("requester", "repo", "installation"):
            raise ValueError(column)
        asked = " AND requester <> ''" if by_people else ""
        with self.database.transaction() as cursor:
            (row,) = cursor.run(
                f"SELECT COUNT(*) AS count FROM job WHERE host = ? AND {column} = ?"  # noqa: S608
                f" AND lane = 'bench' AND created_at >= ?{asked}",
                host,
                value,
                since,
            )
        return int(row["count"])

    def _write(
        self, job: Job, change: str, values: Sequence[Any], *, unless_cancelled: bool = False
    ) -> None:
        also = " AND cancelled = 0" if unless_cancelled else ""
        with self.database.transaction() as cursor:
            kept = cursor.changed(
                f"UPDATE job SET {change} WHERE id = ? AND fence = ? AND state = 'running'{also}",  # noqa: S608
                *values,
                job.id,
                job.fence,
            )
        if not kept:
            raise LeaseLost(job.id)


def _bury(cursor: Cursor, now: float) -> None:
    """End jobs whose worker is gone and that nobody is to begin again."""
    cursor.run(
        "UPDATE job SET state = 'cancelled', finished_at = ?"
        " WHERE state = 'running' AND lease_until < ? AND cancelled = 1",
        now,
        now,
    )
    cursor.run(
        "UPDATE job SET state = 'dead', outcome = ?, finished_at = ?"
        " WHERE state = 'running' AND lease_until < ? AND attempts >= ?",
        f"its worker ended {MOST_ATTEMPTS} times without an answer",
        now,
        now,
        MOST_ATTEMPTS,
    )


def _job(row: Row) -> Job:
    names = Job.__dataclass_fields__
    known = {name: row[name] for name in names}
    known["request"] = json.loads(row["request"])
    known["report"] = json.loads(row["report"])
    known["cancelled"] = bool(row["cancelled"])
    return Job(**known)
