"""Profiles in the formats that other viewers open."""

from __future__ import annotations

from typing import Any

from ..profile import Frame, Profile

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def speedscope(profile: Profile, name: str) -> dict[str, Any]:
    """Return the profile for https://www.speedscope.app: one entry a function, weights in seconds.

    Lines are left out, so that a function is one box however many of its lines were seen;
    `collapsed` keeps them.

    Args:
        profile: what was recorded.
        name: the title shown in the viewer.
    """
    table: dict[tuple[str, str], int] = {}
    samples = [
        [table.setdefault((frame.function, frame.path), len(table)) for frame in frames]
        for frames, _ in profile.stacks
    ]
    weights = [count / profile.rate_hz for _, count in profile.stacks]
    return {
        "$schema": SPEEDSCOPE_SCHEMA,
        "name": name,
        "exporter": "perfagent",
        "activeProfileIndex": 0,
        "shared": {
            "frames": [
                {"name": function, "file": path} if path else {"name": function}
                for function, path in table
            ]
        },
        "profiles": [
            {
                "type": "sampled",
                "name": name,
                "unit": "seconds",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        ],
    }


def collapsed(profile: Profile) -> str:
    """Return the profile as collapsed stacks, which flame graph tools and `parse_pyspy` read.

    One line a distinct stack, `outer (file:line);…;inner (file:line) COUNT`, counts in samples.
    """
    lines = [
        f"{';'.join(_collapsed_frame(frame) for frame in frames)} {count}\n"
        for frames, count in profile.stacks
    ]
    return "".join(lines)


def _collapsed_frame(frame: Frame) -> str:
    if frame.line:
        return f"{frame.function} ({frame.path}:{frame.line})"
    return f"{frame.function} ({frame.path})" if frame.path else frame.function
