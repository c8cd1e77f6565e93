"""Pairs: changes that were right, but too small to prove alone, planned to be tried together."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

PAIR = "rewrites/pair"
MOST_PAIRS = 6
MOST_MEMBERS = 8


@dataclass(frozen=True, kw_only=True)
class NearMiss:
    """A candidate that passed every check of rightness, and whose gain was not proven.

    Attributes:
        candidate_id: Which.
        log_gain: Its estimated gain, as a log ratio, above 0; the share of the workload that it
            saves has grown by what was accepted since it was measured.
        hypothesis: As the candidate's.
        hotspot: As the candidate's.
    """

    candidate_id: str
    log_gain: float
    hypothesis: str
    hotspot: str | None


def log_gain_now(speedup: float, grown: float) -> float:
    """Return what a change gains now, as a log ratio.

    It saved a share of the workload; while the rest became faster that share grew by as much.

    Args:
        speedup: What it gained when it was measured, above 1.
        grown: How many times faster the version under it has become since, 1 for not at all.
    """
    saved = min((1 - 1 / speedup) * grown, 0.99)
    return -math.log1p(-saved)


def planned_sums(
    near: Sequence[NearMiss], *, least_log_gain: float, tried: Collection[frozenset[str]]
) -> list[list[NearMiss]]:
    """Return which near misses to try together: all of them first, then the best pairs.

    Args:
        near: The near misses.
        least_log_gain: What the members of a sum must be expected to gain together.
        tried: The ids of the members of sums that were tried.

    Returns:
        Lists of two or more, their largest gain first; the same for the same near misses.
    """
    ordered = sorted(near, key=lambda each: (-each.log_gain, each.candidate_id))
    pairs = sorted(
        (list(pair) for pair in combinations(ordered, 2)),
        key=lambda pair: (-_sum_of(pair), [each.candidate_id for each in pair]),
    )
    found: list[list[NearMiss]] = []
    seen = set(tried)
    for members in [ordered[:MOST_MEMBERS], *pairs[:MOST_PAIRS]]:
        key = frozenset(each.candidate_id for each in members)
        if len(members) > 1 and key not in seen and _sum_of(members) >= least_log_gain:
            seen.add(key)
            found.append(members)
    return found


def _sum_of(members: Sequence[NearMiss]) -> float:
    return sum(each.log_gain for each in members)


def hypothesis_of(members: Sequence[NearMiss]) -> str:
    """Return the hypothesis of a sum: what each member does, and why they are tried together."""
    gains = ", ".join(f"{math.exp(each.log_gain):.3f}x" for each in members)
    listed = "; ".join(each.hypothesis.rstrip(".") for each in members)
    return f"together, as none could be proven alone ({gains}): {listed}"
