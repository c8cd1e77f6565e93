"""Derives a verdict from samples: the same samples always give the same comparison."""

from __future__ import annotations

import math

from .comparison import Comparison
from .decision import Standing, decide
from .guards import first_call_gains, unmask
from .interval import FEWEST, locate
from .rails import cost
from .samples import Samples

_CLEARLY = 0.02
_WIDE_SPREAD = 0.10
_SHORT_BLOCK_S = 1e-3


def judge(samples: Samples, standing: Standing | None = None) -> Comparison:
    """Return how two versions compare, by nothing but what was measured.

    A gain that the pairs show has to withstand the guards (`guards.unmask`) and must not cost too
    much elsewhere (`rails.cost`).

    Args:
        samples: What was measured.
        standing: What the pairs say while more are to come; None when they are all in.
    """
    standing = standing or decide(samples.log_ratios, samples.plan, final=True)
    decision, reason = standing.decision or "inconclusive", standing.reason
    if decision == "inconclusive" and samples.ended == "time":
        reason = f"{reason}; {_time_was_up(samples)}"
    doubts, warm_only = doubts_about(samples), False
    if decision == "faster":
        timed = (samples.baseline, samples.candidate)
        unmasked = unmask(*timed, standing.speedup or 1.0)
        expensive = cost(samples)
        if unmasked is not None:
            decision, reason = unmasked.decision, unmasked.reason
            warm_only = unmasked.warm_only
        elif expensive is not None:
            decision, reason = "not_faster", expensive
        elif first_call_gains(*timed) in ("likely", "unlikely"):
            doubts += ("whether the first call gains too is lost in its noise",)
    return Comparison(
        samples=samples,
        speedup=standing.speedup,
        ci_low=standing.ci_low,
        ci_high=standing.ci_high,
        decision=decision,
        reason=reason,
        doubts=doubts,
        warm_only=warm_only,
    )


def _time_was_up(samples: Samples) -> str:
    told = f"the time limit of {samples.plan.max_wall_s:g} s is met"
    needed_s = math.ceil(2 * FEWEST * samples.calibration.launch_s)
    if len(samples.log_ratios) >= FEWEST or needed_s <= samples.plan.max_wall_s:
        return told
    return f"{told}, and that many take at least {needed_s} s: see --max-compare"


def doubts_about(samples: Samples) -> tuple[str, ...]:
    """Return the reasons for which a comparison's numbers may be unsound, in words."""
    doubts = [*samples.calibration.doubts]
    doubts += _spread_doubts(samples)
    doubts += _short_doubt(samples)
    doubts += _order_doubt(samples)
    doubts += _busy_doubts(samples)
    return (*doubts, *samples.notes)


def _spread_doubts(samples: Samples) -> list[str]:
    values = sorted(samples.baseline.values)
    if len(values) < 4:
        return []
    doubts = []
    quarter = len(values) // 4
    spread = (values[-1 - quarter] - values[quarter]) / values[len(values) // 2]
    if spread > _WIDE_SPREAD:
        doubts.append(f"the middle half of the baseline's values spreads over {spread:.0%}")
    if values[-1] > 2 * values[0]:
        doubts.append(f"the worst baseline launch took {values[-1] / values[0]:.1f} times the best")
    return doubts


def _short_doubt(samples: Samples) -> list[str]:
    baseline = samples.baseline
    if baseline.metric not in ("wall", "cpu") or not baseline.wall_s:
        return []
    block_s = baseline.wall_s[0] * max(1, baseline.loops)
    if block_s >= _SHORT_BLOCK_S:
        return []
    return [f"a value rests on only {block_s * 1e6:.0f} us of work"]


def _order_doubt(samples: Samples) -> list[str]:
    """Doubt a comparison in which running second costs more than the smallest gain."""
    ratios, firsts = samples.log_ratios, samples.baseline_first
    gain = locate(ratios)
    if gain is None or sum(firsts) in (0, len(firsts)):
        return []
    signed = [
        ratio - gain.center if first else gain.center - ratio
        for ratio, first in zip(ratios, firsts, strict=True)
    ]
    location = locate(signed)
    if location is None:
        return []
    center = abs(location.center)
    if center <= max(location.half_width(_CLEARLY), math.log1p(samples.plan.min_effect)):
        return []
    return [f"the second launch of a pair differs from the first by {center:.1%}"]


def _busy_doubts(samples: Samples) -> list[str]:
    doubts = []
    if samples.repeated:
        doubts.append(
            f"{samples.repeated} pairs were taken again: something else had or slowed their core"
        )
    if samples.disturbed:
        doubts.append(
            f"the machine is busy: something else had or slowed the core in {samples.disturbed} of "
            f"{len(samples.baseline_first)} pairs"
        )
    # One core's worth is the measurement itself.
    if samples.load is not None and samples.load > samples.cores + 0.5:
        doubts.append(f"the machine is busy: load {samples.load:.1f} on {samples.cores} cores")
    return doubts
