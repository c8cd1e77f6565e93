"""What a person reads of a check for regressions: on the terminal, and at a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .wording import (
    amount_text,
    amounts_text,
    change_text,
    interval_text,
    markdown_code,
    markdown_text,
    share_text,
    times_text,
)

DECISIONS = {
    "slower": "slower",
    "not_slower": "not slower",
    "inconclusive": "cannot tell",
    "fails": "fails",
}
"""What people read for each decision."""


def regression_text(found: Mapping[str, Any]) -> str:
    """Return one line: `1.97x slower (95% CI 1.9-2.1), 50 ms -> 99 ms; in a.py:12 (f)`."""
    if found.get("slowdown") is None:
        return str(found["reason"])
    parts = [f"{_change(found)}, {_amounts(found)}", str(found["reason"])]
    spot = found.get("spot")
    if spot:
        parts.append(f"in {spot['path']}:{spot['line']} ({spot['function']})")
    return "; ".join(parts)


def regression_title(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the check's title: the worst workload in one line."""
    slower = [each for each in results if each["decision"] == "slower"]
    if slower:
        worst = max(slower, key=lambda each: each["slowdown"])
        return f"{worst['name']}: {_change(worst)}"
    unclear = [each for each in results if each["decision"] in ("inconclusive", "fails")]
    if unclear:
        return f"{unclear[0]['name']}: {unclear[0]['reason']}"[:200]
    return f"no workload of {len(results)} is slower"


def regression_summary(
    results: Sequence[Mapping[str, Any]], *, base: str, head: str, threshold: float
) -> str:
    """Return the check's summary, Markdown: the table first, then how it was measured.

    Args:
        results: One a workload, as `api.check` returns them, with their `name`.
        base: The base commit.
        head: The later commit.
        threshold: Slowdown that is too much, as a share.
    """
    rows = ["| workload | base | this change | change | |", "|---|---|---|---|---|"]
    rows += [_row(each) for each in results]
    spots = [_spot(each) for each in results if each.get("spot")]
    pairs = sum(each.get("pairs") or 0 for each in results)
    machine = next((each["machine"] for each in results if each.get("machine")), {})
    about = (
        f"{markdown_code(base[:12])} against {markdown_code(head[:12])}, {pairs} interleaved pairs"
        f" of fresh process launches; red only beyond {share_text(threshold)} with the interval"
        " excluding less."
    )
    doubts = sorted({doubt for each in results for doubt in each.get("doubts", ())})
    lines = [*rows, ""]
    if spots:
        lines += ["Where the time went:", "", *spots, ""]
    lines.append(about)
    if machine:
        named = ", ".join(f"{key} {value}" for key, value in machine.items())
        lines += ["", f"Machine: {markdown_text(named)}."]
    commands = [each["command"] for each in results if each.get("command")]
    if commands:
        lines += ["", "Reproduce:", "", "```sh", *commands, "```"]
    if doubts:
        lines += ["", "Doubts:", "", *(f"- {markdown_text(doubt)}" for doubt in doubts)]
    return "\n".join(lines)


def _row(found: Mapping[str, Any]) -> str:
    name, verdict = markdown_text(found["name"], 60), DECISIONS[found["decision"]]
    if found.get("slowdown") is None:
        return f"| {name} | - | - | {markdown_text(found['reason'], 200)} | {verdict} |"
    metric = found.get("metric", "wall")
    base, head = (amount_text(found[key], metric) for key in ("baseline_s", "candidate_s"))
    return f"| {name} | {base} | {head} | {_change(found)} | **{verdict}** |"


def _spot(found: Mapping[str, Any]) -> str:
    """Say what the function takes of the workload's time in both versions."""
    spot, metric = found["spot"], found.get("metric", "wall")
    before = spot["before"] * (found.get("baseline_s") or 0.0)
    after = spot["after"] * (found.get("candidate_s") or 0.0)
    went = "takes" if not before else f"went from {amount_text(before, metric)} to"
    return (
        f"- {markdown_text(found['name'])}: {markdown_code(spot['function'])} in"
        f" {markdown_code(spot['path'])} line {spot['line']} {went} {amount_text(after, metric)}"
    )


def _change(found: Mapping[str, Any]) -> str:
    low, high, slowdown = found["ci_low"], found["ci_high"], found["slowdown"]
    if low is not None and low <= 1 <= (high or 0):
        return f"{times_text(slowdown)}x the time ({interval_text(low, high, found['confidence'])})"
    inverse = [None if each is None else 1 / each for each in (high, low)]
    metric = found.get("metric", "wall")
    return change_text(1 / slowdown, inverse[0], inverse[1], found["confidence"], metric)


def _amounts(found: Mapping[str, Any]) -> str:
    return amounts_text(found["baseline_s"], found["candidate_s"], found.get("metric", "wall"))
