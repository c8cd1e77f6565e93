"""Rates with their intervals."""

from __future__ import annotations


def clopper_pearson(hits: int, count: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact interval of a rate (Clopper & Pearson, Biometrika 1934).

    Args:
        hits: How often it happened, 0 to `count`.
        count: Out of how many; 0 gives (0, 1).
        confidence: How often the interval holds the rate at least.
    """
    from scipy.special import betaincinv

    if not count:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = float(betaincinv(hits, count - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, count - hits, 1 - tail)) if hits < count else 1.0
    return low, high


def rate(hits: int, count: int) -> str:
    """Return a rate as the report shows it: its share, its counts and its 95 % interval."""
    if not count:
        return "not measured"
    low, high = clopper_pearson(hits, count)
    return f"{_percent(hits / count)} ({hits}/{count}; {_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    if 0 < share < 0.0995 or 0.9005 < share < 1:
        digits = 3 if share < 0.001 else 2 if share < 0.0095 or share > 0.9905 else 1
        return f"{share * 100:.{digits}f} %"
    return f"{share * 100:.0f} %"
