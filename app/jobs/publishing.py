"""Shows an optimization to people: as a pull request, or where no branch is wanted otherwise.

That is as suggestions on the lines of the pull request that asked, or as a diff.

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
from ..forge import ForgeError, Place
from ..store.decisions import Decisions
from ..store.queue import Job
from .blocks import blocks_of
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

_REFUSED = 422
"""What the forge answers when it does not take the lines of a review."""


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
        base: Its commit; the pull request's last one where the suggestions are for that.
        mirror: The bare mirror that has it.
        configuration: Of the repository, on that branch.
        workload: The workload's name in it.
        pull: The pull request's number; None where the suggestions are for the branch.
    """

    branch: str
    base: str
    mirror: Path
    configuration: Configuration
    workload: str
    pull: int | None = None


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


def show(desk: Desk, job: Job, place: Place, suggestion: Suggestion, origin: Origin) -> Shown:
    """Show a suggestion as the repository's configuration asks, once.

    Raises:
        Refused: The patch, or what is said of it, may not leave.
        MovedOn: Its branch has commits of somebody else.
    """
    canary = desk.canary(job)
    canaries = (canary,) if canary else ()
    change = apply(
        origin.mirror,
        origin.base,
        suggestion.diff,
        folder=desk.folder(job) / "publish",
        allows=origin.configuration.allows,
        canaries=canaries,
    )
    wants_branch = origin.configuration.publish == "pull_request"
    ready = _Ready(
        decisions=Decisions(desk.database, job.host),
        job=job,
        place=place,
        suggestion=suggestion,
        origin=origin,
        change=change,
        title=pull_request_title(suggestion.record),
        body=pull_request_body(
            suggestion.record,
            branch=branch_name(job, suggestion) if wants_branch else None,
            workload_word=origin.configuration.workloads[origin.workload],
            diff=suggestion.diff,
            more={"asked": _asked(job), "foot": FOOT if wants_branch else _SUGGESTED},
        ),
        message=commit_message(suggestion.record, _trailers(job)),
    )
    told = f"{ready.title}\n{ready.body}\n{ready.message}"
    require_no_secret(told, canaries, "the description")
    if wants_branch:
        return _as_pull(ready)
    if job.request.get("number") is None:
        return _as_issue(ready)
    return _as_review(ready) or _as_comment(ready)


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """A suggestion that may leave, and what is said of it."""

    decisions: Decisions
    job: Job
    place: Place
    suggestion: Suggestion
    origin: Origin
    change: Change
    title: str
    body: str
    message: str

    @property
    def mark(self) -> str:
        return f"suggestion:{self.job.id}:{self.suggestion.candidate}"

    def propose(self, commit: str, number: int | None) -> None:
        """Remember it, so that it is not proposed again."""
        job, suggestion = self.job, self.suggestion
        branch, spots = branch_name(job, suggestion), list(suggestion.spots)
        self.decisions.propose(job.repo, branch, job.id, spots, commit, number)


def _as_pull(ready: _Ready) -> Shown:
    """Make the branch and the pull request."""
    place, origin, change = ready.place, ready.origin, ready.change
    configuration, branch = origin.configuration, branch_name(ready.job, ready.suggestion)
    with place.publishing():
        commit = place.commit(branch, origin.base, change.files, change.tree, ready.message)
        ready.propose(commit, None)
        pull = place.open_pull(
            branch, origin.branch, ready.title, ready.body, draft=configuration.draft
        )
    ready.propose(commit, pull.number)
    place.label(pull.number, [each for each in configuration.labels if each not in pull.labels])
    if pull.is_open:
        asked = [each for each in configuration.reviewers if each not in pull.reviewers]
        place.ask_for_review(pull.number, asked)
    return Shown(number=pull.number, url=pull.url, name=f"#{pull.number}")


def _as_issue(ready: _Ready) -> Shown:
    """Show the diff in an issue of its own: nobody asked for it."""
    labels = ready.origin.configuration.labels
    number = ready.place.open_issue(ready.mark, ready.title, ready.body, labels)
    ready.propose(ready.origin.base, number)
    return Shown(number=number, url="", name=f"#{number}")


def _as_review(ready: _Ready) -> Shown | None:
    """Show it as suggestions on the lines of the pull request that it was made on.

    None where its thread is no such pull request's, or the diff has lines that it does not show.
    """
    place, origin = ready.place, ready.origin
    if origin.pull is None or place.pull(origin.pull).head_sha != origin.base:
        return None
    shown = place.shown_lines(origin.pull)
    blocks = blocks_of(ready.suggestion.diff, origin.mirror, origin.base, shown)
    if not blocks:
        return None
    body = f"**{ready.title}**\n\n{ready.body}"
    if len(blocks) > 1:
        body += f"\n<sub>Take all {len(blocks)} suggestions: together they were measured.</sub>\n"
    try:
        url = place.review(origin.pull, origin.base, ready.mark, body, blocks)
    except ForgeError as error:
        if error.status != _REFUSED:
            raise
        return None
    return Shown(number=origin.pull, url=url, name=f"[the suggestion]({url})")


def _as_comment(ready: _Ready) -> Shown:
    """Show the diff where it was asked for."""
    number = int(ready.job.request["number"])
    url = ready.place.comment(number, ready.mark, f"**{ready.title}**\n\n{ready.body}")
    return Shown(number=number, url=url, name=f"[the diff]({url})")


def branch_name(job: Job, suggestion: Suggestion) -> str:
    """Return the branch of a suggestion: a function of the job and the candidate."""
    name = suggestion.spots[0].rpartition(":")[2] if suggestion.spots else "workload"
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "workload"
    return f"perfagent/optimize/{slug}-{job.id[:8]}-{suggestion.candidate[:6]}"


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
