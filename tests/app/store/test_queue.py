"""The queue: nothing is lost and nothing is done twice, whoever dies."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from perfagent.app.store import queue as queue_module
from perfagent.app.store.database import Database
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import MOST_ATTEMPTS, LeaseLost, Queue
from perfagent.tests.app.deliveries import SECRET, comment, headers

FORKED = "perfagent.tests.app.forked"


def order(number: int = 1, *, repo: str = "acme/shop", lane: str = "light", **more: str) -> Order:
    return Order(kind="check", lane=lane, key=f"k{number}", repo=repo, installation="7", **more)


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time
    monkeypatch.setattr(queue_module.time, "time", lambda: now() + seconds)


def test_a_job_is_claimed_once_and_finished_once(queue: Queue):
    assert queue.put("forge", order())
    assert queue.put("forge", order()) is None, "the same work"
    assert queue.put("other", order()), "another forge's"
    job, second = queue.claim("light"), queue.claim("light")
    assert job
    assert second
    assert job.id != second.id
    assert queue.claim("light") is None
    queue.finish(job, "done", "fine", {"speedup": 2})
    with pytest.raises(LeaseLost):
        queue.finish(job, "failed", "again")
    found = queue.find(job.id)
    assert found
    assert (found.state, found.outcome, found.report) == ("done", "fine", {"speedup": 2})


def test_a_worker_whose_lease_is_over_can_change_nothing(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
):
    queue.put("forge", order())
    stale = queue.claim("light")
    assert stale
    with monkeypatch.context() as patched:
        later(patched, 61)
        with pytest.raises(LeaseLost):
            queue.check(stale)
        taken = queue.claim("light")
    assert taken
    assert (taken.id, taken.fence) == (stale.id, stale.fence + 1)
    for attempt in (
        lambda: queue.heartbeat(stale),
        lambda: queue.check(stale),
        lambda: queue.keep(stale, {}),
        lambda: queue.finish(stale, "done", ""),
        lambda: queue.put_off(stale, 0, ""),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    queue.finish(taken, "done", "")


def test_cancelling_reaches_queued_running_and_orphaned_jobs(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
):
    queued = queue.put("forge", order(1))
    assert queued
    assert queue.cancel(queued)
    assert not queue.cancel(queued)
    queue.put("forge", order(2))
    running = queue.claim("light")
    assert running
    assert queue.cancel(running.id)
    with pytest.raises(LeaseLost):
        queue.heartbeat(running)
    with pytest.raises(LeaseLost):
        queue.check(running)
    later(monkeypatch, 61)
    assert queue.claim("light") is None, "a cancelled job is not begun again by another worker"
    assert {job.state for job in queue.listed()} == {"cancelled"}


def test_a_job_that_kills_its_worker_ends_visibly(queue: Queue, monkeypatch: pytest.MonkeyPatch):
    queue.put("forge", order())
    for attempt in range(MOST_ATTEMPTS):
        with monkeypatch.context() as patched:
            later(patched, 61 * attempt)
            assert queue.claim("light")
    later(monkeypatch, 61 * MOST_ATTEMPTS)
    assert queue.claim("light") is None
    (job,) = queue.listed()
    assert job.state == "dead"
    assert "3 times" in job.outcome


def test_waiting_for_the_forge_costs_no_attempt(queue: Queue, monkeypatch: pytest.MonkeyPatch):
    queue.put("forge", order())
    for hour in range(5):
        with monkeypatch.context() as patched:
            later(patched, 3601 * hour)
            job = queue.claim("light")
            assert job
            until = queue_module.time.time() + 3600
            queue.put_off(job, until, "the forge asks to wait", counts=False)
            assert queue.claim("light") is None
    (job,) = queue.listed()
    assert (job.state, job.attempts) == ("queued", 0)


def test_one_measurement_a_repository_and_few_an_installation(queue: Queue):
    for number, repo in enumerate(("a/a", "a/a", "a/b", "a/c")):
        queue.put("forge", order(number, repo=repo, lane="bench"))
    claimed = [queue.claim("bench"), queue.claim("bench")]
    assert {job.repo for job in claimed if job} == {"a/a", "a/b"}
    assert queue.claim("bench") is None
    assert claimed[0]
    queue.finish(claimed[0], "done", "")
    again = queue.claim("bench")
    assert again
    assert again.repo == "a/a"
    assert queue.asked_since("forge", 0, "installation", "7") == 4


@pytest.mark.parametrize(
    ("address", "seed"),
    [("sqlite", 1), ("sqlite", 2), ("sqlite", 3), ("postgres", 1)],
    indirect=["address"],
)
def test_killed_workers_lose_nothing_and_finish_nothing_twice(
    address: str, tmp_path: Path, seed: int
):
    done = tmp_path / "done"
    database = Database(address)
    queue = Queue(database)
    for number in range(200):
        queue.put("forge", order(number))
    subprocess.run(
        [sys.executable, "-m", FORKED, "work", address, str(done), "4", "40", str(seed)],
        check=True,
        timeout=200,
    )
    states = [job.state for job in queue.listed(limit=1000)]
    finished = done.read_text().split()
    assert states.count("done") + states.count("dead") == 200
    assert states.count("dead") == 0
    assert len(finished) == len(set(finished)), "finished twice"
    # A worker killed between its commit and its note finished the job all the same.
    assert 200 - len(finished) <= 40
    if not database.is_postgres:
        with database.transaction() as cursor:
            assert cursor.run("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    database.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def killable(address: str) -> Iterator[tuple[str, int, subprocess.Popen[str]]]:
    port = free_port()
    Database(address).close()
    process = subprocess.Popen(
        [sys.executable, "-m", FORKED, "web", address, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield address, port, process
    process.communicate(timeout=20)


def test_nothing_that_was_acknowledged_is_lost_when_the_web_process_is_killed(
    killable: tuple[str, int, subprocess.Popen[str]],
):
    address, port, process = killable
    assert process.stdin
    assert process.stdout
    bodies = {f"g{number}": comment("/perfagent check", comment_id=number) for number in range(220)}
    acknowledged: set[str] = set()

    def send(client: httpx.Client, guid: str) -> None:
        sent = headers(bodies[guid], "issue_comment", SECRET, guid)
        try:
            answer = client.post("/webhook", content=bodies[guid], headers=sent)
        except httpx.TransportError:
            return
        if answer.status_code in (200, 202):
            acknowledged.add(guid)

    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
        _await(client)
        for number, guid in enumerate(bodies):
            send(client, guid)
            if number % 20 == 10:
                process.stdin.write("\n")
                process.stdin.flush()  # the next deliveries meet the kill, or nobody
                send(client, f"g{max(0, number - 1)}")
                process.stdout.readline()
        _await(client)
        for guid in sorted(set(bodies) - acknowledged):
            send(client, guid)
    database = Database(address)
    with database.transaction() as cursor:
        kept = {row["guid"] for row in cursor.run("SELECT guid FROM delivery")}
    assert acknowledged == set(bodies)
    assert kept == acknowledged
    assert len(Queue(database).listed(limit=1000)) == len(bodies), "one job each"
    database.close()


def _await(client: httpx.Client) -> None:
    for _ in range(400):
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not start")
