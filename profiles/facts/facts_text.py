"""Call facts in one sentence, the same in every report and briefing."""

from __future__ import annotations

from collections.abc import Sequence

from .facts import CallFacts, Growth, ValueFacts

_ROUNDED_FROM = 1_000_000
_NAMES_SHOWN = 3
_HARDLY = 0.5
"""Exponent below which a time that may not grow at all does not grow much either."""


def facts_text(facts: CallFacts) -> str:
    """Return what was seen: `called 1.2 M times with 214 distinct arguments, no writes seen`."""
    if not facts.calls and not facts.calls_are_exact:
        return f"no call seen ({facts.note})" if facts.note else "no call seen"
    if not facts.calls:
        return facts.note or "not called"
    parts = [_calls(facts)]
    if facts.repeat_share is not None and facts.calls > 1:
        parts.append(f"{_percent(facts.repeat_share)} repeats")
    if facts.depth > 1:
        parts.append(f"recursive to depth {facts.depth}")
    parts += _sizes(facts)
    parts += _growth(facts.growth) if facts.growth else []
    if facts.looked_at:
        parts.append(_writes(facts))
    if facts.raised:
        parts.append(f"raises {_listed([name for name, _ in facts.raised])}")
    if facts.looked_at < facts.calls:
        parts.append(f"{_count(facts.looked_at)} calls looked into")
    text = ", ".join(parts)
    return f"{text} ({facts.note})" if facts.note else text


def _calls(facts: CallFacts) -> str:
    at_least = "" if facts.calls_are_exact else "at least "
    times = "once" if facts.calls == 1 else f"{_count(facts.calls)} times"
    text = f"called {at_least}{times}"
    if facts.distinct is None or facts.calls == 1:
        return text
    if not facts.parameters and facts.receiver is None:
        return f"{text} without arguments"
    about = "" if facts.distinct_is_exact else "about "
    noun = "arguments" if facts.distinct > 1 else "argument"
    return f"{text} with {about}{_count(facts.distinct)} distinct {noun}"


def _sizes(facts: CallFacts) -> list[str]:
    """Return the largest size of the parameter that is largest, when it is more than a few."""
    values = [*facts.parameters, *([facts.receiver] if facts.receiver else [])]
    sized = [each for each in values if each.size is not None and _is_container(each)]
    if not sized:
        return []
    largest = max(sized, key=lambda each: each.size.largest if each.size else 0)
    assert largest.size is not None
    return [f"{largest.name} of up to {_count(largest.size.largest)} elements"]


def _is_container(value: ValueFacts) -> bool:
    return not all(name in ("str", "bytes") for name, _ in value.types)


def _growth(found: Growth) -> list[str]:
    """Return what the interval tells: nothing when it holds both no growth and much of it."""
    span = f"{found.ci_low:.1f} to {found.ci_high:.1f}"
    if found.ci_low > 0:
        return [f"time grows as size of {found.parameter} ^ {found.exponent:.1f} ({span})"]
    if found.ci_high < _HARDLY:
        return [f"time does not grow with the size of {found.parameter}"]
    return []


def _writes(facts: CallFacts) -> str:
    if facts.no_writes_seen():
        return "no writes seen"
    changed = [each.name for each in facts.parameters if each.changed_share]
    names = [*facts.written_globals, *facts.written_attributes]
    told = [f"writes {_listed(names)}"] if names else []
    if changed:
        told.append(f"changes its argument {_listed(changed)}")
    if not told and facts.receiver is not None and facts.receiver.changed_share:
        told.append("changes its object")
    if facts.does_io:
        told.append("does input or output")
    return " and ".join(told)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_NAMES_SHOWN])
    left = len(names) - _NAMES_SHOWN
    return f"{shown} and {left} more" if left > 0 else shown


def _count(number: int) -> str:
    if number >= _ROUNDED_FROM:
        return f"{number / 1e6:.3g} M"
    return f"{number:,}"


def _percent(share: float) -> str:
    """Return a share as a percentage that is only 100 % or 0 % when it is nothing else."""
    percent = 100 * share
    for digits in (0, 1, 2):
        text = f"{percent:.{digits}f}"
        if share in (0.0, 1.0) or float(text) not in (0.0, 100.0):
            return f"{text} %"
    return "over 99.99 %" if share > 0.5 else "under 0.01 %"
