"""The call tree along the hot path, as indented lines for whoever reads a profile as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import PurePosixPath

from ..functions import enclosing_name
from ..profile import Frame, Profile

SMALLEST_SHARE = 0.05
MOST_LINES = 30
_OWN = ("repository", "workload")
_FOREIGN_PARTS = 2
_Key = tuple[str, str, str]


@dataclass(kw_only=True)
class _Node:
    samples: int = 0
    children: dict[_Key, _Node] = field(default_factory=dict)


def hot_path(
    profile: Profile, *, min_share: float = SMALLEST_SHARE, most_lines: int = MOST_LINES
) -> list[str]:
    """Return the calls that take the time: one line a function, indented under its caller.

    A line begins with the share of all samples in which the function ran below that caller.
    Functions of the repository and the workload stand there; of others' code only what they call
    directly, with its owner. Direct recursion is one line.

    Args:
        profile: What was recorded.
        min_share: Smallest share shown, 0 to 1.
        most_lines: Lines kept, the callers of a function always before it; the last one then says
            that there are more.

    Returns:
        Nothing for a profile without samples.
    """
    root = _Node()
    for frames, count in profile.stacks:
        node = root
        for key in _keys(frames):
            node = node.children.setdefault(key, _Node())
            node.samples += count
    lines = list(_lines(root, profile.samples, min_share, 0))
    if len(lines) > most_lines:
        left = len(lines) - most_lines + 1
        lines = [*lines[: most_lines - 1], f"... ({left} more lines are left out)"]
    return lines


def _keys(frames: tuple[Frame, ...]) -> Iterator[_Key]:
    """Yield the functions of a stack: those of the repository, and the last call out of it."""
    last = max((i for i, frame in enumerate(frames) if frame.owner in _OWN), default=-1)
    kept = [frame for frame in frames[: last + 1] if frame.owner in _OWN]
    kept += frames[last + 1 : last + 2]
    named = ((enclosing_name(frame.function), frame.path, frame.owner) for frame in kept)
    return (key for key, _ in groupby(named))


def _lines(node: _Node, samples: int, min_share: float, depth: int) -> Iterator[str]:
    for key, child in sorted(node.children.items(), key=lambda item: (-item[1].samples, item[0])):
        if child.samples < min_share * samples:
            break
        yield f"{'  ' * depth}{child.samples / samples:.0%} {_place(*key)}"
        yield from _lines(child, samples, min_share, depth + 1)


def _place(function: str, path: str, owner: str) -> str:
    if owner == "workload":
        return f"{function} (workload)"
    if owner == "repository":
        return f"{function} in {path}"
    short = "/".join(PurePosixPath(path).parts[-_FOREIGN_PARTS:])
    return f"{function} in {short} ({owner})" if short else f"{function} ({owner})"
