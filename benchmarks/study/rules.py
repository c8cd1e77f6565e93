"""The rules by which others decide whether code became faster, as functions of samples."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

SWEFFICIENCY_MARGIN = 1.02
MINIMUM_MARGIN = 1.05
_LEVEL = 0.1
_STEP = 0.001


def ratio_of_means(before: Sequence[float], after: Sequence[float]) -> float:
    """Return SWE-fficiency's speedup: the mean of the before block over that of the after block."""
    return statistics.fmean(before) / statistics.fmean(after)


def ratio_of_minima(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the best time before over the best time after."""
    return min(before) / min(after)


def within_quartiles(values: Sequence[float]) -> list[float]:
    """Return the values at most one interquartile range outside the quartiles, as SWE-Perf does."""
    import numpy

    first, third = (float(each) for each in numpy.percentile(values, (25, 75)))
    reach = third - first
    return [value for value in values if first - reach <= value <= third + reach]


def sweperf_gain(before: Sequence[float], after: Sequence[float]) -> float:
    """Return SWE-Perf's gain: the largest share by which `before` may shrink and still be slower.

    The share grows in steps of 0.001 for as long as a one-sided Mann-Whitney test of the shrunk
    values against `after` gives p < 0.1. Outliers are left out first. 0 means no gain.
    """
    import numpy
    from scipy.stats import mannwhitneyu

    base = numpy.asarray(within_quartiles(before))
    head = numpy.asarray(within_quartiles(after))
    share, last = 0.0, 0.0
    while share <= 1:
        if mannwhitneyu(base * (1 - share), head, alternative="greater").pvalue >= _LEVEL:
            break
        last = share
        share += _STEP
    return last


def pyperf_says_faster(text: str) -> bool:
    """Tell whether what `pyperf compare_to` printed says faster, and significantly so."""
    return "x faster" in text and "not significant" not in text.lower()
