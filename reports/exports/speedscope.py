"""Base and patched version in one file for https://www.speedscope.app."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...profiles.views.export import SPEEDSCOPE_SCHEMA
from ..record import RunRecord


def speedscope(run: RunRecord) -> dict[str, Any]:
    """Return the call trees of a record as sampled profiles over one table of functions."""
    frames: dict[tuple[str, str], int] = {}
    profiles = []
    for name, title in (("before", "base"), ("after", "patched")):
        flames = run.flames(name)
        if flames is not None:
            profiles.append(_profile(flames, f"{run.workload} ({title})", frames))
    return {
        "$schema": SPEEDSCOPE_SCHEMA,
        "name": run.run_id,
        "exporter": "perfagent",
        "activeProfileIndex": 0,
        "shared": {
            "frames": [
                {"name": function, "file": path} if path else {"name": function}
                for function, path in frames
            ]
        },
        "profiles": profiles,
    }


def _profile(
    flames: Mapping[str, Any], name: str, frames: dict[tuple[str, str], int]
) -> dict[str, Any]:
    indexes = [
        frames.setdefault((function, path), len(frames)) for function, path, _ in flames["frames"]
    ]
    stacks = list(_stacks(flames["tree"], []))
    weights = [own / flames["rate_hz"] for _, own in stacks]
    return {
        "type": "sampled",
        "name": name,
        "unit": "seconds",
        "startValue": 0,
        "endValue": sum(weights),
        "samples": [[indexes[index] for index in stack] for stack, _ in stacks],
        "weights": weights,
    }


def _stacks(tree: Sequence[Sequence[Any]], above: Sequence[int]) -> Iterator[tuple[list[int], int]]:
    """Yield each stack with the samples in which its last function was the innermost one."""
    for index, samples, callees in tree:
        stack = [*above, index]
        own = samples - sum(callee[1] for callee in callees)
        if own > 0:
            yield stack, own
        yield from _stacks(callees, stack)
