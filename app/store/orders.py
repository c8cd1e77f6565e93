"""What a delivery asks for, before anybody has looked at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Lane = Literal["light", "bench"]
"""`light` jobs only talk to the forge; `bench` jobs measure, and have the machine to themselves."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A job to be queued.

    Attributes:
        kind: Which work it is: command, announce, check, optimize, closed, schedule.
        lane: Where it runs.
        key: Names the work by its content; a second order of the same key is the same work, also
            when its first job is long over. A redelivered or replayed body changes nothing.
        repo: owner/name.
        installation: The forge's id of the installation that gives access.
        subject: What newer work replaces: `owner/name#7` for the checks of a pull request; "" for
            work that nothing replaces.
        requester: Login of who asked; "" for the forge itself.
        request: What the work needs to know; plain JSON.
        delay_s: Seconds to wait before it starts.
    """

    kind: str
    lane: Lane
    key: str
    repo: str
    installation: str
    subject: str = ""
    requester: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Revocation:
    """Access that was withdrawn: jobs are cancelled and what is stored is deleted.

    Attributes:
        installation: The forge's id.
        account: Login of who installed the app.
        state: active, suspended or deleted.
        repos: owner/name of the repositories concerned; empty: all of the installation.
    """

    installation: str
    account: str
    state: Literal["active", "suspended", "deleted"]
    repos: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One delivery, read.

    Attributes:
        guid: The forge's id of the delivery.
        event: Its kind.
        action: Its action, "" when it has none.
        sha256: Digest of its body, hexadecimal.
        orders: What it asks for.
        replaced: Subjects whose older jobs are to be cancelled.
        revocation: Access that changed, or None.
        note: Why nothing is done, "" when something is.
    """

    guid: str
    event: str
    action: str
    sha256: str
    orders: tuple[Order, ...] = ()
    replaced: tuple[str, ...] = ()
    revocation: Revocation | None = None
    note: str = ""
