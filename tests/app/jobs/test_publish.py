"""Publishing, killed before each write and refused an answer at each: one of everything."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent.app.forge import Check, ForgeError, MovedOn, Note, RateLimited
from perfagent.app.github.client import Client
from perfagent.app.jobs.configuration import Configuration
from perfagent.app.jobs.publishing import Origin, Suggestion, branch_name, show
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import Job
from perfagent.tests.app.contract import Contract
from perfagent.tests.app.peer import REPO, Fault
from perfagent.tests.app.records import DIFF, SPOT, record
from perfagent.tests.app.world import World, world

WRITES = 9
"""Check, blob, tree, commit, branch, pull request, label, check, comment."""


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, peers: Path, key_file: Path, contract: Contract
) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world"), peers, key_file, contract) as built:
        yield built


@pytest.fixture(scope="module")
def origin(made: World) -> Origin:
    """The mirror, cloned once."""
    desk, job = made.desk(), queued(made, "clone")
    base = made.peer.head("main") or ""
    return Origin(
        branch="main",
        base=base,
        mirror=desk.mirror(desk.place(job), base),
        configuration=Configuration(workloads={"compare": "bench/compare.py"}),
        workload="compare",
    )


def queued(made: World, key: str) -> Job:
    order = Order(
        kind="optimize",
        lane="bench",
        key=key,
        repo=REPO,
        installation="77",
        requester="ada",
        request={"number": 1, "answers": key, "user_id": 5},
    )
    made.queue.put(made.client.host, order)
    job = made.queue.claim("bench", lease_s=3600)
    assert job
    with made.database.transaction() as cursor:  # leave room for the next one
        cursor.run("UPDATE job SET repo = id, installation = id WHERE id = ?", job.id)
    return job


SUGGESTION = Suggestion(
    candidate="c0ffee0001", spots=(SPOT,), saved_s=0.02, record=record(), diff=DIFF
)


def everything(made: World, job: Job, origin: Origin, issue: int) -> None:
    """Do what a job does at the forge, from the check to the comment."""
    desk = made.desk()
    place = desk.place(job)
    check = Check(name="perfagent", sha=origin.base, mark=f"check:{job.id}", title="t", summary="s")
    place.check(check)
    show(desk, job, place, SUGGESTION, origin)
    notes = (Note(path="a.py", line=1, title="t", message="m"),)
    over = {"conclusion": "success", "notes": notes}
    place.check(Check(**{**check.__dict__, **over}))
    place.comment(issue, f"answer:{job.id}", "done")


def counted(made: World, job: Job, issue: int, base: str) -> tuple[int, int, int, int]:
    branch = branch_name(job, SUGGESTION)
    pulls = made.as_user("acme", "GET", f"/repos/{REPO}/pulls?state=all&per_page=100")
    checks = [c for c in made.checks(base) if c["external_id"] == f"check:{job.id}"]
    comments = [c for c in made.comments(issue) if f"answer:{job.id}" in c["body"]]
    return (
        int(made.peer.head(branch) is not None),
        sum(pull["head"]["ref"] == branch for pull in pulls),
        len(checks),
        len(comments),
    )


def killed(made: World, job: Job, origin: Origin, issue: int, at: int) -> bool:
    """Do it in a process that is killed before its write number `at`; return whether it was."""
    child = os.fork()
    if child == 0:
        made.client = Client(made.peer.api_url, timeout_s=20)
        count = 0

        def check_job(_: Job) -> None:
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

        made.queue.check = check_job  # type: ignore[method-assign]
        try:
            everything(made, job, origin, issue)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_killed_before_any_write_and_begun_again_there_is_one_of_everything(
    made: World, origin: Origin
):
    issue, deaths = made.issue(), 0
    for at in range(1, WRITES + 1):
        job = queued(made, f"kill-{at}")
        deaths += killed(made, job, origin, issue, at)
        everything(made, job, origin, issue)
        assert counted(made, job, issue, origin.base) == (1, 1, 1, 1), at
    assert deaths == WRITES, "each point was reached"


POSTS = (
    "/check-runs$", "/git/blobs", "/git/trees", "/git/commits", "/git/refs", "/pulls$", "/labels$",
    "/comments$",
)  # fmt: skip


@pytest.mark.parametrize("how", ["after", "truncated"])
def test_a_write_that_was_done_and_not_answered_is_not_done_twice(
    made: World, origin: Origin, how: str
):
    issue = made.issue()
    for path in POSTS:
        job = queued(made, f"{how}-{path}")
        made.peer.faults = [Fault("POST", path, how)]
        with pytest.raises(ForgeError):
            everything(made, job, origin, issue)
        assert made.peer.faults[0].left == 0
        everything(made, job, origin, issue)
        assert counted(made, job, issue, origin.base) == (1, 1, 1, 1), path


def test_answers_without_a_field_that_could_be_missing_are_enough(
    made: World, origin: Origin, caplog: pytest.LogCaptureFixture
):
    issue, job = made.issue(), queued(made, "bare")
    made.peer.faults = [Fault("POST", f"/repos/{REPO}/", "bare", left=100)]
    with caplog.at_level(logging.DEBUG):
        everything(made, job, origin, issue)
    made.peer.faults.clear()
    everything(made, job, origin, issue)
    assert counted(made, job, issue, origin.base) == (1, 1, 1, 1)
    assert caplog.records, "what the libraries say is looked at too"
    assert not any(token in caplog.text for token in made.peer.issued)


def test_a_branch_with_somebody_elses_commit_is_left_alone(made: World, origin: Origin):
    job, desk = queued(made, "moved"), made.desk()
    show(desk, job, desk.place(job), SUGGESTION, origin)
    branch = branch_name(job, SUGGESTION)
    theirs = made.branch(branch, {"deliveries/pairs.py": "# mine\n"}, base=branch)
    with pytest.raises(MovedOn):
        show(desk, job, desk.place(job), SUGGESTION, origin)
    assert made.peer.head(branch) == theirs


def test_a_limit_puts_the_job_off_and_the_worker_is_free(made: World):
    reset = {"retry-after": "1000"}
    made.peer.faults = [Fault("GET", "/permission", "limit", headers=reset)]
    issue = made.issue()
    made.say("ada", issue, "/perfagent help")
    worker = made.worker()
    assert worker.once("light")
    assert not worker.once("light"), "it does not wait, and takes nothing up"
    (job,) = [j for j in made.queue.listed("state = 'queued'") if j.kind == "command"]
    assert job.run_after - job.created_at > 900
    assert job.attempts == 0
    made.hurry()
    made.drain("light")
    assert len([c for c in made.comments(issue) if c["user"]["login"] != "ada"]) == 1
    assert RateLimited("x", 1.0).until == 1.0


def test_no_login_is_seen_in_any_process_while_git_clones_and_a_branch_is_made(
    made: World, origin: Origin
):
    """Looked for at the moment at which the server is asked: arguments and environments of all."""
    seen: list[str] = []
    tried = 0

    def scan() -> None:
        nonlocal tried
        tried += 1
        tokens = [token.encode() for token in made.peer.issued]
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal() or int(folder.name) == os.getpid():
                continue
            for name in ("cmdline", "environ"):
                try:
                    content = (folder / name).read_bytes()
                except OSError:
                    continue
                if any(token in content for token in tokens):
                    seen.append(f"{folder.name} {name}")

    made.peer.on_git = made.peer.on_write = scan
    try:
        desk, job = made.desk(), queued(made, "scan")
        mirror = desk.mirror(desk.place(job), None)
        cloned = tried
        show(desk, job, desk.place(job), SUGGESTION, origin)
    finally:
        made.peer.on_git = made.peer.on_write = lambda: None
    assert 0 < cloned < tried
    assert made.peer.logins
    assert seen == []
    tokens = list(made.peer.issued)
    for file in mirror.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(token.encode() in content for token in tokens), file
