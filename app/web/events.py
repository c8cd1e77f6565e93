"""Reads a delivery: which jobs it asks for, or why none.

Nobody's rights are looked at here, since that takes a call to the forge; a job does it later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from ..jobs.commands import parse_command
from ..store.orders import Arrival, Order, Revocation
from .payloads import (
    AccessEvent,
    CheckRunEvent,
    CheckSuiteEvent,
    IssueComment,
    PullRequestEvent,
)

QUIET_S = 30.0
"""How long a pull request has to be left alone before it is measured."""

BRANCH_PREFIX = "perfagent/"


@dataclass(frozen=True, kw_only=True)
class Us:
    """Who the app is, so that it does not talk to itself.

    Attributes:
        app_id: The forge's number of the app.
        slug: Its name in mentions; its login is `slug[bot]`.
        quiet_s: See QUIET_S.
    """

    app_id: str
    slug: str
    quiet_s: float = QUIET_S


class _Ignored(Exception):
    """Nothing is to be done; the message says why."""


def read_event(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    """Return a delivery with what it asks for; its `note` says why nothing, where it is nothing.

    Args:
        arrival: Its headers.
        payload: Its body, parsed.
        us: Who the app is.
    """
    action = payload.get("action") if isinstance(payload, dict) else ""
    named = replace(arrival, action=str(action or "")[:100])
    reader = _READERS.get(arrival.event)
    if reader is None:
        return replace(named, note="ignored: not an event the app uses")
    try:
        return reader(named, payload, us)
    except _Ignored as why:
        return replace(named, note=f"ignored: {why}")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return replace(named, note=f"ignored: its {where or 'body'} is not as expected")


def _comment(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    if arrival.action != "created":
        raise _Ignored("only new comments give commands")
    event = IssueComment.model_validate(payload)
    if event.sender.type == "Bot" or event.comment.user.type == "Bot":
        raise _Ignored("written by a bot")
    if event.sender.login != event.comment.user.login:
        raise _Ignored("sent by somebody else than its author")
    command = parse_command(event.comment.body or "", us.slug)
    if command is None:
        raise _Ignored("no command")
    repo = event.repository.full_name
    order = Order(
        kind="command",
        lane="light",
        key=f"comment:{event.comment.id}",
        repo=repo,
        installation=_installation(event),
        requester=event.sender.login,
        request={
            "comment": event.comment.id,
            "number": event.issue.number,
            "login": event.sender.login,
            "user_id": event.sender.id,
            "command": command.to_plain(),
        },
    )
    return replace(arrival, orders=(order,))


_MEASURED = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})


def _pull_request(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    if arrival.action not in _MEASURED | {"closed"}:
        raise _Ignored("nothing of a pull request that is measured")
    event = PullRequestEvent.model_validate(payload)
    pull, repo = event.pull_request, event.repository.full_name
    subject = f"{repo}#{pull.number}"
    is_ours = pull.head.ref.startswith(BRANCH_PREFIX)
    if arrival.action == "closed":
        order = Order(
            kind="closed",
            lane="light",
            key=f"closed:{subject}:{pull.head.sha}:{bool(pull.merged)}",
            repo=repo,
            installation=_installation(event),
            request={
                "number": pull.number,
                "branch": pull.head.ref,
                "merged": bool(pull.merged),
                "login": event.sender.login,
            },
        )
        return replace(arrival, orders=(order,), replaced=(subject,))
    if is_ours and event.sender.type == "Bot":
        raise _Ignored("the app's own pull request")
    if pull.draft:
        raise _Ignored("a draft")
    order = Order(
        kind="announce",
        lane="light",
        key=f"announce:{subject}:{pull.head.sha}:{pull.base.sha}",
        repo=repo,
        installation=_installation(event),
        subject=subject,
        request={"number": pull.number, "sha": pull.head.sha, "quiet_s": us.quiet_s},
    )
    return replace(arrival, orders=(order,), replaced=(subject,))


def _check_run(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    if arrival.action not in ("rerequested", "requested_action"):
        raise _Ignored("nobody pressed a button")
    event = CheckRunEvent.model_validate(payload)
    if str(event.check_run.app.id) != us.app_id:
        raise _Ignored("another app's check")
    pressed = event.requested_action.identifier if event.requested_action else "rerun"
    repo = event.repository.full_name
    # A check that was measured again ended at another time: the same button may be pressed again,
    # and a captured body that comes under a new id presses nothing.
    time = event.check_run.completed_at or arrival.guid
    order = Order(
        kind="button",
        lane="light",
        key=f"button:{event.check_run.id}:{pressed}:{event.sender.login}:{time}",
        repo=repo,
        installation=_installation(event),
        requester=event.sender.login,
        request={
            "check": event.check_run.id,
            "sha": event.check_run.head_sha,
            "pressed": pressed,
            "login": event.sender.login,
            "external_id": event.check_run.external_id or "",
        },
    )
    return replace(arrival, orders=(order,))


def _check_suite(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    if arrival.action != "rerequested":
        raise _Ignored("nobody pressed a button")
    event = CheckSuiteEvent.model_validate(payload)
    suite = event.check_suite
    if str(suite.app.id) != us.app_id:
        raise _Ignored("another app's checks")
    order = Order(
        kind="button",
        lane="light",
        key=f"suite:{suite.id}:{event.sender.login}:{suite.updated_at or arrival.guid}",
        repo=event.repository.full_name,
        installation=_installation(event),
        requester=event.sender.login,
        request={
            "sha": suite.head_sha,
            "pressed": "rerun",
            "login": event.sender.login,
            "external_id": "",
        },
    )
    return replace(arrival, orders=(order,))


def _access(arrival: Arrival, payload: Any, us: Us) -> Arrival:
    del us
    event = AccessEvent.model_validate(payload)
    states = {"created": "active", "unsuspend": "active", "new_permissions_accepted": "active"}
    states |= {"suspend": "suspended", "deleted": "deleted", "removed": "deleted"}
    state = states.get(arrival.action)
    if state is None:
        raise _Ignored("access is as it was")
    removed = tuple(repo.full_name for repo in event.repositories_removed)
    if arrival.action == "removed" and not removed:
        raise _Ignored("no repository was removed")
    revocation = Revocation(
        installation=str(event.installation.id),
        account=event.installation.account.login if event.installation.account else "",
        state=state,  # type: ignore[arg-type]
        repos=removed if arrival.action == "removed" else (),
    )
    return replace(arrival, revocation=revocation)


def _installation(event: Any) -> str:
    if event.installation is None:
        raise _Ignored("sent by a webhook that belongs to no installation")
    return str(event.installation.id)


_READERS: dict[str, Callable[[Arrival, Any, Us], Arrival]] = {
    "issue_comment": _comment,
    "pull_request": _pull_request,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "installation": _access,
    "installation_repositories": _access,
}
