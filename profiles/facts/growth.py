"""How time grows with a size: the exponent of a power law, fitted to medians by size.

The model is time = a * size ** b, on logarithms a straight line: log time = log a + b * log size.
Least squares give b = Sxy / Sxx, its standard error is sqrt(RSS / (n - 2) / Sxx), and the interval
is that of Student's t with n - 2 degrees of freedom (Draper & Smith, "Applied Regression Analysis",
3rd ed. 1998, sections 1.2 and 1.4). That program costs follow such lines well enough to be told
from measured runs is from Goldsmith, Aiken & Wilkerson, "Measuring Empirical Computational
Complexity", ESEC/FSE 2007. A constant part of the cost flattens the line at small sizes, so the
exponent is a lower guess there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...workloads.timing.interval import t_quantile
from .facts import Growth

FEWEST_SIZES = 4
LEAST_SPAN = 4.0
"""The largest size has to be at least so many times the smallest one."""
_CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A fitted line, and how much of the spread it explains (0-1)."""

    slope: float
    standard_error: float
    explained: float


def growth(times: Mapping[str, Sequence[tuple[int, float]]]) -> Growth | None:
    """Return how time grows with the parameter that explains it best.

    Args:
        times: For each parameter, (size, median seconds of the calls of that size), sizes distinct.

    Returns:
        None when no parameter had FEWEST_SIZES sizes above 0 that span a factor of LEAST_SPAN.
    """
    best: tuple[float, Growth] | None = None
    for parameter, pairs in times.items():
        usable = [(size, seconds) for size, seconds in pairs if size > 0 and seconds > 0]
        sizes = [size for size, _ in usable]
        if len(sizes) < FEWEST_SIZES or max(sizes) < LEAST_SPAN * min(sizes):
            continue
        line = _fit([(math.log(size), math.log(seconds)) for size, seconds in usable])
        if best is None or line.explained > best[0]:
            best = line.explained, _growth(parameter, sizes, line)
    return None if best is None else best[1]


def _growth(parameter: str, sizes: Sequence[int], line: _Line) -> Growth:
    freedom = len(sizes) - 2
    half = t_quantile(freedom, (1 + _CONFIDENCE) / 2) * line.standard_error
    return Growth(
        parameter=parameter,
        exponent=line.slope,
        ci_low=line.slope - half,
        ci_high=line.slope + half,
        smallest=min(sizes),
        largest=max(sizes),
        sizes=len(sizes),
    )


def _fit(points: Sequence[tuple[float, float]]) -> _Line:
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    sxx = sum((x - mean_x) ** 2 for x, _ in points)
    sxy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    syy = sum((y - mean_y) ** 2 for _, y in points)
    slope = sxy / sxx
    left = max(syy - slope * sxy, 0.0)
    return _Line(
        slope=slope,
        standard_error=math.sqrt(left / (count - 2) / sxx),
        explained=1 - left / syy if syy else 1.0,
    )
