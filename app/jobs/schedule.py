"""The schedule: each repository that asks for it is looked at once a day, week or month."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ...errors import UserError
from ..forge import ForgeError, RateLimited
from ..store.orders import Order
from .desk import Desk

_PERIODS = {"daily": "%Y-%j", "weekly": "%G-%V", "monthly": "%Y-%m"}


def reachable(desk: Desk) -> list[tuple[str, str]]:
    """Return installation and owner/name of all repositories that the app has access to.

    Raises:
        ForgeError: Not all of them can be told now.
    """
    return [
        (installation, repo)
        for installation in desk.forge.installations()
        for repo in desk.forge.repositories(installation)
    ]


def queue_due(desk: Desk, repos: Iterable[tuple[str, str]], now: float | None = None) -> list[str]:
    """Queue what is due, once a period and workload; return the keys of what was queued.

    Args:
        desk: What jobs work with.
        repos: What `reachable` returned.
        now: Seconds since 1970; None for this moment.
    """
    queued = []
    for installation, repo in repos:
        try:
            queued += _due(desk, installation, repo, now)
        except RateLimited:
            return queued  # the next sweep goes on
        except (ForgeError, UserError):
            continue  # an empty repository, or one whose access is being withdrawn
    return queued


def _due(desk: Desk, installation: str, repo: str, now: float | None) -> list[str]:
    place = desk.forge.place(installation, repo, lambda: None)
    _, commit = place.default_branch()
    configuration = desk.configuration(place, commit).configuration
    form = _PERIODS.get(configuration.schedule)
    if form is None or not configuration.enabled:
        return []
    period = time.strftime(form, time.gmtime(now))
    keys = []
    for name in configuration.workloads:
        key = f"schedule:{repo}:{name}:{configuration.schedule}:{period}"
        order = Order(
            kind="optimize",
            lane="bench",
            key=key,
            repo=repo,
            installation=installation,
            request={"workload": name, "answers": key},
        )
        if desk.queue.put(desk.forge.host, order):
            keys.append(key)
    return keys
