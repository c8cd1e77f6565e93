"""Who calls whom, as a profile saw it: the share of the time in which each call was under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from ..functions import enclosing_name
from ..places import Places
from ..profile import Frame, Owner, Profile


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A function on the other side of a call.

    Attributes:
        path: As in `Frame`; of the workload, the file's name alone.
        share: Of the workload's samples, those in which the call was under way, 0 to 1; a call
            that is on a stack several times counts once.
    """

    path: str
    function: str
    owner: Owner
    share: float


class _Level(NamedTuple):
    path: str
    function: str
    owner: Owner


def callers_seen(profile: Profile, places: Places, path: str, function: str) -> list[Edge]:
    """Return the functions that called a function of the repository directly, most samples first.

    Recursive calls are left out. Calls that were never seen under way are missing: this confirms
    what the source says, and never denies it.

    Args:
        profile: What was recorded.
        places: Of the tree that ran.
        path: The function's file, relative to the tree.
        function: Its qualified name.
    """
    return _edges(profile, places, (path, function), toward=-1)


def callees_seen(profile: Profile, places: Places, path: str, function: str) -> list[Edge]:
    """Return the functions that a function was seen to call directly; otherwise as `callers_seen`.

    Functions written in C have no frame and are never among them.
    """
    return _edges(profile, places, (path, function), toward=1)


def _edges(profile: Profile, places: Places, one: tuple[str, str], *, toward: int) -> list[Edge]:
    counts: Counter[_Level] = Counter()
    for frames, count in profile.stacks:
        counts.update(dict.fromkeys(_beside(frames, places, one, toward), count))
    return [
        Edge(path=other.path, function=other.function, owner=other.owner, share=n / profile.samples)
        for other, n in counts.most_common()
    ]


def _beside(
    frames: tuple[Frame, ...], places: Places, one: tuple[str, str], toward: int
) -> Iterator[_Level]:
    levels = [_level(frame, places) for frame in frames]
    for index, level in enumerate(levels):
        other = index + toward
        if level[:2] == one and 0 <= other < len(levels) and levels[other] != level:
            yield levels[other]


def _level(frame: Frame, places: Places) -> _Level:
    place = places.of(frame)
    if place is not None:
        return _Level(place.path, place.function, frame.owner)
    # The workload may lie anywhere; where is nobody's business in a report.
    path = PurePosixPath(frame.path).name if frame.owner == "workload" else frame.path
    return _Level(path, enclosing_name(frame.function), frame.owner)
