"""The jobs about comments: who said it, may they, and what is to be done."""

from __future__ import annotations

import time

from ...reports.wording import markdown_code, markdown_text, plural
from ..forge import ForgeError, Place
from ..store.decisions import Decisions
from ..store.orders import Order
from ..store.queue import Job
from .checking import check_order
from .commands import HELP
from .desk import Desk, today

_MAY = ("admin", "maintain", "write")
_DAY_S = 86_400.0


def command(desk: Desk, job: Job) -> str:
    """Do what a comment asks for; return what was done."""
    place, request = desk.place(job), job.request
    login, name = str(request["login"]), str(request["command"]["name"])
    if not _may(place, login):
        return _refuse(desk, job, place, login)
    place.react(int(request["comment"]), "eyes")
    if name in ("optimize", "check", "retry"):
        over = _over_quota(desk, job, login)
        if over:
            return _say(place, job, over)
    return _DO[name](desk, job, place)


def _may(place: Place, login: str) -> bool:
    try:
        return place.permission(login) in _MAY
    except ForgeError as error:
        if error.status == 0 or error.status >= 500 or error.status == 429:
            raise  # not known now; the job is begun again
        return False


def _refuse(desk: Desk, job: Job, place: Place, login: str) -> str:
    """Say it once a day, so that nobody makes the app write on and on."""
    if Decisions(desk.database, job.host).first_reply_today(job.repo, login, today()):
        _say(place, job, "Only people with write access to this repository can ask for that.")
    return f"{login} may not"


def _over_quota(desk: Desk, job: Job, login: str) -> str | None:
    most, since = desk.deployment.daily, time.time() - _DAY_S
    for column, value, limit in (
        ("requester", login, most),
        ("repo", job.repo, 2 * most),
        ("installation", job.installation, 5 * most),
    ):
        if desk.queue.asked_since(job.host, since, column, value, by_people=True) >= limit:
            return f"Not today: {plural(limit, 'measurement')} a day is the limit."
    return None


def _optimize(desk: Desk, job: Job, place: Place) -> str:
    request = job.request
    order = Order(
        kind="optimize",
        lane="bench",
        key=f"optimize:{request['comment']}",
        repo=job.repo,
        installation=job.installation,
        requester=str(request["login"]),
        request={
            "workload": request["command"]["word"],
            "budget_s": request["command"]["budget_s"],
            "number": request["number"],
            "answers": request["comment"],
            "user_id": request["user_id"],
        },
    )
    desk.queue.put(job.host, order)
    found = desk.queue.listed("host = ? AND key = ?", job.host, order.key)
    if found and found[0].state in ("queued", "running"):
        ahead = desk.queue.position(found[0])
        turn = f", {plural(ahead, 'job')} before it" if ahead else ""
        place.react(int(request["comment"]), "rocket")
        _say(
            place,
            job,
            f"Looking for changes that make it faster{turn}."
            f" [Progress]({desk.details(found[0])}); `/perfagent cancel {found[0].id[:8]}` stops.",
        )
    return "queued"


def _check(desk: Desk, job: Job, place: Place) -> str:
    request = job.request
    try:
        pull = place.pull(int(request["number"]))
    except ForgeError as error:
        if error.status != 404:
            raise
        return _say(place, job, "`check` is for pull requests; `optimize` works here.")
    word = str(request["command"]["word"])
    if word and not pull.head_sha.startswith(word):
        told = f"{markdown_code(word)} is not this pull request's last commit: nothing was run."
        return _say(place, job, told)
    if pull.is_fork:
        # Seven digits can be had by trying; an approval names the whole commit.
        if word != pull.head_sha:
            told = f"To have this fork's commit run, say `/perfagent check {pull.head_sha}`."
            return _say(place, job, told)
        Decisions(desk.database, job.host).approve(
            job.repo, pull.number, pull.head_sha, str(request["login"])
        )
    desk.queue.put(job.host, check_order(job, pull, again=str(request["comment"])))
    return "queued"


def _status(desk: Desk, job: Job, place: Place) -> str:
    live = desk.queue.listed(
        "host = ? AND repo = ? AND lane = 'bench' AND state IN ('queued', 'running')",
        job.host,
        job.repo,
    )
    lines = []
    for each in live:
        told = (
            each.progress if each.state == "running" else f"{desk.queue.position(each)} before it"
        )
        lines.append(
            f"- {markdown_code(each.id[:8])} {each.kind}: {each.state}, {markdown_text(told)}"
        )
    return _say(place, job, "\n".join(lines) or "Nothing is queued or running here.")


def _cancel(desk: Desk, job: Job, place: Place) -> str:
    word = str(job.request["command"]["word"])
    live = desk.queue.listed(
        "host = ? AND repo = ? AND lane = 'bench' AND state IN ('queued', 'running')",
        job.host,
        job.repo,
    )
    number = job.request["number"]
    chosen = [
        each
        for each in live
        if (each.id.startswith(word) if word else each.request.get("number") == number)
    ]
    why = f"cancelled by {job.request['login']}"
    done = sum(desk.queue.cancel(each.id, why) for each in chosen)
    return _say(place, job, f"{plural(done, 'job')} cancelled." if done else "No such job.")


def _retry(desk: Desk, job: Job, place: Place) -> str:
    earlier = [
        each
        for each in desk.queue.listed(
            "host = ? AND repo = ? AND lane = 'bench'", job.host, job.repo
        )
        if each.request.get("number") == job.request["number"]
    ]
    if not earlier:
        return _say(place, job, "There is nothing to begin again in this thread.")
    last = earlier[0]
    if last.state in ("queued", "running"):
        return _say(place, job, f"{markdown_code(last.id[:8])} is {last.state} still.")
    order = Order(
        kind=last.kind,
        lane="bench",
        key=f"{last.key}:retry:{job.request['comment']}",
        repo=job.repo,
        installation=job.installation,
        subject=last.subject,
        requester=str(job.request["login"]),
        request={**last.request, "answers": job.request["comment"]},
    )
    desk.queue.put(job.host, order)
    return "queued"


def _ignore(desk: Desk, job: Job, place: Place) -> str:
    spot = str(job.request["command"]["word"])
    Decisions(desk.database, job.host).decline(job.repo, spot, f"said by {job.request['login']}")
    return _say(place, job, f"Changes of {markdown_code(spot)} will not be proposed any more.")


def _help(desk: Desk, job: Job, place: Place) -> str:
    del desk
    return _say(place, job, HELP)


def _say(place: Place, job: Job, text: str) -> str:
    """Answer a comment, in one comment that later answers to it replace."""
    place.comment(int(job.request["number"]), f"answer:{job.request['comment']}", text)
    return text.splitlines()[0][:300]


_DO = {
    "optimize": _optimize,
    "check": _check,
    "status": _status,
    "cancel": _cancel,
    "retry": _retry,
    "ignore": _ignore,
    "help": _help,
    "unknown": _help,
}


def closed(desk: Desk, job: Job) -> str:
    """Remember what a pull request of ours that was closed unmerged proposed."""
    request, decisions = job.request, Decisions(desk.database, job.host)
    spots = decisions.close(job.repo, str(request["branch"]), merged=bool(request["merged"]))
    if request["merged"] or not spots:
        return "merged" if request["merged"] else "not a proposal"
    for spot in spots:
        decisions.decline(job.repo, spot, f"#{request['number']} was closed by {request['login']}")
    return f"declined: {', '.join(spots)}"
