"""What a gain may cost elsewhere: peak memory and import time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .interval import factor, locate
from .samples import Samples

_CLEARLY = 0.02
"""Two-sided level: one rejection in a hundred is for a cost at the limit that is only noise."""

_UNHEEDED_BYTES = 4 * 2**20
_UNHEEDED_S = 0.005


def cost(samples: Samples) -> str | None:
    """Say in a sentence what a gain costs too much of, and the flag that would allow it; else None.

    Peak memory and import time are each compared pair by pair. A growth counts when it is clear of
    the noise, beyond the plan's limit, and above 4 MiB or 5 ms.
    """
    plan, base, other = samples.plan, samples.baseline, samples.candidate
    before, after = base.peak_rss_bytes, other.peak_rss_bytes
    known = [(b, a) for b, a in zip(before, after, strict=True) if b is not None and a is not None]
    grown = _growth([b for b, _ in known], [a for _, a in known], _UNHEEDED_BYTES)
    if base.metric != "rss" and grown is not None and grown[0] > plan.allow_memory:
        old, new = ((timings.peak_bytes or 0.0) / 1e6 for timings in (base, other))
        return (
            f"peak memory grows {grown[1]:.2f} times ({old:.0f} MB to {new:.0f} MB); "
            f"--allow-memory {_allowing(grown[1])} would accept that"
        )
    grown = _growth(base.import_s, other.import_s, _UNHEEDED_S)
    if grown is not None and grown[0] > plan.allow_import:
        return (
            f"importing takes {grown[1]:.2f} times as long; "
            f"--allow-import {_allowing(grown[1])} would accept that"
        )
    return None


def _growth(
    before: Sequence[float], after: Sequence[float], unheeded: float
) -> tuple[float, float] | None:
    """Return the least and the likely factor of growth; None for none that counts."""
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b > 0 and a > 0]
    location = locate([math.log(a) - math.log(b) for b, a in pairs], resolution=1e-4)
    if location is None:
        return None
    if sum(a - b for b, a in pairs) / len(pairs) < unheeded:
        return None
    least = location.center - location.half_width(_CLEARLY)
    return factor(least), factor(location.center)


def _allowing(factor: float) -> str:
    return f"{math.ceil(factor * 11) / 10:g}"
