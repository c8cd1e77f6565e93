"""Deliveries: kept, and turned into jobs, in the one transaction that comes before the answer."""

from __future__ import annotations

import time
from typing import Literal

from .database import Cursor, Database
from .orders import Arrival, Revocation
from .queue import cancel_where, insert

KEEP_S = 30 * 86_400.0
"""How long deliveries are remembered: ten times as long as the forge can send them again."""


def accept(database: Database, host: str, arrival: Arrival) -> Literal["new", "known"]:
    """Keep a delivery and queue what it asks for; a known one changes nothing.

    Raises:
        StoreUnavailable: Nothing was kept, so the delivery must not be acknowledged.
    """
    now = time.time()
    with database.transaction() as cursor:
        fresh = cursor.changed(
            "INSERT INTO delivery (host, guid, event, action, sha256, received_at, outcome)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            host,
            arrival.guid,
            arrival.event,
            arrival.action,
            arrival.sha256,
            now,
            arrival.note or "queued",
        )
        if not fresh:
            return "known"
        if arrival.revocation is not None:
            _revoke(cursor, host, arrival.revocation)
        queued = [insert(cursor, host, order, now) for order in arrival.orders]
        if any(queued):
            for subject in arrival.replaced:
                new = [job for job in queued if job]
                cancel_where(
                    cursor,
                    "host = ? AND subject = ? AND created_at < ? AND id <> ?",
                    (host, subject, now, new[0]),
                    "replaced by a newer push",
                )
    return "new"


def known_guids(database: Database, host: str, guids: list[str]) -> set[str]:
    """Return those of the ids that were received."""
    found: set[str] = set()
    with database.transaction() as cursor:
        for guid in guids:
            rows = cursor.run("SELECT guid FROM delivery WHERE host = ? AND guid = ?", host, guid)
            found.update(row["guid"] for row in rows)
    return found


def forget_old(database: Database) -> int:
    """Delete deliveries older than KEEP_S; return how many."""
    with database.transaction() as cursor:
        return cursor.changed("DELETE FROM delivery WHERE received_at < ?", time.time() - KEEP_S)


def _revoke(cursor: Cursor, host: str, revocation: Revocation) -> None:
    where, values = "host = ? AND installation = ?", [host, revocation.installation]
    if revocation.repos:
        marks = ", ".join("?" for _ in revocation.repos)
        where, values = f"{where} AND repo IN ({marks})", [*values, *revocation.repos]
    else:
        cursor.run(
            "INSERT INTO installation (host, id, account, state) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (host, id) DO UPDATE SET account = excluded.account,"
            " state = excluded.state",
            host,
            revocation.installation,
            revocation.account,
            revocation.state,
        )
    if revocation.state == "active":
        return
    cancel_where(cursor, where, tuple(values), f"access was withdrawn ({revocation.state})")
    if revocation.state == "suspended":
        return
    repos = revocation.repos or tuple(
        row["repo"]
        for row in cursor.run(f"SELECT DISTINCT repo FROM job WHERE {where}", *values)  # noqa: S608
    )
    for repo in repos:
        for table in ("declined", "proposal", "approval", "reply"):
            cursor.run(f"DELETE FROM {table} WHERE host = ? AND repo = ?", host, repo)  # noqa: S608
    # A running job is deleted by its worker, which has a sandbox and a folder to clear first.
    cursor.run(f"DELETE FROM job WHERE {where} AND state <> 'running'", *values)  # noqa: S608
