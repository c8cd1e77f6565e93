"""The app's tables, in what SQLite and Postgres both understand.

Times are seconds since 1970, structures are JSON. `host` is the forge's: ids of two forges, or of
github.com and a company's own server, never meet. Bodies of deliveries are not kept.
"""

from __future__ import annotations

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS delivery (
        host TEXT NOT NULL, guid TEXT NOT NULL, event TEXT NOT NULL,
        action TEXT NOT NULL, sha256 TEXT NOT NULL,
        received_at DOUBLE PRECISION NOT NULL, outcome TEXT NOT NULL,
        PRIMARY KEY (host, guid, event))""",
    """CREATE TABLE IF NOT EXISTS job (
        id TEXT PRIMARY KEY, host TEXT NOT NULL, installation TEXT NOT NULL, repo TEXT NOT NULL,
        kind TEXT NOT NULL, lane TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL,
        requester TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL,
        created_at DOUBLE PRECISION NOT NULL, run_after DOUBLE PRECISION NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0, fence BIGINT NOT NULL DEFAULT 0,
        lease_until DOUBLE PRECISION NOT NULL DEFAULT 0,
        cancelled BIGINT NOT NULL DEFAULT 0,
        progress TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '',
        report TEXT NOT NULL DEFAULT '{}',
        started_at DOUBLE PRECISION, finished_at DOUBLE PRECISION)""",
    "CREATE UNIQUE INDEX IF NOT EXISTS job_key ON job (host, key)",
    "CREATE INDEX IF NOT EXISTS job_waiting ON job (state, lane, run_after)",
    "CREATE INDEX IF NOT EXISTS job_repo ON job (host, repo, created_at)",
    """CREATE TABLE IF NOT EXISTS declined (
        host TEXT NOT NULL, repo TEXT NOT NULL, spot TEXT NOT NULL,
        reason TEXT NOT NULL, declined_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (host, repo, spot))""",
    """CREATE TABLE IF NOT EXISTS proposal (
        host TEXT NOT NULL, repo TEXT NOT NULL, branch TEXT NOT NULL, job TEXT NOT NULL,
        spots TEXT NOT NULL, number BIGINT, head TEXT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (host, repo, branch))""",
    """CREATE TABLE IF NOT EXISTS approval (
        host TEXT NOT NULL, repo TEXT NOT NULL, number BIGINT NOT NULL, sha TEXT NOT NULL,
        login TEXT NOT NULL, approved_at DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (host, repo, number, sha))""",
    """CREATE TABLE IF NOT EXISTS installation (
        host TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (host, id))""",
    """CREATE TABLE IF NOT EXISTS reply (
        host TEXT NOT NULL, repo TEXT NOT NULL, login TEXT NOT NULL, day TEXT NOT NULL,
        PRIMARY KEY (host, repo, login, day))""",
)
