"""Shows an optimization to people: as a pull request, or as a diff where no branch is wanted.

Each is made once, however often the job is begun: its name, or its mark, follows from job and
candidate, and is looked up before it is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...reports.pull_request import (
    commit_message,
    pull_request_body,
    pull_request_title,
)
from ...reports.wording import markdown_code
from ..forge import Place
from ..store.decisions import Decisions
from ..store.queue import Job
from .configuration import Configuration
from .desk import Desk
from .policy import Change, apply, require_no_secret

FOOT = (
    "Comment `/perfagent help` for commands. Closing this pull request tells perfagent not to"
    " propose a change of the same function again."
)
_SUGGESTED = (
    "No branch was made, as `publish: suggestion` asks. `/perfagent ignore FUNCTION` tells"
    " perfagent not to propose a change of it again."
)


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One optimization that is worth a pull request.

    Attributes:
        candidate: Its id.
        spots: The functions it changes, `path:function`.
        saved_s: Seconds of the workload that it saves.
        record: Of the run that measured it.
        diff: Its patch against the base.
    """

    candidate: str
    spots: tuple[str, ...]
    saved_s: float
    record: dict[str, Any]
    diff: str


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a job's suggestions are made on.

    Attributes:
        branch: The repository's default branch.
        base: Its commit.
        mirror: The bare mirror that has it.
        configuration: Of the repository, at that commit.
        workload: The workload's name in it.
    """

    branch: str
    base: str
    mirror: Path
    configuration: Configuration
    workload: str


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Where people find an optimization.

    Attributes:
        number: Of the pull request, or of the thread that it was written to.
        url: For people.
        name: Markdown that leads there.
    """

    number: int
    url: str
    name: str


def publish(desk: Desk, job: Job, place: Place, suggestion: Suggestion, origin: Origin) -> Shown:
    """Make the branch and the pull request of a suggestion, once.

    Raises:
        Refused: The patch, or what is said of it, may not leave.
        MovedOn: Its branch has commits of somebody else.
    """
    configuration, branch = origin.configuration, branch_name(job, suggestion)
    change = _change(desk, job, suggestion, origin)
    title = pull_request_title(suggestion.record)
    body = pull_request_body(
        suggestion.record,
        branch=branch,
        workload_word=configuration.workloads[origin.workload],
        diff=suggestion.diff,
        more={"asked": _asked(job), "foot": FOOT},
    )
    message = commit_message(suggestion.record, _trailers(job))
    _require_no_secret(desk, job, f"{title}\n{body}\n{message}")
    decisions, spots = Decisions(desk.database, job.host), list(suggestion.spots)
    with place.publishing():
        commit = place.commit(branch, origin.base, change.files, change.tree, message)
        decisions.propose(job.repo, branch, job.id, spots, commit, None)
        pull = place.open_pull(branch, origin.branch, title, body, draft=configuration.draft)
    decisions.propose(job.repo, branch, job.id, spots, commit, pull.number)
    place.label(pull.number, [each for each in configuration.labels if each not in pull.labels])
    if pull.is_open:
        asked = [each for each in configuration.reviewers if each not in pull.reviewers]
        place.ask_for_review(pull.number, asked)
    return Shown(number=pull.number, url=pull.url, name=f"#{pull.number}")


def suggest(desk: Desk, job: Job, place: Place, suggestion: Suggestion, origin: Origin) -> Shown:
    """Show a suggestion's diff where it was asked for, or in an issue of its own, once.

    Raises:
        Refused: The patch, or what is said of it, may not leave.
    """
    configuration = origin.configuration
    _change(desk, job, suggestion, origin)
    title = pull_request_title(suggestion.record)
    body = pull_request_body(
        suggestion.record,
        branch=None,
        workload_word=configuration.workloads[origin.workload],
        diff=suggestion.diff,
        more={"asked": _asked(job), "foot": _SUGGESTED},
    )
    _require_no_secret(desk, job, f"{title}\n{body}")
    mark = f"suggestion:{job.id}:{suggestion.candidate}"
    thread = job.request.get("number")
    if thread is not None:
        url = place.comment(int(thread), mark, f"**{title}**\n\n{body}")
        return Shown(number=int(thread), url=url, name=f"[the diff]({url})")
    number = place.open_issue(mark, title, body, configuration.labels)
    decisions, branch = Decisions(desk.database, job.host), branch_name(job, suggestion)
    decisions.propose(job.repo, branch, job.id, list(suggestion.spots), origin.base, number)
    return Shown(number=number, url="", name=f"#{number}")


def branch_name(job: Job, suggestion: Suggestion) -> str:
    """Return the branch of a suggestion: a function of the job and the candidate."""
    name = suggestion.spots[0].rpartition(":")[2] if suggestion.spots else "workload"
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workload"
    return f"perfagent/optimize/{slug}-{job.id[:8]}-{suggestion.candidate[:6]}"


def _change(desk: Desk, job: Job, suggestion: Suggestion, origin: Origin) -> Change:
    canary = desk.canary(job)
    return apply(
        origin.mirror,
        origin.base,
        suggestion.diff,
        folder=desk.folder(job) / "publish",
        allows=origin.configuration.allows,
        canaries=(canary,) if canary else (),
    )


def _require_no_secret(desk: Desk, job: Job, text: str) -> None:
    canary = desk.canary(job)
    require_no_secret(text, (canary,) if canary else (), "the description")


def _asked(job: Job) -> str:
    if not job.requester:
        return "Found on perfagent's schedule."
    return f"Asked for by {markdown_code(job.requester)} in #{job.request['number']}."


def _trailers(job: Job) -> tuple[str, ...]:
    """Return who else gets credit: from the forge's number and login alone."""
    user, login = job.request.get("user_id"), job.requester
    if not user or not re.fullmatch(r"[A-Za-z0-9-]{1,39}", login):
        return ()
    return (f"Co-authored-by: {login} <{int(user)}+{login}@users.noreply.github.com>",)
