"""Databases and peers for the app's tests.

What others wrote (GitHub's description of its API, its example payloads, the stateful peer) comes
from npm and is fetched by `.ci/app_peers`; where it is missing, the tests that need it are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from perfagent.app.github.client import Client
from perfagent.app.jobs.desk import Desk, keep_git_quiet
from perfagent.app.store.database import Database
from perfagent.tests.app.contract import Contract
from perfagent.tests.app.planted import Planted
from perfagent.tests.app.world import make_key

ROOT = Path(__file__).resolve().parents[2]


def missing(what: str) -> None:
    """Skip, or fail where everything has to be there."""
    if os.environ.get("APP_PEERS_REQUIRED"):
        pytest.fail(what)
    pytest.skip(what)


def peers_folder() -> Path:
    """Return where they are, or would be."""
    return Path(os.environ.get("APP_PEERS") or ROOT / "build" / "app-peers")


@pytest.fixture(scope="session")
def peers() -> Path:
    """The folder that `.ci/app_peers` filled."""
    folder = peers_folder()
    if not (folder / "api.github.com.json").exists():
        missing(f"GitHub's published material is not in {folder}: run `.ci/app_peers {folder}`")
    return folder


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key as GitHub makes one for an app."""
    return make_key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="session")
def contract(peers: Path) -> Contract:
    """GitHub's description of its API, read once."""
    return Contract(peers / "api.github.com.json")


@pytest.fixture(scope="session")
def payloads(peers: Path) -> list[tuple[str, dict]]:
    """Every published webhook payload, with its event."""
    return [
        (event["name"], example)
        for file in sorted((peers / "webhooks-examples").glob("*/index.json"))
        for event in json.loads(file.read_text(encoding="utf-8"))
        for example in event["examples"]
    ]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a Postgres server: PERFAGENT_TEST_DSN's, or one started for the tests."""
    given = os.environ.get("APP_TEST_DSN")
    if given:
        yield given
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        missing("no Postgres: install its server, or name one in APP_TEST_DSN")
    programs = found[-1].parent
    # Its socket's path must be short, and the server refuses to run as root.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--clear-groups", "env", f"HOME={folder}"]
    try:
        subprocess.run(
            [*as_user, programs / "initdb", "-D", folder / "db", "-U", "app", "-A", "trust", "-N"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        server = subprocess.Popen(
            [
                *as_user,
                *(programs / "postgres", "-D", folder / "db", "-k", folder),
                *("-c", "listen_addresses=", "-c", "fsync=off"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
        )
        address = f"postgresql://app@/postgres?host={folder}"
        try:
            _wait_for(address)
            yield address
        finally:
            server.send_signal(signal.SIGINT)  # ends sessions too
            server.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str) -> None:
    import time

    import psycopg

    for _ in range(100):
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("Postgres does not start")


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield str(tmp_path / "app.sqlite")
        return
    yield new_database(request.getfixturevalue("postgres"))


def new_database(server: str) -> str:
    """Make a database on the Postgres server of the tests; return its address."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


class Unflushed(Database):
    """For tests that lose no power: SQLite does not wait for the disk."""

    def _connect(self) -> Any:
        connection = super()._connect()
        if not self.is_postgres:
            connection.execute("PRAGMA synchronous=OFF")
        return connection


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Unflushed(address)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = Unflushed(str(tmp_path / "app.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Stands in for every run of perfagent."""
    engine = Planted()
    monkeypatch.setattr(Desk, "engine", lambda desk, job: engine)
    return engine


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker does at its start, undone after the test."""
    before = dict(os.environ)
    keep_git_quiet()
    for name in set(os.environ) - set(before):
        value = os.environ.pop(name)
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold what each client of a test asks against GitHub's description, where that is there."""
    if not (peers_folder() / "api.github.com.json").exists():
        yield
        return
    contract: Contract = request.getfixturevalue("contract")
    begin = Client.__init__

    def begun(client: Client, *words: Any, **options: Any) -> None:
        begin(client, *words, **options)
        contract.listen_to(client)

    monkeypatch.setattr(Client, "__init__", begun)
    yield
    broken, contract.broken = contract.broken, []
    # `/x` stands for any path where it is the sending that is tested.
    assert [each for each in broken if not re.match(r"\w+ (/\S+)?/x[:?]", each)] == []
