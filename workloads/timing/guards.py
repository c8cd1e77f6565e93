"""Gains that are not gains: only repeated calls are faster, or the work went elsewhere."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .calibration import Calibration
from .interval import locate
from .timings import Timings

Gains = Literal["yes", "likely", "unlikely", "no"]

LARGE_SPEEDUP = 1.5
"""From this gain of warm calls on, the first call has to show it at least likely."""

_CLEARLY = 0.02
"""Two-sided level of the intervals below: one in a hundred errs towards a rejection."""

_UNNOTICED_START_SHARE = 0.03
_WIDE_SPREAD = 0.10
_SHORT_BLOCK_S = 1e-3


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

    Compared are the seconds that the first call saves with half of those that a warm call saves,
    pair by pair. When the answer of an earlier call is kept, the first call saves nothing.

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
            baseline.cold_s, candidate.cold_s, baseline.values_s, candidate.values_s, strict=True
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
    saved = [
        value - other for value, other in zip(baseline.values_s, candidate.values_s, strict=True)
    ]
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
    ratios = [
        math.log(mean / other)
        for mean, other in zip(baseline.mean_s, candidate.mean_s, strict=True)
    ]
    location = locate(ratios)
    if location is None or baseline.regime != "warm":
        return False
    return location.center + location.half_width(_CLEARLY) < math.log(speedup) / 2


def unmask(baseline: Timings, candidate: Timings, speedup: float) -> Unmasked | None:
    """Say what speaks against a gain that the pairs show, None when nothing does."""
    gains = first_call_gains(baseline, candidate)
    moved = moved_work(baseline, candidate)
    if gains == "no":
        reason = "warm-only: repeated calls are faster, the first call of a process is not"
        return Unmasked(decision="not_faster", reason=reason, warm_only=True)
    if moved is not None:
        return Unmasked(decision="not_faster", reason=moved)
    if is_uneven(baseline, candidate, speedup):
        reason = "only some of the calls are faster, all of them together are not"
        return Unmasked(decision="not_faster", reason=reason)
    if gains == "unlikely" and speedup >= LARGE_SPEEDUP:
        reason = "repeated calls are faster, but the first call of a process does not show it"
        return Unmasked(decision="inconclusive", reason=reason)
    return None


def doubts_about(
    log_ratios: Sequence[float],
    baseline_first: Sequence[bool],
    baseline: Timings,
    calibration: Calibration,
    min_effect: float,
) -> tuple[str, ...]:
    """Return the reasons for which a comparison's numbers may be unsound, in words.

    Args:
        log_ratios: One value a pair.
        baseline_first: For each pair, whether the baseline ran before the other version.
        baseline: The baseline's timings.
        calibration: How the workload is timed.
        min_effect: The smallest gain of interest, as a share.
    """
    doubts = list(calibration.doubts)
    values = sorted(baseline.values_s)
    if len(values) >= 4:
        quarter = len(values) // 4
        spread = (values[-1 - quarter] - values[quarter]) / values[len(values) // 2]
        if spread > _WIDE_SPREAD:
            doubts.append(f"the middle half of the baseline's times spreads over {spread:.0%}")
        if values[-1] > 2 * values[0]:
            doubts.append(
                f"the slowest baseline launch took {values[-1] / values[0]:.1f} times the fastest"
            )
    block_s = baseline.values_s[0] * max(1, baseline.loops) if baseline.values_s else 1.0
    if block_s < _SHORT_BLOCK_S:
        doubts.append(f"a value rests on only {block_s * 1e6:.0f} us of work")
    doubts += _order_doubt(log_ratios, baseline_first, min_effect)
    doubts += _load_doubt()
    return tuple(doubts)


def _order_doubt(
    log_ratios: Sequence[float], baseline_first: Sequence[bool], min_effect: float
) -> list[str]:
    """Doubt a comparison in which running second costs more than the smallest gain."""
    gain = locate(log_ratios)
    if gain is None:
        return []
    signed = [
        ratio - gain.center if first else gain.center - ratio
        for ratio, first in zip(log_ratios, baseline_first, strict=True)
    ]
    location = locate(signed)
    if location is None or sum(baseline_first) in (0, len(signed)):
        return []
    half = location.half_width(_CLEARLY)
    center = abs(location.center)
    if center - half <= 0 or center <= min_effect:
        return []
    return [f"the second launch of a pair differs from the first by {center:.1%}"]


def _load_doubt() -> list[str]:
    try:
        load = os.getloadavg()[0]
    except OSError:
        return []
    cores = os.cpu_count() or 1
    # One core's worth is the measurement itself.
    if load <= cores + 0.5:
        return []
    return [f"the machine is busy: load {load:.1f} on {cores} cores"]
