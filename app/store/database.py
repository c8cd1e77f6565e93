"""One interface to SQLite and Postgres: transactions, `?` for parameters, rows as dicts."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ...errors import InfrastructureError, UserError
from .schema import SCHEMA

Row = dict[str, Any]

_BUSY_MS = 5_000
_MOST_IDLE = 8
_SERIAL = 7_238_112_001
"""Key of the Postgres lock under which schedulers of several machines take turns."""


class StoreUnavailable(InfrastructureError):
    """The database is locked, full or gone: nothing of the transaction was kept."""


class Cursor(Protocol):
    """Runs statements of one transaction."""

    def run(self, statement: str, *values: Any) -> list[Row]:
        """Run a statement and return its rows."""
        ...

    def changed(self, statement: str, *values: Any) -> int:
        """Run a statement and return how many rows it inserted, changed or deleted."""
        ...


class Database:
    """A SQLite file or a Postgres database with the app's tables in it."""

    def __init__(self, address: str) -> None:
        """Open a database and make the tables that are missing.

        Args:
            address: `postgresql://…`, or the path of a SQLite file on a local disk.

        Raises:
            UserError: There is no such database, or the driver is not installed.
        """
        self.is_postgres = address.startswith(("postgres://", "postgresql://"))
        self._address = address
        self._idle: deque[Any] = deque()
        if not self.is_postgres:
            Path(address).parent.mkdir(parents=True, exist_ok=True)
        try:
            with self.transaction(serial=True) as cursor:
                for statement in SCHEMA:
                    cursor.run(statement)
        except StoreUnavailable as error:
            raise UserError(f"cannot open the app's database: {error}") from error

    @contextmanager
    def transaction(self, *, serial: bool = False) -> Iterator[Cursor]:
        """Run a block whose statements are all kept, on disk, or none of them.

        Args:
            serial: Whether such blocks take turns, also on Postgres. SQLite's writers always do.

        Raises:
            StoreUnavailable: The database cannot be reached or written.
        """
        with _translated():
            connection = self._idle.pop() if self._idle else self._connect()
        cursor = _Cursor(connection, "%s" if self.is_postgres else "?")
        kept = False
        try:
            cursor.run("BEGIN" if self.is_postgres else "BEGIN IMMEDIATE")
            if serial and self.is_postgres:
                cursor.run("SELECT pg_advisory_xact_lock(?)", _SERIAL)
            yield cursor
            cursor.run("COMMIT")
            kept = True
        finally:
            self._give_back(connection, kept)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _give_back(self, connection: Any, kept: bool) -> None:
        if not kept:
            with suppress(*_failures()):
                connection.execute("ROLLBACK")
                kept = True
        if kept and len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def _connect(self) -> Any:
        if self.is_postgres:
            try:
                import psycopg
                from psycopg.rows import dict_row
            except ImportError:
                raise UserError(
                    "a Postgres database needs its driver: pip install 'perfagent[app]'"
                ) from None
            return psycopg.Connection[Row].connect(
                self._address, autocommit=True, row_factory=dict_row
            )
        connection = sqlite3.connect(
            self._address,
            timeout=_BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = _as_dict
        connection.execute("PRAGMA journal_mode=WAL")
        # What was acknowledged survives a power cut: each commit is flushed to the disk.
        connection.execute("PRAGMA synchronous=FULL")
        return connection


class _Cursor:
    def __init__(self, connection: Any, mark: str) -> None:
        self._connection = connection
        self._mark = mark

    def run(self, statement: str, *values: Any) -> list[Row]:
        with _translated():
            done = self._execute(statement, values)
            return list(done.fetchall()) if done.description else []

    def changed(self, statement: str, *values: Any) -> int:
        with _translated():
            return self._execute(statement, values).rowcount

    def _execute(self, statement: str, values: Sequence[Any]) -> Any:
        # Without values psycopg takes a percent sign as it is.
        return self._connection.execute(statement.replace("?", self._mark), values or ())


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _failures() -> tuple[type[Exception], ...]:
    try:
        import psycopg
    except ImportError:
        return (sqlite3.Error,)
    return (sqlite3.Error, psycopg.Error)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _failures() as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
