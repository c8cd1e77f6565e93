"""What people decided, and what the app proposed to them."""

from __future__ import annotations

import json
import time

from .database import Database


class Decisions:
    """Of one forge."""

    def __init__(self, database: Database, host: str) -> None:
        self._database = database
        self._host = host

    def decline(self, repo: str, spot: str, reason: str) -> None:
        """Remember that a change of a function is not wanted."""
        with self._database.transaction() as cursor:
            cursor.run(
                "INSERT INTO declined (host, repo, spot, reason, declined_at)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                self._host,
                repo,
                spot,
                reason,
                time.time(),
            )

    def declined(self, repo: str) -> set[str]:
        """Return the functions whose change is not wanted: `path:function`, or `function`."""
        with self._database.transaction() as cursor:
            rows = cursor.run(
                "SELECT spot FROM declined WHERE host = ? AND repo = ?", self._host, repo
            )
        return {row["spot"] for row in rows}

    def propose(
        self, repo: str, branch: str, job: str, spots: list[str], head: str, number: int | None
    ) -> None:
        """Remember what a branch changes."""
        with self._database.transaction() as cursor:
            cursor.run(
                "INSERT INTO proposal (host, repo, branch, job, spots, number, head, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (host, repo, branch)"
                " DO UPDATE SET number = excluded.number, head = excluded.head",
                self._host,
                repo,
                branch,
                job,
                json.dumps(spots),
                number,
                head,
            )

    def open_elsewhere(self, repo: str, job: str) -> dict[str, tuple[str, int]]:
        """Return each function that another job's open proposal changes: its branch and number."""
        with self._database.transaction() as cursor:
            rows = cursor.run(
                "SELECT branch, number, spots FROM proposal WHERE host = ? AND repo = ?"
                " AND job <> ? AND state = 'open' AND number IS NOT NULL",
                self._host,
                repo,
                job,
            )
        return {
            spot: (row["branch"], int(row["number"]))
            for row in rows
            for spot in json.loads(row["spots"])
        }

    def proposed(self, job: str) -> int:
        """Return how many pull requests of a job are open."""
        with self._database.transaction() as cursor:
            rows = cursor.run(
                "SELECT branch FROM proposal WHERE host = ? AND job = ? AND state = 'open'"
                " AND number IS NOT NULL",
                self._host,
                job,
            )
        return len(rows)

    def close(self, repo: str, branch: str, *, merged: bool) -> list[str]:
        """Note the end of a proposal; return the functions that it changed."""
        with self._database.transaction() as cursor:
            rows = cursor.run(
                "UPDATE proposal SET state = ? WHERE host = ? AND repo = ? AND branch = ?"
                " RETURNING spots",
                "merged" if merged else "declined",
                self._host,
                repo,
                branch,
            )
        return json.loads(rows[0]["spots"]) if rows else []

    def approve(self, repo: str, number: int, sha: str, login: str) -> None:
        """Let one commit of a fork be run."""
        with self._database.transaction() as cursor:
            cursor.run(
                "INSERT INTO approval (host, repo, number, sha, login, approved_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                self._host,
                repo,
                number,
                sha,
                login,
                time.time(),
            )

    def approved(self, repo: str, number: int, sha: str) -> bool:
        """Return whether that very commit may be run."""
        with self._database.transaction() as cursor:
            rows = cursor.run(
                "SELECT 1 AS one FROM approval WHERE host = ? AND repo = ? AND number = ?"
                " AND sha = ?",
                self._host,
                repo,
                number,
                sha,
            )
        return bool(rows)

    def first_reply_today(self, repo: str, login: str, day: str) -> bool:
        """Return whether a refused person gets an answer: the first time on a day."""
        with self._database.transaction() as cursor:
            return bool(
                cursor.changed(
                    "INSERT INTO reply (host, repo, login, day) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO NOTHING",
                    self._host,
                    repo,
                    login,
                    day,
                )
            )
