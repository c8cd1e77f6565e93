"""Webhooks: what is taken in, what is refused, and that nothing acknowledged is ever lost."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import resource
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from perfagent.app import serve
from perfagent.app.github.client import Client
from perfagent.app.store.database import Database
from perfagent.app.store.queue import Queue
from perfagent.app.web.events import Us
from perfagent.app.web.reception import MOST_BYTES, Reception
from perfagent.app.web.server import make_app
from perfagent.app.web.signature import check_secrets
from perfagent.errors import UserError
from perfagent.tests.app.deliveries import SECRET, access, comment, headers, pull_request, sign
from perfagent.tests.app.served import Served

US = Us(app_id="29310", slug="perfagent", quiet_s=0)


def served(database: Database, secrets: tuple[bytes, ...] = (SECRET,), **limits: Any) -> Served:
    reception = Reception(database=database, host="forge", secrets=secrets, us=US, **limits)
    return Served(make_app(reception, database))


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    with database.transaction() as cursor:
        return cursor.run(f"SELECT * FROM {table}")


def post(client: httpx.Client, body: bytes, event: str, **more: Any) -> httpx.Response:
    return client.post("/webhook", content=body, headers=headers(body, event, SECRET, **more))


def test_every_published_payload_is_answered_and_none_breaks(sqlite: Database, payloads: list):
    assert len(payloads) == 726
    seen: dict[str, int] = {}
    reception = Reception(database=sqlite, host="forge", secrets=(SECRET,), us=US)
    transport = httpx.ASGITransport(make_app(reception, sqlite))

    async def send_all() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            for event, example in payloads:
                body = json.dumps(example).encode()
                sent = headers(body, event, SECRET)
                answer = await client.post("/webhook", content=body, headers=sent)
                assert answer.status_code == 202, (event, answer.text)

    asyncio.run(send_all())
    for row in rows(sqlite, "delivery"):
        seen[row["outcome"]] = seen.get(row["outcome"], 0) + 1
    assert sum(seen.values()) == 726
    assert not [note for note in seen if "not as expected" in note], seen
    kinds = {row["kind"] for row in rows(sqlite, "job")}
    assert kinds <= {"announce", "closed", "button", "command"}


FORGED = {
    "missing": lambda body: None,
    "sha1": lambda body: "sha1=" + hmac.new(SECRET, body, hashlib.sha1).hexdigest(),
    "upper case": lambda body: "sha256=" + sign(body, SECRET)[7:].upper(),
    "truncated": lambda body: sign(body, SECRET)[:-1],
    "not ASCII": lambda body: "sha256=é" + sign(body, SECRET)[8:],
    "tampered": lambda body: sign(body + b" ", SECRET),
    "wrong secret": lambda body: sign(body, b"another secret that is long"),
    "empty secret": lambda body: sign(body, b""),
    "retired secret": lambda body: sign(body, b"the one before the one before"),
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_delivery_leaves_no_trace(sqlite: Database, how: str):
    body = comment("/perfagent optimize")
    sent = headers(body, "issue_comment", SECRET)
    made = FORGED[how](body)
    del sent["x-hub-signature-256"]
    encoded = [(key.encode(), value.encode("utf-8")) for key, value in sent.items()]
    if made is not None:
        encoded.append((b"x-hub-signature-256", made.encode("utf-8")))
    with served(sqlite) as server, server.client() as client:
        assert client.post("/webhook", content=body, headers=encoded).status_code == 401
    assert rows(sqlite, "delivery") == rows(sqlite, "job") == []


def test_two_secrets_hold_while_they_change(sqlite: Database):
    old = b"the secret before this one, long enough"
    body = comment("/perfagent help")
    with served(sqlite, (SECRET, old)) as server, server.client() as client:
        for number, secret in enumerate((SECRET, old)):
            sent = headers(body, "issue_comment", secret, f"guid-{number}")
            assert client.post("/webhook", content=body, headers=sent).status_code == 202


@pytest.mark.parametrize("secrets", [(), (b"",), (b"short",), (SECRET, b"x" * 19)])
def test_the_server_does_not_start_with_a_secret_that_can_be_guessed(secrets: tuple[bytes, ...]):
    with pytest.raises(UserError, match="secret"):
        check_secrets(secrets)


def test_serve_refuses_such_a_secret_before_anything_listens(
    tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITHUB_APP_ID", "42")
    monkeypatch.setenv("GITHUB_APP_PRIVATE_KEY_FILE", str(key_file))
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "short")
    monkeypatch.setattr(serve, "keep_logs_clean", lambda: None)
    started: list[str] = []
    for name in ("_serve", "_start_workers", "_wait"):
        monkeypatch.setattr(serve, name, lambda *_, name=name: started.append(name))
    with pytest.raises(UserError, match="shorter than 20 bytes"):
        serve.run(folder=tmp_path, host="127.0.0.1", port=0, half="both")
    assert started == []


def test_what_is_too_big_too_slow_or_too_deep_is_refused_and_costs_no_memory(sqlite: Database):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with served(sqlite, most_seconds=6) as server, server.client() as client:
        big = b"x" * (MOST_BYTES + 1)
        answers = [client.post("/webhook", content=big, headers=headers(b"", "push", SECRET))]
        del big

        def pieces():
            for _ in range(40):
                yield bytes(1 << 20)

        def slowly():
            yield b"{"
            time.sleep(7)
            yield b"}"

        deep = b"[" * 200_000
        statuses = [
            answers[0].status_code,
            server.status(pieces(), headers(b"", "push", SECRET)),
            server.status(slowly(), headers(b"", "push", SECRET)),
            post(client, deep, "push").status_code,
        ]
    assert statuses == [413, 413, 408, 400]
    assert rows(sqlite, "delivery") == []
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 150, f"{grown:.0f} MiB"


def test_a_delivery_that_comes_fifty_times_is_one_job(database: Database):
    body = pull_request("opened")
    with served(database) as server, ThreadPoolExecutor(10) as pool, server.client() as client:

        def send(_: int) -> int:
            return post(client, body, "pull_request", guid="the-same").status_code

        codes = sorted(pool.map(send, range(50)))
        assert codes == [200] * 49 + [202]
        assert post(client, body, "pull_request").status_code == 202
    assert len(rows(database, "delivery")) == 2
    assert len(rows(database, "job")) == 1, "a captured body under a new id is the same work"


def test_deliveries_are_answered_in_time_and_without_a_call_while_a_job_runs(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
):
    """Within the ten seconds after which the forge gives up; docs/github-app.md has the figure."""
    calls: list[str] = []
    monkeypatch.setattr(Client, "request", lambda *words, **_: calls.append(str(words)))
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    told: list[tuple[int, float]] = []
    try:
        with served(sqlite) as server, ThreadPoolExecutor(10) as pool, server.client() as client:

            def send(number: int) -> None:
                body = comment("/perfagent optimize", comment_id=number)
                began = time.monotonic()
                answer = post(client, body, "issue_comment", guid=f"g{number}")
                told.append((answer.status_code, time.monotonic() - began))

            list(pool.map(send, range(200)))
    finally:
        busy.kill()
        busy.wait()
    assert {status for status, _ in told} == {202}
    assert max(seconds for _, seconds in told) < 10
    assert calls == [], "nobody is asked before the answer"
    assert len(rows(sqlite, "job")) == 200


class Impatient(Database):
    """Waits for no lock, and its file cannot grow once `full` is set."""

    full = False

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.execute("PRAGMA busy_timeout=10")
        if self.full:
            (pages,) = connection.execute("PRAGMA page_count").fetchone().values()
            connection.execute(f"PRAGMA max_page_count={pages}")
        return connection


def test_a_locked_or_full_database_is_no_acknowledgement(tmp_path: Path):
    file = tmp_path / "app.sqlite"
    database = Impatient(str(file))
    with served(database) as server, server.client() as client:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        body = comment("/perfagent optimize")
        assert post(client, body, "issue_comment", guid="first").status_code == 503
        other.execute("COMMIT")
        other.close()
        assert rows(database, "delivery") == []
        database.close()
        database.full = True
        codes = []
        for number in range(40):
            long = comment("/perfagent check", comment_id=100 + number)
            codes.append(post(client, long, "issue_comment", guid=f"g{number}").status_code)
            if codes[-1] == 503:
                break
    assert codes[-1] == 503
    assert len(rows(database, "delivery")) == codes.count(202)
    database.close()


NO_COMMAND = {
    "edited": comment("/perfagent optimize", action="edited"),
    "by a bot": comment("/perfagent optimize", user_type="Bot"),
    "in a block of code": comment("```\n/perfagent optimize\n```"),
    "indented as code": comment("    /perfagent optimize"),
    "quoted": comment("> /perfagent optimize"),
    "in a sentence": comment("you can say /perfagent optimize"),
    "on a later line": comment("hello\n/perfagent optimize"),
    "of another": comment("/perfagentx optimize"),
    "without an installation": comment("/perfagent optimize", installation=None),
}


@pytest.mark.parametrize("how", NO_COMMAND)
def test_what_is_no_command_starts_nothing(sqlite: Database, how: str):
    with served(sqlite) as server, server.client() as client:
        assert post(client, NO_COMMAND[how], "issue_comment").status_code == 202
    assert rows(sqlite, "job") == []
    (kept,) = rows(sqlite, "delivery")
    assert kept["outcome"].startswith("ignored: ")


def test_a_newer_push_replaces_what_was_queued_for_the_older(database: Database):
    with served(database) as server, server.client() as client:
        post(client, pull_request("opened", sha="1" * 40), "pull_request")
        time.sleep(0.01)
        post(client, pull_request("synchronize", sha="2" * 40), "pull_request")
        post(client, pull_request("opened", number=4, sha="3" * 40), "pull_request")
    jobs = Queue(database).listed()
    assert {(job.request["sha"][0], job.state) for job in jobs} == {
        ("1", "cancelled"),
        ("2", "queued"),
        ("3", "queued"),
    }


def test_an_app_that_is_removed_forgets_and_one_that_is_suspended_stops(database: Database):
    queue = Queue(database)
    with served(database) as server, server.client() as client:
        post(client, comment("/perfagent optimize"), "issue_comment")
        with database.transaction() as cursor:
            cursor.run("INSERT INTO declined VALUES ('forge', 'acme/shop', 'a.py:f', 'no', 0)")
        post(client, access("suspend"), "installation")
        assert [job.state for job in queue.listed()] == ["cancelled"]
        assert len(rows(database, "declined")) == 1
        post(client, access("unsuspend"), "installation")
        post(client, comment("/perfagent check", comment_id=11), "issue_comment")
        assert queue.claim("light") is not None
        post(client, access("deleted"), "installation")
    assert [(job.state, job.cancelled) for job in queue.listed()] == [("running", True)]
    assert rows(database, "declined") == []
