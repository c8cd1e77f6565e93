"""Hotspots: the repository's own functions, by what a change to them could save."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .functions import MODULE, FunctionMap, FunctionSpan, enclosing_name
from .places import Place, Places
from .profile import Frame, Owner, Profile

MOST_LINES = 10
MOST_CALLERS = 5
_CALLERS_SHOWN_FROM: tuple[Owner, ...] = ("repository", "workload")

Covering = Callable[[str, Iterable[int]], tuple[str, ...]]
"""Given a repository-relative path and lines, the node ids of the tests that execute them."""


@dataclass(frozen=True, kw_only=True)
class LineShare:
    """One line of a hotspot; its shares are of the whole workload, like the hotspot's.

    Attributes:
        line: 1-based.
        self_share: Samples in which this line itself was executing, or compiled code it called.
        total_share: Samples in which this line was on the stack: itself, or something it called.
        text: The line's source without its indentation; empty when the file has no such line.
    """

    line: int
    self_share: float
    total_share: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Hotspot:
    """One function of the repository and its part in the workload's time.

    All shares are of the workload's samples, 0 to 1, and `self_share <= own_share <= total_share`.

    Attributes:
        function: Qualified name; `<module>` for code outside functions.
        path: Repository-relative.
        first_line: 1-based, decorators included.
        last_line: Inclusive.
        self_share: Samples with this function on top: its own bytecode, and the C functions it
            calls.
        own_share: Samples in which it is the deepest function of the repository: itself and what
            it calls outside the repository. What a change to this function alone could save at
            most.
        total_share: Samples with it anywhere on the stack; recursion counts once.
        max_speedup: The workload's speedup if this function and all it calls took no time
            (Amdahl); None when it is all of the workload, which bounds nothing.
        callers: `path:function` of the repository's and the workload's functions that call it,
            directly or through somebody else's code, most samples first, at most `MOST_CALLERS`.
        lines: Its hottest lines by `total_share`, as many as `localize` was asked for.
        source: Its text with its decorators; empty when the file could not be read.
        worthwhile: False when its whole share is under the smallest share worth a candidate.
        note: Why it is not worth a candidate, else None.
    """

    function: str
    path: str
    first_line: int
    last_line: int
    self_share: float
    own_share: float
    total_share: float
    max_speedup: float | None
    owner: Owner
    callers: tuple[str, ...]
    lines: tuple[LineShare, ...]
    source: str
    covering_tests: tuple[str, ...]
    worthwhile: bool
    note: str | None


@dataclass
class _Tally:
    """Samples of one function."""

    on_top: int = 0
    deepest: int = 0
    anywhere: int = 0
    callers: Counter[str] = field(default_factory=Counter)
    line_on_top: Counter[int] = field(default_factory=Counter)
    line_anywhere: Counter[int] = field(default_factory=Counter)


def localize(
    profile: Profile,
    tree: Path,
    *,
    min_share: float = 0.02,
    limit: int | None = 12,
    covering: Covering | None = None,
    most_lines: int = MOST_LINES,
) -> list[Hotspot]:
    """Return the functions the repository owns, those whose change could save most first.

    What can be changed in a function alone is its `own_share`; a function that only passes work on
    (`main`, a dispatcher) has a large `total_share` and no `own_share`, yet may be calling too
    often. So functions with an `own_share` of `min_share` or more come first, by `own_share`; then
    the others by `total_share`; last, as not worthwhile, those whose whole share is too small.

    Args:
        profile: what was recorded.
        tree: the checkout that ran, for the source.
        min_share: the smallest `total_share` worth a candidate, 0 to 1.
        limit: the most hotspots to return; None for all.
        covering: tells which tests execute given lines; None leaves `covering_tests` empty.
        most_lines: the most lines to name of each.

    Returns:
        An empty list when no sample shows a function of the repository.
    """
    if not profile.samples:
        return []
    places = Places(tree)
    tallies: dict[Place, _Tally] = {}
    for frames, count in profile.stacks:
        _count_stack(tallies, frames, [places.of(frame) for frame in frames], count)
    ranked = sorted(
        tallies.items(), key=lambda item: _rank(item[1], min_share * profile.samples, item[0])
    )
    return [
        _hotspot(place, tally, profile.samples, places, min_share, covering, most_lines)
        for place, tally in ranked[:limit]
    ]


def _rank(tally: _Tally, least: float, place: Place) -> tuple[int, int, int, str, int]:
    if tally.anywhere < least:
        group, first, second = 2, tally.deepest, tally.anywhere
    elif tally.deepest < least:
        group, first, second = 1, tally.anywhere, tally.deepest
    else:
        group, first, second = 0, tally.deepest, tally.anywhere
    return group, -first, -second, place.path, place.first_line


def _count_stack(
    tallies: dict[Place, _Tally],
    frames: Sequence[Frame],
    places: Sequence[Place | None],
    count: int,
) -> None:
    seen: set[Place] = set()
    lines: set[tuple[Place, int]] = set()
    callers: set[tuple[Place, str]] = set()
    caller: str | None = None
    before: Place | None = None
    for frame, place in zip(frames, places, strict=True):
        if place is not None:
            seen.add(place)
            lines.add((place, frame.line))
            if caller is not None and place != before:
                callers.add((place, caller))
        if frame.owner in _CALLERS_SHOWN_FROM:
            function = enclosing_name(frame.function) if place is None else place.function
            # The workload may lie anywhere; where is nobody's business in a report.
            path = PurePosixPath(frame.path).name if frame.owner == "workload" else frame.path
            caller, before = f"{path}:{function}", place
    for place in seen:
        tallies.setdefault(place, _Tally()).anywhere += count
    for place, line in lines:
        tallies[place].line_anywhere[line] += count
    for place, name in callers:
        tallies[place].callers[name] += count
    deepest = next((place for place in reversed(places) if place is not None), None)
    if deepest is not None:
        tallies[deepest].deepest += count
    if places and places[-1] is not None:
        tallies[places[-1]].on_top += count
        tallies[places[-1]].line_on_top[frames[-1].line] += count


def _hotspot(
    place: Place,
    tally: _Tally,
    samples: int,
    places: Places,
    min_share: float,
    covering: Covering | None,
    most_lines: int,
) -> Hotspot:
    functions = places.functions(place.path)
    known_lines = sorted(line for line in tally.line_anywhere if line)
    first = place.first_line or (known_lines[0] if known_lines else 0)
    last = place.last_line or (known_lines[-1] if known_lines else 0)
    total_share = tally.anywhere / samples
    worthwhile = total_share >= min_share
    span = FunctionSpan(qualname=place.function, first_line=first, last_line=last)
    # A module's lines are all the file's: only those seen running say which tests touch them.
    executed = known_lines if place.function == MODULE else range(first, last + 1)
    return Hotspot(
        function=place.function,
        path=place.path,
        first_line=first,
        last_line=last,
        self_share=tally.on_top / samples,
        own_share=tally.deepest / samples,
        total_share=total_share,
        max_speedup=max_speedup(total_share),
        owner="repository",
        callers=tuple(name for name, _ in tally.callers.most_common(MOST_CALLERS)),
        lines=_line_shares(tally, samples, functions, most_lines),
        source=functions.source(span) if first else "",
        covering_tests=covering(place.path, executed) if covering and first else (),
        worthwhile=worthwhile,
        note=None
        if worthwhile
        else f"{_percent(total_share)} of the workload: not worth a candidate",
    )


def _line_shares(
    tally: _Tally, samples: int, functions: FunctionMap, most_lines: int
) -> tuple[LineShare, ...]:
    hottest = sorted(
        (line for line in tally.line_anywhere if line),
        key=lambda line: (-tally.line_anywhere[line], -tally.line_on_top[line], line),
    )
    return tuple(
        LineShare(
            line=line,
            self_share=tally.line_on_top[line] / samples,
            total_share=tally.line_anywhere[line] / samples,
            text=functions.text(line),
        )
        for line in hottest[:most_lines]
    )


def max_speedup(share: float) -> float | None:
    """Return the workload's speedup if a part with this share of its time took none (Amdahl).

    Args:
        share: 0 to 1.

    Returns:
        At least 1.0; None for a share of 1, which bounds nothing.
    """
    return None if share >= 1 or math.isclose(share, 1) else 1 / (1 - share)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
