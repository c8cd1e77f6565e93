"""What jobs do at the forge: everything but the measuring, whose answers are planted."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perfagent.app.github.place import GitHubPlace
from perfagent.app.jobs import worker as worker_module
from perfagent.app.jobs.engine import Engine, TookTooLong
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import MOST_ATTEMPTS, Job, LeaseLost
from perfagent.tests.app.conftest import new_database
from perfagent.tests.app.contract import Contract
from perfagent.tests.app.peer import APP_ID, REPO, Fault
from perfagent.tests.app.planted import TOTAL, Planted, measured
from perfagent.tests.app.records import SPOT
from perfagent.tests.app.world import CONFIGURATION, INSTALLATION, World, world
from perfagent.tests.shop import PAIRS


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def shared_world(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    peers: Path,
    key_file: Path,
    contract: Contract,
) -> Iterator[World]:
    folder, address = tmp_path_factory.mktemp("world"), None
    if request.param == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
    with world(folder, peers, key_file, contract, address=address) as built:
        yield built


@pytest.fixture
def made(shared_world: World) -> Iterator[World]:
    """The world, without what an earlier test left in it."""
    made = shared_world
    for number in [pull["number"] for pull in pulls(made, "open")]:
        made.as_user("acme", "PATCH", f"/repos/{REPO}/pulls/{number}", {"state": "closed"})
    with made.database.transaction() as cursor:
        for table in ("job", "declined", "proposal", "approval", "reply"):
            cursor.run(f"DELETE FROM {table}")
    before = made.deployment
    configured(made, "")
    yield made
    made.deployment = before


def configured(made: World, more: str) -> None:
    """Put a configuration on the default branch."""
    made.branch("main", {".github/perfagent.yml": CONFIGURATION + more})


def pulls(made: World, state: str = "all") -> list[dict[str, Any]]:
    path = f"/repos/{REPO}/pulls?state={state}&per_page=100"
    return made.as_user("acme", "GET", path)


def ours(made: World, number: int) -> list[str]:
    """Return the app's comments on a thread."""
    return [c["body"] for c in made.comments(number) if "perfagent:" in c["body"]]


def asked(made: World, text: str = "/perfagent optimize") -> int:
    """Say something in a new thread, and have it read; return the thread's number."""
    issue = made.issue()
    made.say("ada", issue, text)
    made.drain("light")
    return issue


def job_of(made: World, kind: str, state: str) -> Job:
    (job,) = made.queue.listed("kind = ? AND state = ?", kind, state)
    return job


def opened(made: World, name: str) -> int:
    """Open a person's pull request, as far as its queued check; return its number."""
    number = made.pull(name, {"deliveries/pairs.py": f"{PAIRS}\n# {name}\n"})
    made.pushed(number, "opened", name)
    made.drain("light")
    return number


def check_of(made: World, name: str) -> dict[str, Any]:
    """Return the newest check of a branch's commit, which is the one that people see."""
    return max(made.checks(made.peer.head(name) or ""), key=lambda check: check["id"])


def pressed(
    made: World, check: dict[str, Any], login: str, button: str | None, **more: Any
) -> None:
    """Send what the forge sends when somebody presses a button of a check."""
    made.send(
        "check_run",
        {
            "action": "requested_action" if button else "rerequested",
            "check_run": {
                "id": check["id"],
                "head_sha": real(made, check["head_sha"]),
                "external_id": check["external_id"],
                "completed_at": check["completed_at"],
                "app": {"id": APP_ID},
                **more,
            },
            **({"requested_action": {"identifier": button}} if button else {}),
            "repository": {"id": 1, "full_name": REPO},
            "sender": {"login": login, "id": 5, "type": "User"},
            "installation": {"id": INSTALLATION},
        },
    )
    made.drain("light")


def real(made: World, alias: str) -> str:
    return next(sha for sha, known in made.peer.aliases.items() if known == alias)


# --- optimize -------------------------------------------------------------------------------------


def test_where_nothing_is_gained_the_answer_says_so_and_there_is_no_branch(
    made: World, planted: Planted
):
    planted.gains = {}
    before = made.peer.run("for-each-ref")
    issue = asked(made)
    (job,) = [job for job in made.drain("bench") if job.kind == "optimize"]
    assert (job.state, job.report["pulls"]) == ("done", [])
    (answer,) = ours(made, issue)
    assert answer.startswith("Nothing worthwhile was found for `compare`: ")
    assert pulls(made, "open") == []
    assert made.peer.run("for-each-ref") == before


def test_each_function_is_a_pull_request_and_what_saves_most_comes_first(
    made: World, planted: Planted
):
    planted.gains = {SPOT: 1.5, TOTAL: 1.4}
    planted.alone = {SPOT: 1.2, TOTAL: 2.0}
    issue = asked(made)
    made.drain("bench")
    found = sorted(pulls(made, "open"), key=lambda pull: pull["number"])
    assert ["total()" in pull["title"] for pull in found] == [True, False]
    changed = [made.peer.run("diff", "main", pull["head"]["ref"]) for pull in found]
    assert "+    return sum(list(numbers))" in changed[0]
    assert "+    known = set(second)" not in changed[0]
    assert "+    known = set(second)" in changed[1]
    (answer,) = ours(made, issue)
    assert [f"#{pull['number']}: " in answer for pull in found] == [True, True]


def test_a_change_that_does_not_stand_alone_is_not_proposed(made: World, planted: Planted):
    planted.gains = {SPOT: 1.5, TOTAL: 1.4}
    planted.alone = {SPOT: 1.2, TOTAL: 1.0}
    asked(made)
    made.drain("bench")
    (pull,) = pulls(made, "open")
    assert "shared()" in pull["title"]


def test_what_is_sure_to_be_faster_by_less_than_asked_for_is_not_proposed(
    made: World, planted: Planted
):
    planted.gains = {SPOT: 1.5, TOTAL: 1.4}
    planted.alone = {SPOT: 1.055, TOTAL: 1.3}  # the interval begins below min_speedup
    asked(made)
    made.drain("bench")
    (pull,) = pulls(made, "open")
    assert "total()" in pull["title"]


def test_no_more_pull_requests_are_open_at_a_time_than_the_configuration_says(
    made: World, planted: Planted
):
    configured(made, "max_open_prs: 1\n")
    planted.gains = {SPOT: 1.5, TOTAL: 1.4}
    planted.alone = {SPOT: 1.2, TOTAL: 2.0}
    asked(made)
    made.drain("bench")
    assert len(pulls(made, "open")) == 1
    planted.ran.clear()
    issue = asked(made)
    made.drain("bench")
    assert ours(made, issue)[0].startswith("Nothing was done: 1 pull request of mine is open.")
    assert planted.ran == [], "nothing is measured that could not be shown"


def test_a_function_with_an_open_or_a_declined_proposal_is_not_proposed_again(
    made: World, planted: Planted
):
    asked(made)
    made.drain("bench")
    (pull,) = pulls(made, "open")
    issue = asked(made)
    made.drain("bench")
    assert len(pulls(made, "open")) == 1
    assert f"{SPOT}: proposed in \\#{pull['number']}" in ours(made, issue)[0].replace("`", "")
    path = f"/repos/{REPO}/pulls/{pull['number']}"
    made.as_user("acme", "PATCH", path, {"state": "closed"})
    closing(made, pull)
    issue = asked(made)
    made.drain("bench")
    assert pulls(made, "open") == []
    assert "declined before" in ours(made, issue)[0]


def closing(made: World, pull: dict[str, Any]) -> None:
    ref, repo = pull["head"]["ref"], {"id": 1, "full_name": REPO}
    side = {"ref": ref, "sha": made.peer.head(ref), "repo": repo}
    made.send(
        "pull_request",
        {
            "action": "closed",
            "pull_request": {"number": pull["number"], "head": side, "base": side, "merged": False},
            "repository": repo,
            "sender": {"login": "ada", "id": 5},
            "installation": {"id": INSTALLATION},
        },
    )
    made.drain("light")


def test_a_function_that_somebody_ignores_is_not_proposed(made: World, planted: Planted):
    issue = asked(made, "/perfagent ignore shared")
    assert "will not be proposed" in ours(made, issue)[0]
    asked(made)
    made.drain("bench")
    assert pulls(made, "open") == []


def test_reviewers_labels_and_draft_are_as_configured(made: World, planted: Planted):
    configured(made, "reviewers: [eve, nobody-here]\ndraft: true\n")
    asked(made)
    made.drain("bench")
    (pull,) = pulls(made, "open")
    assert [user["login"] for user in pull["requested_reviewers"]] == ["eve"]
    assert [label["name"] for label in pull["labels"]] == ["performance"]
    assert pull["draft"] is True


def test_the_token_that_can_write_code_ends_with_the_branch(made: World, planted: Planted):
    asked(made)
    made.drain("bench")
    assert pulls(made, "open")
    assert made.peer.revoked
    kept = [rights for rights in made.peer.tokens.values() if rights.get("contents") == "write"]
    assert kept == [], "no token that could write is good any more"


def test_a_suggestion_is_the_diff_in_the_thread_and_no_branch(made: World, planted: Planted):
    configured(made, "publish: suggestion\n")
    before = made.peer.run("for-each-ref", "refs/heads/perfagent/")
    issue = asked(made)
    made.drain("bench")
    for job in made.queue.listed("kind = 'optimize'"):  # a second time changes nothing
        again(made, job)
    made.drain("bench")
    answer, shown = ours(made, issue)
    assert "**Speed up shared(): compare is 3.10x faster**" in shown
    assert "```diff\n--- a/deliveries/pairs.py" in shown
    assert shown.index("3.10x faster (95% CI") < shown.index("```diff") < shown.index("### ")
    assert "--patch perfagent.diff" in shown
    assert "[the diff](" in answer
    assert made.peer.run("for-each-ref", "refs/heads/perfagent/") == before
    assert pulls(made, "open") == []


NEAR = PAIRS.replace("in known]\n", "in known]\n# near it\n")


def asked_in_pull(made: World, name: str, text: str) -> int:
    """Ask for an optimization in a pull request that changes the file; return its number."""
    configured(made, "publish: suggestion\n")
    number = made.pull(name, {"deliveries/pairs.py": text})
    made.say("ada", number, "/perfagent optimize")
    made.drain("light", "bench")
    return number


def test_what_is_suggested_for_a_pull_request_can_be_taken_line_by_line(
    made: World, planted: Planted
):
    number = asked_in_pull(made, "near", NEAR)
    again(made, job_of(made, "optimize", "done"))
    made.drain("bench")
    (target,) = {words[1] for words in planted.ran}
    assert target.endswith(f"@{made.peer.head('near')}")
    (review,) = made.peer.reviews[number]
    assert review["commit_id"] == made.peer.head("near")
    assert review["event"] == "COMMENT"
    (comment,) = review["comments"]
    assert comment == {
        "path": "deliveries/pairs.py",
        "line": 6,
        "side": "RIGHT",
        "body": "```suggestion\n    known = set(second)\n```",
    }
    assert "**Speed up shared(): compare is 3.10x faster**" in review["body"]
    (answer,) = ours(made, number)
    assert f"[the suggestion]({review['html_url']})" in answer


def test_a_review_that_was_written_and_not_answered_is_not_written_twice(
    made: World, planted: Planted
):
    fault = Fault("POST", r"/reviews$", "after")
    made.peer.faults.append(fault)
    number = asked_in_pull(made, "unanswered", NEAR)
    assert fault.left == 0
    assert job_of(made, "optimize", "queued").attempts == 1
    made.hurry()
    made.drain("bench")
    (review,) = made.peer.reviews[number]
    (answer,) = ours(made, number)
    assert review["html_url"] in answer


def test_lines_that_a_pull_request_does_not_show_are_suggested_as_a_diff(
    made: World, planted: Planted
):
    number = asked_in_pull(made, "far", f"{PAIRS}\n# far from it\n")
    answer, shown = ours(made, number)
    assert number not in made.peer.reviews or made.peer.reviews[number] == []
    assert "```diff\n--- a/deliveries/pairs.py" in shown
    assert "[the diff](" in answer
    assert planted.ran[0][1].endswith(f"@{made.peer.head('far')}")


def test_a_review_that_the_forge_refuses_becomes_a_diff(
    made: World, planted: Planted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        GitHubPlace, "shown_lines", lambda *_: {"deliveries/pairs.py": [range(1, 99)]}
    )
    number = asked_in_pull(made, "refused", f"{PAIRS}\n# far from it\n")
    answer, shown = ours(made, number)
    assert "```diff\n--- a/deliveries/pairs.py" in shown
    assert "[the diff](" in answer


def test_a_pull_request_that_moved_on_meanwhile_gets_the_diff(made: World, planted: Planted):
    def push(_: Callable[[str], None]) -> None:
        made.branch("moved", {"deliveries/pairs.py": f"{NEAR}# later\n"})

    planted.during = push
    number = asked_in_pull(made, "moved", NEAR)
    assert number not in made.peer.reviews
    assert "```diff\n--- a/deliveries/pairs.py" in ours(made, number)[1]


def test_the_commit_of_a_fork_is_not_run_for_a_suggestion(made: World, planted: Planted):
    configured(made, "publish: suggestion\n")
    number = made.pull("forked", {"deliveries/pairs.py": NEAR})
    made.peer.forks[number] = "stranger/shop"
    made.say("ada", number, "/perfagent optimize")
    made.drain("light", "bench")
    assert planted.ran[0][1].endswith(f"@{made.peer.head('main')}")
    assert number not in made.peer.reviews


def again(made: World, job: Job) -> None:
    with made.database.transaction() as cursor:
        cursor.run("UPDATE job SET state = 'queued', run_after = 0 WHERE id = ?", job.id)


def scheduled(made: World, key: str) -> None:
    order = Order(
        kind="optimize",
        lane="bench",
        key=key,
        repo=REPO,
        installation=str(INSTALLATION),
        request={"workload": "compare", "answers": key},
    )
    made.queue.put(made.client.host, order)
    made.drain("bench")


def test_a_suggestion_that_nobody_asked_for_is_one_issue(made: World, planted: Planted):
    configured(made, "publish: suggestion\n")
    scheduled(made, "schedule:1")
    again(made, job_of(made, "optimize", "done"))
    made.drain("bench")
    scheduled(made, "schedule:2")  # a week later: it is suggested already
    path = f"/repos/{REPO}/issues?state=open&per_page=100"
    found = [
        issue
        for issue in made.as_user("acme", "GET", path)
        if issue["title"].startswith("Speed up shared()") and "pull_request" not in issue
    ]
    assert len(found) == 1
    assert "Found on perfagent's schedule." in found[0]["body"]


def test_a_scheduled_run_opens_a_pull_request_that_says_so(made: World, planted: Planted):
    scheduled(made, "schedule:3")
    (pull,) = pulls(made, "open")
    assert "Found on perfagent's schedule." in pull["body"]


WRONG = {
    "enabled: false\n": "`enabled: false` in .github/perfagent.yml",
    "min_speedup: 0.5\n": "min\\_speedup: Input should be greater than 1",
    "reviewers: ['-x y']\n": "reviewers: '-x y' is no login",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_configuration_that_asks_for_nothing_is_answered(
    made: World, planted: Planted, text: str
):
    configured(made, text if "min_speedup" not in text else "")
    if "min_speedup" in text:
        made.branch("main", {".github/perfagent.yml": f"workloads: {{a: a.py}}\n{text}"})
    issue = asked(made)
    made.drain("bench")
    assert WRONG[text].replace("\\", "") in ours(made, issue)[0].replace("\\", "")
    assert planted.ran == []


def test_a_text_that_knows_the_jobs_environment_is_not_published(made: World, planted: Planted):
    issue = asked(made)
    job = job_of(made, "optimize", "queued")
    planted.words = f"as the environment says: {made.desk().canary(job)}"
    made.drain("bench")
    assert pulls(made, "open") == []
    assert "not published: the description: holds a secret" in ours(made, issue)[0]


# --- quotas ---------------------------------------------------------------------------------------


def test_a_user_who_asks_for_more_than_a_days_measurements_is_told_so(made: World):
    made.deployment = dataclasses.replace(made.deployment, daily=2)
    issues = [asked(made) for _ in range(3)]
    assert ours(made, issues[2])[0].startswith("Not today: 2 measurements a day is the limit.")
    assert len(made.queue.listed("lane = 'bench'")) == 2


def test_pushes_and_buttons_have_a_limit_too(made: World, planted: Planted):
    opened(made, "first")
    made.drain("bench")
    made.deployment = dataclasses.replace(made.deployment, daily=0)
    pressed(made, check_of(made, "first"), "ada", "rerun")
    opened(made, "second")
    assert made.queue.listed("lane = 'bench' AND state = 'queued'") == []
    assert made.checks(made.peer.head("second") or "") == []


# --- checks ---------------------------------------------------------------------------------------


def test_one_comment_says_that_it_is_slower_and_later_that_it_is_not(made: World, planted: Planted):
    planted.found = measured("slower", 2.0)
    number = opened(made, "mended")
    made.drain("bench")
    assert check_of(made, "mended")["conclusion"] == "failure"
    (before,) = ours(made, number)
    assert before.startswith("**Slower** than its base")
    assert "`shared` in `deliveries/pairs.py` line 7 went from 27.9 ms to 58.9 ms" in before
    planted.found = measured("not_slower", 1.0)
    made.push(number, "mended", {"deliveries/pairs.py": f"{PAIRS}\n# again\n"})
    made.drain("light", "bench")
    assert check_of(made, "mended")["conclusion"] == "success"
    (after,) = ours(made, number)
    assert after.startswith("**Not slower** any more")


def test_a_pull_request_that_is_not_slower_gets_no_comment(made: World, planted: Planted):
    number = opened(made, "harmless")
    made.drain("bench")
    assert check_of(made, "harmless")["conclusion"] == "success"
    assert ours(made, number) == []


def test_a_machine_that_cannot_tell_is_grey(made: World, planted: Planted):
    planted.found = measured("inconclusive", 1.2)
    opened(made, "noisy")
    made.drain("bench")
    assert check_of(made, "noisy")["conclusion"] == "neutral"


def test_a_pull_request_with_the_skip_label_is_left_alone(made: World, planted: Planted):
    number = made.pull("skipped", {"deliveries/pairs.py": f"{PAIRS}\n# s\n"})
    labelled(made, number)
    made.pushed(number, "opened", "skipped")
    made.drain("light", "bench")
    assert made.checks(made.peer.head("skipped") or "") == []
    number = opened(made, "skipped-late")
    labelled(made, number)
    made.drain("bench")
    check = check_of(made, "skipped-late")
    assert (check["conclusion"], check["output"]["title"]) == ("skipped", "labelled no-perfagent")
    assert planted.ran == []


def labelled(made: World, number: int) -> None:
    path = f"/repos/{REPO}/issues/{number}/labels"
    made.as_user("acme", "POST", path, {"labels": ["no-perfagent"]})


def test_a_pull_request_is_measured_when_it_was_quiet(made: World, planted: Planted):
    number = made.pull("busy", {"deliveries/pairs.py": f"{PAIRS}\n# b\n"})
    order = Order(
        kind="announce",
        lane="light",
        key="announce:busy",
        repo=REPO,
        installation=str(INSTALLATION),
        request={"number": number, "quiet_s": 30.0},
    )
    made.queue.put(made.client.host, order)
    made.drain("light", "bench")
    job = job_of(made, "check", "queued")
    assert 29 < job.run_after - job.created_at < 31
    assert check_of(made, "busy")["output"]["title"] == "queued"
    made.hurry()
    made.drain("bench")
    assert check_of(made, "busy")["conclusion"] == "success"


def test_a_check_is_measured_again_by_its_button_once_a_press(made: World, planted: Planted):
    opened(made, "pressed")
    made.drain("bench")
    check = check_of(made, "pressed")
    for login, told in (("eve", "eve may not"), ("ada", "rerun by ada")):
        pressed(made, check, login, "rerun")
        assert told in {job.outcome for job in made.queue.listed("kind = 'button'")}
    pressed(made, check, "ada", "rerun")  # a captured body under another id
    pressed(made, {**check, "completed_at": "2027-01-01T00:00:00Z"}, "ada", None)
    pressed(made, check, "ada", "rerun", app={"id": 1})  # another app's check
    assert len(made.queue.listed("kind = 'check' AND state = 'queued'")) == 2
    made.drain("bench")
    assert len(planted.ran) == 3
    checks = made.checks(made.peer.head("pressed") or "")
    assert [check["conclusion"] for check in checks] == ["success"] * 3, "one a measurement"


def test_all_checks_of_a_commit_are_measured_again_by_one_button(made: World, planted: Planted):
    opened(made, "suite")
    made.drain("bench")
    suite = {"id": 9, "head_sha": made.peer.head("suite"), "app": {"id": APP_ID}}
    body = {
        "action": "rerequested",
        "check_suite": {**suite, "updated_at": "2026-11-30T12:00:00Z"},
        "repository": {"id": 1, "full_name": REPO},
        "sender": {"login": "ada", "id": 5, "type": "User"},
        "installation": {"id": INSTALLATION},
    }
    made.send("check_suite", body)
    made.send("check_suite", body)
    made.drain("light", "bench")
    assert len(planted.ran) == 2


def test_a_forks_commit_is_approved_by_the_button_of_its_own_check(made: World, planted: Planted):
    number = made.pull("forked", {"deliveries/pairs.py": f"{PAIRS}\n# f\n"})
    made.peer.forks[number] = "eve/shop"
    made.pushed(number, "opened", "forked")
    made.drain("light", "bench")
    check = check_of(made, "forked")
    assert check["conclusion"] == "action_required"
    assert planted.ran == []
    pressed(made, check, "eve", "approve")
    made.drain("bench")
    assert planted.ran == []
    pressed(made, check, "ada", "approve")
    made.drain("bench")
    assert check_of(made, "forked")["conclusion"] == "success"
    # What comes after it is another commit, which nobody approved.
    made.push(number, "forked", {"deliveries/pairs.py": f"{PAIRS}\n# later\n"})
    pressed(made, check, "ada", "approve")
    made.drain("light", "bench")
    assert check_of(made, "forked")["conclusion"] == "action_required"
    assert len(planted.ran) == 1


# --- cancel and retry -----------------------------------------------------------------------------


def test_a_queued_job_that_is_cancelled_is_told_where_it_was_announced(made: World):
    issue = asked(made)
    made.say("ada", issue, "/perfagent cancel")
    made.drain("light")
    assert job_of(made, "optimize", "cancelled")
    assert [answer.partition("\n")[0] for answer in ours(made, issue)] == [
        "Cancelled by ada.",
        "1 job cancelled.",
    ]
    number = opened(made, "unwanted")
    job = job_of(made, "check", "queued")
    made.say("ada", number, f"/perfagent cancel {job.id[:8]}")
    made.drain("light")
    check = check_of(made, "unwanted")
    assert (check["status"], check["conclusion"]) == ("completed", "cancelled")


def test_a_running_job_that_is_cancelled_ends_and_is_told(made: World, planted: Planted):
    opened(made, "stopped")
    made.lease_s = 6.0  # a worker asks each third of it whether it still has the job
    planted.during = until_lost(
        lambda: made.queue.cancel(job_of(made, "check", "running").id, "no")
    )
    made.drain("bench")
    assert job_of(made, "check", "cancelled")
    check = check_of(made, "stopped")
    assert (check["conclusion"], check["output"]["title"]) == ("cancelled", "no")


def until_lost(act: Callable[[], object]) -> Callable[[Callable[[str], None]], None]:
    """Act while a run is under way, and let it go on until it is told to stop."""

    def during(beat: Callable[[str], None]) -> None:
        act()
        for _ in range(200):
            beat("measuring")
            time.sleep(0.05)
        raise AssertionError("it was not stopped")

    return during


def test_closing_a_pull_request_ends_its_check(made: World, planted: Planted):
    number = opened(made, "given-up")
    closing(made, {"number": number, "head": {"ref": "given-up"}})
    assert check_of(made, "given-up")["conclusion"] == "cancelled"


def test_a_job_that_failed_says_why_and_is_begun_again_when_asked(made: World, planted: Planted):
    made.branch("main", {".github/perfagent.yml": "workloads: {compare: bench/gone.py}\n"})
    issue = asked(made)
    made.drain("bench")
    assert job_of(made, "optimize", "failed")
    assert "Nothing was done: there is no script bench/gone.py" in ours(made, issue)[0]
    configured(made, "")
    made.say("ada", issue, "/perfagent retry")
    made.drain("light", "bench")
    assert job_of(made, "optimize", "done").report["pulls"]
    assert f"#{pulls(made, 'open')[0]['number']}: " in ours(made, issue)[-1]


def test_what_runs_still_is_not_begun_again(made: World):
    issue = asked(made)
    made.say("ada", issue, "/perfagent retry")
    made.drain("light")
    assert len(made.queue.listed("kind = 'optimize'")) == 1
    assert "is queued still" in ours(made, issue)[-1]


def test_a_job_whose_workers_died_is_told_by_another(made: World):
    opened(made, "deadly")
    for _ in range(MOST_ATTEMPTS):
        with made.database.transaction() as cursor:
            cursor.run("UPDATE job SET lease_until = 0")
        assert made.queue.claim("bench")
    with made.database.transaction() as cursor:
        cursor.run("UPDATE job SET lease_until = 0")
    made.drain("bench")
    worker_module.tell_ended(made.desk())
    check = check_of(made, "deadly")
    assert (check["conclusion"], "3 times" in check["output"]["title"]) == ("neutral", True)
    before = len(made.peer.log)
    worker_module.tell_ended(made.desk())
    assert len(made.peer.log) == before, "it is told once"


def test_a_measurement_that_takes_too_long_is_told_as_timed_out_and_not_begun_again(
    made: World, planted: Planted
):
    number = opened(made, "endless")

    def take_long(_: Callable[[str], None]) -> None:
        raise TookTooLong("it took longer than 60 minutes")

    planted.during = take_long
    made.hurry()
    made.drain("bench")
    check = check_of(made, "endless")
    assert check["conclusion"] == "timed_out"
    assert check["output"]["title"] == "it took longer than 60 minutes"
    assert job_of(made, "check", "done").attempts == 1
    assert ours(made, number) == []


def test_a_run_is_ended_when_its_time_is_over(tmp_path: Path):
    engine = Engine(cache=tmp_path / "cache", state=tmp_path)
    script = tmp_path / "endless.py"
    script.write_text("def workload():\n    while True:\n        pass\n")
    words = ["profile", str(Path(__file__).parent), str(script)]
    with pytest.raises(TookTooLong, match="longer than 0 minutes"):
        engine.run(words, out=tmp_path / "run", beat=lambda text: None, most_s=0.1)


def test_a_worker_that_lost_its_job_writes_nothing_more(made: World, planted: Planted):
    """It goes on as if nothing had happened, and another one has the job meanwhile."""
    asked(made)

    def lose(_: Callable[[str], None]) -> None:
        with made.database.transaction() as cursor:
            cursor.run("UPDATE job SET lease_until = 0 WHERE kind = 'optimize'")
        assert made.queue.claim("bench")

    planted.during = lose
    before = made.peer.written(f"/repos/{REPO}/")
    assert made.worker().once("bench")
    assert made.peer.written(f"/repos/{REPO}/") == before
    assert job_of(made, "optimize", "running").fence == 2


def test_a_stopped_worker_gives_its_job_to_the_next(made: World, planted: Planted):
    asked(made)
    worker = made.worker()
    worker.stop = threading.Event()

    def stop(beat: Callable[[str], None]) -> None:
        worker.stop.set()
        with pytest.raises(LeaseLost):
            beat("going on")
        raise LeaseLost

    planted.during = stop
    assert worker.once("bench")
    assert job_of(made, "optimize", "running").attempts == 1
    planted.during = lambda beat: None
    with made.database.transaction() as cursor:
        cursor.run("UPDATE job SET lease_until = 0")
    made.drain("bench")
    assert job_of(made, "optimize", "done").attempts == 2
    assert json.dumps(job_of(made, "optimize", "done").report["pulls"])
