"""Several samples per instance: what k of them would come to, without bias."""

from __future__ import annotations

import math
from collections.abc import Sequence


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Return the chance that one of k samples passes, drawn without replacement from those there.

    1 - C(n-c, k) / C(n, k) (M. Chen et al., "Evaluating Large Language Models Trained on Code",
    2021, equation 1).

    Args:
        samples: How many there are (n).
        passed: How many of them pass (c).
        k: How many are drawn.

    Raises:
        ValueError: Not 1 <= k <= samples, or not 0 <= passed <= samples.
    """
    if not (1 <= k <= samples and 0 <= passed <= samples):
        raise ValueError(f"k must be 1 to {samples}, and at most so many pass: {k=}, {passed=}")
    return 1 - math.comb(samples - passed, k) / math.comb(samples, k)


def eff_at_k(efficiencies: Sequence[float], k: int) -> float:
    """Return the expected best of k samples, drawn without replacement from those there.

    With the values in ascending order, e_1 <= … <= e_n, it is the sum over r from k to n of
    C(r-1, k-1) / C(n, k) * e_r (R. Qiu et al., "How efficient is LLM-generated code?", 2024,
    equation 4). The ratios of binomial coefficients are built up from one to the next, so that
    they stay numbers for any n.

    Args:
        efficiencies: One a sample; 0 for a wrong one.
        k: How many are drawn.

    Raises:
        ValueError: Not 1 <= k <= the number of samples.
    """
    count = len(efficiencies)
    if not 1 <= k <= count:
        raise ValueError(f"k must be 1 to {count}, not {k}")
    ordered = sorted(efficiencies)
    weight, total = k / count, 0.0
    for rank in range(count, k - 1, -1):
        total += weight * ordered[rank - 1]
        if rank > k:
            weight *= (rank - k) / (rank - 1)
    return total


def beyond(speedup: float, others: Sequence[float]) -> float:
    """Return the share (0-1) of known solutions that a speedup is at least as good as.

    Args:
        speedup: Of the sample; 0 for a wrong one.
        others: Speedups of the known solutions.

    Raises:
        ValueError: There are none.
    """
    if not others:
        raise ValueError("beyond needs known solutions")
    return sum(speedup >= other for other in others) / len(others)


def beyond_at_k(speedups: Sequence[float], others: Sequence[float], k: int) -> float:
    """Return the expected best `beyond` of k samples (M. Du et al., "Mercury", 2024, for k = 1).

    Raises:
        ValueError: As `beyond` and `eff_at_k`.
    """
    return eff_at_k([beyond(each, others) for each in speedups], k)
