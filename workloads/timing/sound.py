"""Whether samples agree with themselves: what no measurement can have left is found here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from .samples import Samples
from .timings import Timings

_EACH_LAUNCH = (
    *("values", "first", "mean", "wall_s", "cold_s", "import_s", "setup_s", "cpu_s"),
    *("peak_rss_bytes", "duration_s", "disturbed_share"),
)
_ABOVE_ZERO = ("values", "first", "mean", "wall_s", "duration_s", "peak_rss_bytes")


def flaws(samples: Samples) -> tuple[str, ...]:
    """Say in words where samples contradict themselves or their plan; () when they do nowhere.

    Samples without a flaw may still be invented. They only are such as `session.Session` leaves:
    one value a launch of everything, each possible by itself, in orders that it would draw.
    """
    found = list(_of_the_pairs(samples))
    for timings in (samples.baseline, samples.candidate):
        lengths = list(_lengths(timings, len(samples.baseline_first)))
        found += lengths or [f"{timings.arm}: {flaw}" for flaw in _of_an_arm(timings)]
    return tuple(found)


def _of_the_pairs(samples: Samples) -> Iterator[str]:
    base, other, plan = samples.baseline, samples.candidate, samples.plan
    firsts, pairs = samples.baseline_first, len(samples.baseline_first)
    if pairs == 0:
        yield "there is no pair"
    if any(one == two for one, two in zip(firsts[::2], firsts[1::2], strict=False)):
        yield "a pair does not reverse the order of the one before it"
    if pairs > plan.max_pairs:
        yield f"{pairs} pairs, of {plan.max_pairs} planned"
    if plan.fixed and samples.ended != "time" and pairs != plan.max_pairs:
        yield f"{pairs} pairs instead of the {plan.max_pairs} that were fixed beforehand"
    for name in ("metric", "regime", "loops"):
        if getattr(base, name) != getattr(other, name):
            yield f"the versions differ in their {name}"
    if (base.regime, base.loops) != (samples.calibration.regime, samples.calibration.loops):
        yield "they were not timed as the calibration says"
    if base.machine != other.machine:
        yield "the versions ran on different machines"
    if samples.repeated < 0 or samples.cores < 1:
        yield "a count is below what is possible"


def _lengths(timings: Timings, pairs: int) -> Iterator[str]:
    names = (*_EACH_LAUNCH, "blocks_s") if timings.regime == "warm" else _EACH_LAUNCH
    for name in names:
        count = len(getattr(timings, name))
        if count != pairs:
            yield f"{timings.arm}: {count} {name} for {pairs} pairs"


def _of_an_arm(timings: Timings) -> Iterator[str]:
    for name in _EACH_LAUNCH:
        known = [value for value in getattr(timings, name) if value is not None]
        least = 0.0 if name not in _ABOVE_ZERO else math.ulp(0.0)
        if any(value < least for value in known):
            yield f"{name} holds a value that is not possible: {min(known):g}"
    if any(share > 1 for share in timings.disturbed_share):
        yield "disturbed_share holds a share above 1"
    if timings.metric == "wall" and timings.values != timings.wall_s:
        yield "values are not the seconds of the call"
    if timings.regime == "cold" and timings.values != timings.first:
        yield "values are not those of the first calls"
    if not all(map(_within, timings.wall_s, timings.blocks_s)):
        yield "wall_s is not within its blocks"


def _within(value: float, blocks: Sequence[float]) -> bool:
    return not blocks or min(blocks) <= value <= max(max(blocks), 1e-9)
