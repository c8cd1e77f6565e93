"""When what happened in a run: its steps, and each candidate's way through the gate."""

from __future__ import annotations

from typing import Any

from .run import Run

_ENDS = frozenset({"accepted", "rejected", "inconclusive", "infrastructure"})


def steps(run: Run) -> list[dict[str, Any]]:
    """Return the run's steps in order: `stage` and `from_s`, in seconds of run time."""
    found: list[dict[str, Any]] = []
    for event in run.directory.events():
        if event["event"] != "stage":
            continue
        if not found or found[-1]["stage"] != event["stage"]:
            found.append({"stage": event["stage"], "from_s": event["at_s"]})
    return found


def trials(run: Run) -> dict[str, dict[str, Any]]:
    """Return each candidate's way through the gate, by its id.

    Returns:
        `from_s` and `to_s`, in seconds of run time (None: it never began, or never ended), and
        `stages`: `stage` and `seconds` of each one that it came to. A stage that a resumed run made
        again counts with its last time.
    """
    found: dict[str, dict[str, Any]] = {}
    begun: dict[str, tuple[str, float]] = {}
    for event in run.directory.events():
        if event["event"] != "candidate":
            continue
        name, state, at_s = event["candidate_id"], event["state"], event["at_s"]
        trial = found.setdefault(name, {"from_s": None, "to_s": None, "stages": {}})
        if name in begun and state != "proposed":
            stage, since = begun.pop(name)
            trial["stages"][stage] = round(at_s - since, 3)
        if state == "validating":
            begun[name] = (event["stage"], at_s)
            trial["from_s"] = at_s if trial["from_s"] is None else trial["from_s"]
        elif state in _ENDS:
            trial["to_s"] = at_s
    for trial in found.values():
        trial["stages"] = [
            {"stage": stage, "seconds": seconds} for stage, seconds in trial["stages"].items()
        ]
    return found
