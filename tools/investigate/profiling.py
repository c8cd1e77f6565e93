"""Profiling the scratch tree, beside the profile of the best version."""

from __future__ import annotations

from ...profiles.hotspot import Hotspot
from ...workloads.launch import WorkloadFailed
from ..sources.capped import capped
from .bench import Bench, Seen
from .heat import bound
from .rough import check_edited, failed
from .snippet import what_was_put_back
from .tool import MOST_CHARACTERS, NoArguments, Tool

_MOST_ROWS = 15


def _profile_scratch(bench: Bench, asked: NoArguments) -> str:
    del asked
    check_edited(bench)
    with bench.scratch.running() as touched:
        try:
            profile = bench.take_profile(bench.scratch.tree)
        except WorkloadFailed as failure:
            raise failed(bench, failure) from None
    # The lines of the new versions are not those that the tests of the base cover.
    seen = Seen(profile, bench.scratch.tree, bench.min_share, None)
    bench.tried = seen, dict(bench.scratch.sources())
    rows = _rows(bench.seen, seen)
    left = len(rows) - _MOST_ROWS
    more = [f"… {left} more functions; list_hotspots has them"] if left > 0 else []
    note = f" ({profile.note})" if profile.note else ""
    text = "\n".join(
        [
            f"{profile.samples:,} samples{note}. Shares are of each version's own time, which "
            "run_workload measures.",
            "  own before    after | total before    after | function",
            *rows[:_MOST_ROWS],
            *more,
            *_left_to_gain(seen),
            *what_was_put_back(touched),
        ]
    )
    return capped(text, MOST_CHARACTERS, "ask list_hotspots with version=scratch")


def _rows(before: Seen, after: Seen) -> list[str]:
    old = {(spot.path, spot.function): spot for spot in before.hotspots}
    new = {(spot.path, spot.function): spot for spot in after.hotspots}

    def size(key: tuple[str, str]) -> float:
        spots = (old.get(key), new.get(key))
        return max(spot.own_share + spot.total_share / 100 for spot in spots if spot)

    keys = sorted({**old, **new}, key=lambda key: (-size(key), key))
    return [_row(key, old.get(key), new.get(key)) for key in keys]


def _row(key: tuple[str, str], before: Hotspot | None, after: Hotspot | None) -> str:
    own = [_share(spot and spot.own_share) for spot in (before, after)]
    total = [_share(spot and spot.total_share) for spot in (before, after)]
    return f"{own[0]:>12} {own[1]:>8} | {total[0]:>12} {total[1]:>8} | {key[0]}:{key[1]}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _left_to_gain(seen: Seen) -> list[str]:
    best = max(seen.hotspots, key=lambda spot: spot.own_share, default=None)
    if best is None:
        return []
    return [
        f"Now the largest own share is that of {best.path}:{best.function}: if it took no time, "
        f"that would be {bound(best.own_share)} more."
    ]


PROFILE_SCRATCH = Tool(
    name="profile_scratch",
    description=(
        "Profile the workload with your edits: each function's share of the time before and after."
    ),
    arguments=NoArguments,
    run=_profile_scratch,
)
