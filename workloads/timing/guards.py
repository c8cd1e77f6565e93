"""Gains that are not gains: only repeated calls are faster, or the work went elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from .interval import locate
from .timings import Timings

Gains = Literal["yes", "likely", "unlikely", "no"]

LARGE_SPEEDUP = 1.5
"""From this gain of warm calls on, the first call has to show it clearly, as a cache's does not."""

_CLEARLY = 0.02
"""Two-sided level of the intervals below: one in a hundred errs towards a rejection."""

_UNNOTICED_START_SHARE = 0.03


@dataclass(frozen=True, kw_only=True)
class Unmasked:
    """Why a gain is not accepted.

    Attributes:
        decision: "not_faster" when it is clear, else "inconclusive".
        reason: One sentence.
        warm_only: The gain exists only in repeated calls within one process.
    """

    decision: Literal["not_faster", "inconclusive"]
    reason: str
    warm_only: bool = False


def first_call_gains(baseline: Timings, candidate: Timings) -> Gains | None:
    """Say whether the first call of a process gains as well as the warm calls.

    Compared is what the first call saves with half of what a warm call saves, pair by pair. When
    the answer of an earlier call is kept, the first call saves nothing.

    Returns:
        "yes": the first call clearly saves more than half. "no": clearly less, so the gain is
        warm-only. "likely", "unlikely": the same, but not clear of the noise. None: there is
        nothing to tell, since the first call is what is compared or there are too few pairs.
    """
    if baseline.regime != "warm":
        return None
    surplus = [
        (cold - other_cold) - (warm - other_warm) / 2
        for cold, other_cold, warm, other_warm in zip(
            baseline.first, candidate.first, baseline.values, candidate.values, strict=True
        )
    ]
    location = locate(surplus)
    if location is None:
        return None
    clear = abs(location.center) > location.half_width(_CLEARLY)
    if location.center > 0:
        return "yes" if clear else "likely"
    return "no" if clear else "unlikely"


def moved_work(baseline: Timings, candidate: Timings) -> str | None:
    """Say in a sentence by how much import and setup grew, when that eats the gain; else None.

    It does when they clearly grew by more than half of what the call saves, and by more than 3 %.
    """
    before = [sum(pair) for pair in zip(baseline.import_s, baseline.setup_s, strict=True)]
    after = [sum(pair) for pair in zip(candidate.import_s, candidate.setup_s, strict=True)]
    grown = [late - early for early, late in zip(before, after, strict=True)]
    saved = [value - other for value, other in zip(baseline.wall_s, candidate.wall_s, strict=True)]
    growth = locate(grown)
    surplus = locate([more - less / 2 for more, less in zip(grown, saved, strict=True)])
    if growth is None or surplus is None:
        return None
    least = growth.center - growth.half_width(_CLEARLY)
    usual = sorted(before)[len(before) // 2]
    if (
        surplus.center - surplus.half_width(_CLEARLY) <= 0
        or least <= _UNNOTICED_START_SHARE * usual
    ):
        return None
    saved_s = sum(saved) / len(saved)
    return (
        f"work moved to import or setup, which take {growth.center * 1e3:.3g} ms longer; "
        f"a call saves {saved_s * 1e3:.3g} ms"
    )


def is_uneven(baseline: Timings, candidate: Timings, speedup: float) -> bool:
    """Tell whether only some of the calls are faster: the mean of all of them clearly gains less.

    The primary value of short calls passes over the slower blocks of a launch, and so over work
    that a candidate puts off. Clearly less means: less than half of the gain.
    """
    means = zip(baseline.mean, candidate.mean, strict=True)
    ratios = [math.log(mean) - math.log(other) for mean, other in means]
    location = locate(ratios)
    if location is None or baseline.regime != "warm":
        return False
    return location.center + location.half_width(_CLEARLY) < math.log(speedup) / 2


def contradicted(baseline: Timings, candidate: Timings) -> str | None:
    """Say in a sentence that the clock outside the process does not show the time saved; else None.

    What a launch's process says of its own times is held against the clock of the process above it,
    which no code of the repository reaches. A launch that says it saved time but takes as long as
    before was told a wrong time, or did the work where nothing was timed. It counts when less than
    half of what is claimed shows, clear of the noise of starting processes.
    """
    claimed = _differences(baseline.timed_s, candidate.timed_s)
    shown = _differences(baseline.duration_s, candidate.duration_s)
    missing = locate([half / 2 - real for half, real in zip(claimed, shown, strict=True)])
    if missing is None or missing.center - missing.half_width(_CLEARLY) <= 0:
        return None
    saved, real = (sum(each) / len(each) * 1e3 for each in (claimed, shown))
    if saved <= 0:
        return None
    return (
        "the clock outside the process contradicts it: a launch says that it takes "
        f"{saved:.3g} ms less, but takes {real:.3g} ms less"
    )


def _differences(values: tuple[float, ...], others: tuple[float, ...]) -> list[float]:
    return [value - other for value, other in zip(values, others, strict=True)]


def unmask(baseline: Timings, candidate: Timings, speedup: float) -> Unmasked | None:
    """Say what speaks against a gain that the pairs show, None when nothing does."""
    if baseline.metric == "rss":
        return None
    gains = first_call_gains(baseline, candidate)
    if gains == "no":
        reason = "warm-only: repeated calls are faster, the first call of a process is not"
        return Unmasked(decision="not_faster", reason=reason, warm_only=True)
    elsewhere = moved_work(baseline, candidate) or contradicted(baseline, candidate)
    if elsewhere is not None:
        return Unmasked(decision="not_faster", reason=elsewhere)
    if is_uneven(baseline, candidate, speedup):
        reason = "only some of the calls are faster, all of them together are not"
        return Unmasked(decision="not_faster", reason=reason)
    if gains in ("likely", "unlikely") and speedup >= LARGE_SPEEDUP:
        reason = "repeated calls are faster; the first call of a process does not clearly show it"
        return Unmasked(decision="inconclusive", reason=reason)
    return None
