"""What `perfagent init` prints: what was found, what was written, what to run next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..wording import duration_text, plural, shorten

_MOST_SHOWN = 8


def survey_lines(found: Mapping[str, Any]) -> list[str]:
    """Return the survey in lines.

    Args:
        found: What `perfagent.api.survey` returns.
    """
    lines = [*_suite(found["suite"]), *_offered(found["offered"])]
    for one in found["tried"][:_MOST_SHOWN]:
        seconds = one["seconds"]
        fate = one["problem"] if seconds is None else duration_text(seconds)
        mark = "+" if one["fits"] else "-"
        lines.append(f"  {mark} {one['argument']} ({one['kind']}): {shorten(fate, 100)}")
    if found["written"]:
        lines.append(f"written: {', '.join(found['written'])}")
    lines += [f"question: {question}" for question in found["questions"]]
    if found["command"]:
        lines.append(f"next: {found['command']}")
    return lines


def _suite(suite: Mapping[str, Any] | None) -> list[str]:
    if suite is None:
        return ["suite: left out (--no-tests)"]
    told = f"suite: {suite['passed']:,} passed"
    if suite["failed"]:
        told += f", {suite['failed']:,} failed"
    return [f"{told} in {duration_text(suite['seconds'])}"]


def _offered(offered: Mapping[str, int]) -> list[str]:
    if not offered:
        return ["workloads: none found"]
    return [f"workloads: {', '.join(plural(n, kind) for kind, n in offered.items())}"]
