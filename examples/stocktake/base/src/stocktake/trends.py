"""Series over time: balances, averages, ranks."""

from __future__ import annotations

from typing import List, Sequence


def running_balance(changes: Sequence[int], opening: int = 0) -> List[int]:
    """Return the balance after each change."""
    balances = []
    for position in range(len(changes)):
        balances.append(opening + sum(changes[: position + 1]))
    return balances


def moving_average(values: Sequence[int], window: int) -> List[float]:
    """Return the mean of each value and the ones before it, ``window`` values in all.

    The first averages are of as many values as there are.
    """
    if window < 1:
        raise ValueError("a window holds at least one value")
    averages = []
    for position in range(len(values)):
        first = max(0, position + 1 - window)
        recent = values[first : position + 1]
        averages.append(sum(recent) / len(recent))
    return averages


def percentile_ranks(values: Sequence[int]) -> List[float]:
    """Return for each value the share of all values that are smaller."""
    ranks = []
    for value in values:
        ordered = sorted(values)
        ranks.append(ordered.index(value) / len(values))
    return ranks


def peaks(values: Sequence[int], threshold: float = 0.9) -> List[int]:
    """Return the positions of the values whose rank is at least a threshold."""
    ranks = percentile_ranks(values)
    return [position for position, rank in enumerate(ranks) if rank >= threshold]
