"""How a winner is measured again: as many pairs as its gate's noise asks for, fixed beforehand."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace

from .comparison import Comparison
from .decision import RESOLUTION, ComparisonPlan, noise_of, provable
from .interval import locate

FEWEST_TO_REPORT = 12
"""So many pairs are measured where they fit: the reported interval should be worth reading."""

_KEPT_SHARE = 0.8
_SURE = 0.8
"""How often the true noise is at most what is planned for."""


def confirmation_plan(plan: ComparisonPlan, gate: Sequence[Comparison]) -> ComparisonPlan:
    """Return the plan of the final measurement, from what the gate measured.

    Its number of pairs is fixed before the first of them, so the interval owes nothing to when a
    sequential test chose to stop; and none of the gate's samples take part, so it owes nothing to
    the luck by which this candidate was chosen. The pairs are as many as prove four fifths of the
    gain that the gate saw (a winner's gain is on average less than it seemed), with as much noise
    as the gate's few pairs leave likely (the upper bound of a standard deviation by the chi-squared
    distribution); at least FEWEST_TO_REPORT, at most `plan.max_pairs`.

    Args:
        plan: The plan of the gate.
        gate: The comparisons that the winner passed, each with its parent; their gains multiply.
    """
    fewest = min(FEWEST_TO_REPORT, plan.max_pairs)
    gain, noise = 0.0, 0.0
    for compared in gate:
        location = locate(compared.samples.log_ratios, resolution=RESOLUTION)
        if location is not None:
            gain += location.center
            likely = noise_of(location, compared.pairs) * _underestimate(location.freedom)
            noise = max(noise, likely)
    to_prove = _KEPT_SHARE * gain - math.log1p(plan.min_effect)
    fixed = replace(plan, fixed=True)
    for pairs in range(fewest, plan.max_pairs):
        if provable(noise, fixed, pairs) <= to_prove:
            return replace(fixed, max_pairs=pairs)
    return fixed


@functools.cache
def _underestimate(freedom: int) -> float:
    """Return by how much the true noise may exceed its estimate, in all but 1 - _SURE of cases."""
    from scipy.special import chdtri

    return math.sqrt(freedom / float(chdtri(freedom, _SURE)))
