"""A profile as a tree of calls, small enough to travel in a record: what flame graphs draw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..functions import enclosing_name
from ..profile import Profile

LEAST_SHARE = 0.002
"""A box under this share of the samples is narrower than two pixels of a wide screen."""

_Key = tuple[str, str, str]


@dataclass(kw_only=True)
class _Box:
    samples: int = 0
    callees: dict[_Key, _Box] = field(default_factory=dict)


def flame_tree(profile: Profile, *, least_share: float = LEAST_SHARE) -> dict[str, Any]:
    """Return a profile as a tree: one box a function below its caller, lines left out.

    Args:
        profile: What was recorded.
        least_share: Boxes with fewer of the samples are left out; their callers keep the samples.

    Returns:
        `recorder`, `rate_hz`, `samples`, `duration_s`, `note`; `frames` (`[function, path,
        owner]` each); and `tree`: `[index into frames, samples, callees]` for each outermost
        function, callees likewise, most samples first.
    """
    root = _Box(samples=profile.samples)
    for frames, count in profile.stacks:
        box = root
        for frame in frames:
            key = (enclosing_name(frame.function), frame.path, frame.owner)
            box = box.callees.setdefault(key, _Box())
            box.samples += count
    table: dict[_Key, int] = {}
    return {
        "recorder": profile.recorder,
        "rate_hz": profile.rate_hz,
        "samples": profile.samples,
        "duration_s": profile.duration_s,
        "note": profile.note,
        "tree": _boxes(root, least_share * profile.samples, table),
        "frames": [list(key) for key in table],
    }


def _boxes(box: _Box, least: float, table: dict[_Key, int]) -> list[Any]:
    ranked = sorted(box.callees.items(), key=lambda item: (-item[1].samples, item[0]))
    return [
        [
            table.setdefault(key, len(table)),
            callee.samples,
            _boxes(callee, least, table),
        ]
        for key, callee in ranked
        if callee.samples >= least
    ]
