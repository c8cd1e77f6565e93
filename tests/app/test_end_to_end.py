"""From a comment to a pull request, and from a push to a check, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent.tests.app.contract import Contract
from perfagent.tests.app.peer import REPO
from perfagent.tests.app.world import World, world
from perfagent.tests.shop import FAST_PAIRS, PAIRS

# They measure: the machine is theirs alone, and where it is not they wait for it.
pytestmark = [pytest.mark.timeout(900), pytest.mark.timing, pytest.mark.long]

QUICK = ["--max-rounds", "1", "--max-pairs", "12"]
SLOW_LINE = "    return [number for number in first if sorted(known).count(number)]"
SLOW_PAIRS = PAIRS.replace("    return [number for number in first if number in known]", SLOW_LINE)


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, peers: Path, key_file: Path, contract: Contract
) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world"), peers, key_file, contract) as built:
        yield built


def quickly(made: World, kind: str, options: list[str]) -> None:
    """Have the queued jobs of a kind take less time than a real one has."""
    with made.database.transaction() as cursor:
        for row in cursor.run(
            "SELECT id, request FROM job WHERE kind = ? AND state = 'queued'", kind
        ):
            request = {**json.loads(row["request"]), "options": options}
            cursor.run("UPDATE job SET request = ? WHERE id = ?", json.dumps(request), row["id"])


def pulls(made: World) -> list[dict]:
    return made.as_user("acme", "GET", f"/repos/{REPO}/pulls?state=all")


@pytest.fixture(scope="module")
def optimized(made: World) -> dict:
    """The pull request that came of a comment."""
    issue = made.issue()
    made.say("ada", issue, "/perfagent optimize compare --budget 5m")
    made.drain("light")
    quickly(made, "optimize", QUICK)
    jobs = made.drain("bench")
    (job,) = [job for job in jobs if job.kind == "optimize"]
    assert job.state == "done", job.outcome
    assert job.report["pulls"], job.report
    return {"job": job, "issue": issue, "number": job.report["pulls"][0]["number"]}


def test_a_comment_becomes_a_pull_request_with_a_measured_speedup(made: World, optimized: dict):
    pull = made.as_user("acme", "GET", f"/repos/{REPO}/pulls/{optimized['number']}")
    assert pull["title"].startswith("Speed up shared()"), pull["title"]
    assert pull["user"]["login"] == "perfagent[bot]"
    body = pull["body"]
    first = body.splitlines()[0]
    assert "faster (95% CI" in first
    assert "->" in first
    assert "perfagent measure . bench/compare.py \\\n    --rev " in body
    assert body.index("```diff") < body.index("### ")
    assert [label["name"] for label in pull["labels"]] == ["performance"]
    changed = made.peer.run("diff", "--stat", "main", pull["head"]["ref"])
    assert "deliveries/pairs.py" in changed
    assert "1 file changed" in changed
    message = made.peer.run("log", "-1", "--format=%B", pull["head"]["ref"])
    assert "Co-authored-by: ada <" in message


def test_the_thread_has_one_answer_that_was_edited(made: World, optimized: dict):
    ours = [c for c in made.comments(optimized["issue"]) if c["user"]["login"] != "ada"]
    assert len(ours) == 1
    assert f"#{optimized['number']}: " in ours[0]["body"]
    assert ("eyes" in {sign for _, sign in made.peer.reactions}) is True


def test_begun_again_the_job_makes_nothing_twice(made: World, optimized: dict):
    before = len(pulls(made)), made.peer.run("for-each-ref", "--format=%(refname)")
    job = optimized["job"]
    with made.database.transaction() as cursor:
        cursor.run("UPDATE job SET state = 'queued', run_after = 0 WHERE id = ?", job.id)
    (again,) = [each for each in made.drain("bench") if each.id == job.id]
    assert again.state == "done", again.outcome
    assert (len(pulls(made)), made.peer.run("for-each-ref", "--format=%(refname)")) == before
    ours = [c for c in made.comments(optimized["issue"]) if c["user"]["login"] != "ada"]
    assert len(ours) == 1


def test_those_who_may_not_are_told_once_and_nothing_runs(made: World):
    issue = made.issue()
    for _ in range(2):
        made.say("eve", issue, "/perfagent optimize")
    jobs = made.drain("light")
    assert not [job for job in jobs if job.requester == "eve" and job.lane == "bench"]
    ours = [c for c in made.comments(issue) if c["user"]["login"] != "eve"]
    assert [("write access" in c["body"]) for c in ours] == [True]


def test_help_status_and_unknown_commands_are_answered(made: World):
    issue = made.issue()
    for text in ("/perfagent help", "@perfagent status", "/perfagent optimise"):
        made.say("ada", issue, text)
    made.drain("light")
    ours = [c["body"] for c in made.comments(issue) if c["user"]["login"] != "ada"]
    assert len(ours) == 3
    assert "`/perfagent optimize`" in ours[0]
    assert "Nothing is queued" in ours[1]
    assert "`/perfagent optimize`" in ours[2]


def checked(made: World, name: str, text: str) -> dict:
    number = made.pull(name, {"deliveries/pairs.py": text})
    made.pushed(number, "opened", name)
    made.drain("light")
    sha = made.peer.head(name) or ""
    (queued,) = made.checks(sha)
    assert (queued["status"], queued["name"]) == ("in_progress", "perfagent")
    quickly(made, "check", ["--max-pairs", "20"])
    made.drain("bench")
    (check,) = made.checks(sha)
    return {**check, "number": number}


def test_a_planted_slowdown_turns_the_check_red_at_its_line(made: World):
    check = checked(made, "slower", SLOW_PAIRS)
    assert check["conclusion"] == "failure", check["output"]
    assert "slower" in check["output"]["title"]
    path = f"/repos/{REPO}/check-runs/{check['id']}/annotations"
    (note,) = made.as_user("acme", "GET", path)["check_annotations"]
    line = SLOW_PAIRS.splitlines().index(SLOW_LINE)
    assert (note["path"], note["start_line"]) == ("deliveries/pairs.py", line + 1)
    (comment,) = made.comments(check["number"])
    assert "| compare |" in comment["body"]


def test_a_change_that_makes_nothing_slower_is_not_red(made: World):
    check = checked(made, "as-before", PAIRS + "\n# a remark\n")
    assert check["conclusion"] in ("success", "neutral"), check["output"]


def test_a_fork_waits_for_an_approval_of_its_very_commit(made: World):
    number = made.pull("from-a-fork", {"deliveries/pairs.py": FAST_PAIRS})
    made.peer.forks[number] = "eve/shop"
    made.pushed(number, "opened", "from-a-fork")
    made.drain("light")
    sha = made.peer.head("from-a-fork") or ""
    (check,) = made.checks(sha)
    assert check["conclusion"] == "action_required"
    assert not [j for j in made.queue.listed() if j.kind == "check" and j.request["sha"] == sha]
    made.say("eve", number, f"/perfagent check {sha}")
    made.say("ada", number, f"/perfagent check {sha[:12]}")
    made.drain("light")
    assert not [j for j in made.queue.listed() if j.kind == "check" and j.request["sha"] == sha]
    made.say("ada", number, f"/perfagent check {sha}")
    made.drain("light")
    (job,) = [j for j in made.queue.listed() if j.kind == "check" and j.request["sha"] == sha]
    # A push after the approval: what was approved is not what is there.
    made.branch("from-a-fork", {"deliveries/pairs.py": SLOW_PAIRS})
    made.drain("bench")
    done = made.queue.find(job.id)
    assert done
    assert done.outcome == "the pull request moved on"


def test_a_new_push_cancels_the_older_job_and_ends_its_check(made: World):
    number = made.pull("busy", {"deliveries/pairs.py": FAST_PAIRS})
    made.pushed(number, "opened", "busy")
    made.drain("light")
    old = made.peer.head("busy") or ""
    made.branch("busy", {"deliveries/pairs.py": FAST_PAIRS + "\n# more\n"})
    made.pushed(number, "synchronize", "busy")
    made.drain("light")
    states = {
        job.request["sha"]: job.state
        for job in made.queue.listed()
        if job.kind == "check" and job.request["number"] == number
    }
    assert states == {old: "cancelled", made.peer.head("busy"): "queued"}
    (check,) = made.checks(old)
    assert check["conclusion"] == "cancelled"
    for job in made.queue.listed("state = 'queued'"):
        made.queue.cancel(job.id)


def test_a_configuration_of_the_pull_request_itself_is_not_read(made: World):
    number = made.pull("sly", {".github/perfagent.yml": "workloads:\n  evil: 'cmd:touch /tmp/x'\n"})
    made.pushed(number, "opened", "sly")
    made.drain("light")
    (job,) = [j for j in made.queue.listed("state = 'queued'") if j.kind == "check"]
    desk = made.desk()
    pull = desk.place(job).pull(number)
    read = desk.configuration(desk.place(job), pull.base_sha)
    assert list(read.configuration.workloads) == ["compare"]
    made.queue.cancel(job.id)


def test_a_proposal_that_was_closed_is_not_made_again(made: World, optimized: dict):
    pull = made.as_user("acme", "GET", f"/repos/{REPO}/pulls/{optimized['number']}")
    repo = {"id": 1, "full_name": REPO}
    side = {"ref": pull["head"]["ref"], "sha": made.peer.head(pull["head"]["ref"]), "repo": repo}
    made.send(
        "pull_request",
        {
            "action": "closed",
            "pull_request": {
                "number": optimized["number"],
                "head": side,
                "base": {**side, "ref": "main"},
                "merged": False,
            },
            "repository": repo,
            "sender": {"login": "ada", "id": 1},
            "installation": {"id": 77},
        },
    )
    jobs = made.drain("light")
    (closed,) = [job for job in jobs if job.kind == "closed"]
    assert closed.outcome.startswith("declined: deliveries/pairs.py")


def test_no_token_is_left_anywhere(made: World, optimized: dict):
    """Not in the database, the jobs' files, mirrors or logs; after a clone, runs and pushes."""
    tokens = [token.encode() for token in made.peer.issued]
    assert tokens
    assert made.peer.logins, "the clone needed one"
    for file in made.folder.rglob("*"):
        if file.is_file() and "git" not in file.relative_to(made.folder).parts[:1]:
            content = file.read_bytes()
            assert not any(token in content for token in tokens), file
