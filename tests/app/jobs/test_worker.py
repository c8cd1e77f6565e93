"""The worker: redelivery, the schedule, and access that is withdrawn while it works."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from perfagent.app.deployment import Deployment
from perfagent.app.github.client import Client
from perfagent.app.github.github import GitHub
from perfagent.app.github.tokens import AppKey
from perfagent.app.jobs import checking
from perfagent.app.jobs import worker as worker_module
from perfagent.app.jobs.desk import Desk
from perfagent.app.jobs.schedule import queue_due, reachable
from perfagent.app.jobs.tidying import tidy
from perfagent.app.jobs.worker import Worker
from perfagent.app.store.database import Database
from perfagent.app.store.deliveries import accept
from perfagent.app.store.orders import Arrival, Order, Revocation
from perfagent.app.store.queue import Queue

HOST = "api.forge.example"


class Forge:
    """A scripted server."""

    def __init__(self) -> None:
        self.deliveries: list[dict[str, Any]] = []
        self.redelivered: list[str] = []
        self.configuration = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/attempts"):
            self.redelivered.append(path.split("/")[-2])
            return httpx.Response(202, json={})
        if path == "/app/hook/deliveries":
            cursor = int(request.url.params.get("cursor", 0))
            link = f'<https://{HOST}/app/hook/deliveries?cursor={cursor + 2}>; rel="next"'
            more = {"link": link} if cursor + 2 < len(self.deliveries) else {}
            return httpx.Response(200, json=self.deliveries[cursor : cursor + 2], headers=more)
        if path.endswith("/access_tokens"):
            answer = {"token": "ghs_0123456789abcdefghij", "expires_at": "2999-01-01T00:00:00Z"}
            return httpx.Response(201, json=answer)
        if path == "/app/installations":
            return httpx.Response(200, json=[{"id": 7}])
        if path == "/installation/repositories":
            return httpx.Response(200, json={"repositories": [{"full_name": "acme/shop"}]})
        if path.endswith("/git/ref/heads/main"):
            return httpx.Response(200, json={"object": {"sha": "a" * 40}})
        if "/contents/" in path:
            import base64

            content = base64.b64encode(self.configuration.encode()).decode()
            return httpx.Response(200, json={"encoding": "base64", "content": content})
        return httpx.Response(200, json={"default_branch": "main"})


@pytest.fixture
def forge() -> Forge:
    return Forge()


@pytest.fixture
def desk(sqlite: Database, forge: Forge, key_file: Path, tmp_path: Path) -> Iterator[Desk]:
    client = Client(f"https://{HOST}", transport=httpx.MockTransport(forge))
    yield Desk(
        deployment=Deployment(folder=tmp_path, database=""),
        database=sqlite,
        queue=Queue(sqlite),
        forge=GitHub(client, AppKey("42", key_file), server_url="https://x", slug="perfagent"),
        lease_s=1.0,
    )
    client.close()


def attempt(number: int, guid: str, status: int, age_s: float = 60) -> dict[str, Any]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - age_s))
    return {"id": number, "guid": guid, "status_code": status, "delivered_at": at}


def test_exactly_the_deliveries_that_nobody_took_in_are_asked_for_again(desk: Desk, forge: Forge):
    accept(desk.database, HOST, Arrival(guid="kept", event="push", action="", sha256=""))
    forge.deliveries = [
        attempt(9, "failed", 503),
        attempt(8, "came-later", 202),
        attempt(7, "came-later", 0),
        attempt(6, "failed", 0),
        attempt(5, "kept", 504),
        attempt(4, "fine", 200),
        attempt(3, "timeout", 0),
        attempt(2, "too-old", 500, age_s=5 * 86_400),
        attempt(1, "older-still", 500, age_s=6 * 86_400),
    ]
    asked = Worker(desk, threading.Event()).redeliver()
    assert sorted(asked) == ["failed", "timeout"]
    assert sorted(forge.redelivered) == ["3", "9"]


def test_the_schedule_queues_each_workload_once_a_period(desk: Desk, forge: Forge):
    forge.configuration = "workloads: {a: a.py, b: b.py}\nschedule: weekly\n"
    now, repos = 1_800_000_000.0, reachable(desk)
    assert repos == [("7", "acme/shop")]
    assert len(queue_due(desk, repos, now)) == 2
    assert queue_due(desk, repos, now + 3600) == []
    assert len(queue_due(desk, repos, now + 7 * 86_400)) == 2
    forge.configuration = "workloads: {a: a.py}\n"
    assert queue_due(desk, repos, now + 30 * 86_400) == []


def test_a_server_that_keeps_no_deliveries_has_its_schedule_all_the_same(desk: Desk, forge: Forge):
    forge.configuration = "workloads: {a: a.py}\nschedule: weekly\n"
    forge.deliveries = [{"guid": "no such thing"}]
    Worker(desk, threading.Event()).sweep_once()
    assert [job.kind for job in desk.queue.listed()] == ["optimize"]


def test_what_is_kept_of_a_repository_goes_with_the_access_to_it(desk: Desk):
    def order(number: int, repo: str) -> Order:
        return Order(kind="check", lane="bench", key=f"k{number}", repo=repo, installation="7")

    for number, repo in enumerate(("acme/shop", "acme/gone", "acme/new")):
        desk.kept(repo).mkdir(parents=True)
        desk.queue.put(HOST, order(number, repo))
        if repo != "acme/new":  # it was added a moment ago: its first job waits
            job = desk.queue.claim("bench")
            assert job
            desk.folder(job)
            desk.queue.finish(job, "done", "")
    unknown = desk.deployment.folder / "jobs" / ("f" * 32)
    unknown.mkdir()
    assert sorted(tidy(desk, ["acme/shop"])) == ["acme+gone", "f" * 32]
    with desk.database.transaction() as cursor:
        cursor.run("UPDATE job SET finished_at = 5 WHERE repo = 'acme/shop'")
    (old,) = tidy(desk, ["acme/shop"])
    assert desk.queue.find(old)
    assert {path.name for path in desk.kept("a/b").parent.iterdir()} == {"acme+shop", "acme+new"}


@pytest.mark.parametrize("state", ["deleted", "suspended"])
def test_access_that_is_withdrawn_while_a_job_runs_ends_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, state: Any
):
    began = threading.Event()

    def long(desk: Desk, job: Any, beat: Any) -> tuple[str, dict]:
        (desk.folder(job) / "clone").write_text("theirs")
        began.set()
        for _ in range(400):
            beat("working")
            time.sleep(0.05)
        raise AssertionError("it was not stopped")

    monkeypatch.setitem(worker_module._LONG, "check", long)
    monkeypatch.setattr(checking, "end_check", lambda *_: None)
    order = Order(
        kind="check", lane="bench", key="k", repo="acme/shop", installation="7", request={}
    )
    desk.queue.put(HOST, order)
    revocation = Revocation(installation="7", account="acme", state=state)

    def withdraw() -> None:
        began.wait(20)
        arrival = Arrival(
            guid="g", event="installation", action="", sha256="", revocation=revocation
        )
        accept(desk.database, HOST, arrival)

    thread = threading.Thread(target=withdraw)
    thread.start()
    assert Worker(desk, threading.Event()).once("bench")
    thread.join()
    left = desk.queue.listed()
    assert [job.state for job in left] == ([] if state == "deleted" else ["cancelled"])
    assert not list((desk.deployment.folder / "jobs").glob("*"))


def test_a_bug_ends_the_job_and_not_the_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def broken(desk: Desk, job: Any) -> str:
        raise ZeroDivisionError("ghs_0123456789abcdefghij")

    monkeypatch.setitem(worker_module._SHORT, "announce", broken)
    monkeypatch.setattr(checking, "end_check", lambda *_: None)
    order = Order(kind="announce", lane="light", key="k", repo="a/b", installation="7")
    desk.queue.put(HOST, order)
    worker = Worker(desk, threading.Event())
    for _ in range(3):
        with desk.database.transaction() as cursor:
            cursor.run("UPDATE job SET run_after = 0")
        assert worker.once("light")
    assert not worker.once("light")
    (job,) = desk.queue.listed()
    assert job.state == "dead"
    assert "ghs_" not in job.outcome
    assert "ZeroDivisionError" in job.outcome
