"""Steering: what a rewrite may promise once it was seen how its function is called.

A rewrite guesses from the source alone. Call facts say whether the guess can hold in the workload:
a cache over arguments that never repeat saves nothing, and neither does an index over four
elements. Only the order of proposals and what is not worth a trial depend on it; whether a change
is right is the rewrite's and the gate's business.
"""

from __future__ import annotations

from collections.abc import Collection

from ...profiles.facts.facts import CallFacts, Need, ValueFacts

LOOKUP_S = 0.15e-6
"""What a cached answer costs: the key's hash, a dict lookup, and the call around it."""
FEWEST_REPEATS = 0.2
"""Share of repeated calls below which remembering answers is not tried."""
TINY_SIZE = 4
"""Up to this size walking over everything is as fast as any index."""
OF_TINY = 0.25
"""The part of a promise that is left when no larger size was seen."""
SUPERLINEAR = 1.5
"""From this exponent on time grows with size as nested loops over it let it grow."""
_TEXTS = frozenset({"str", "bytes"})


def steered(promise: float, needs: Collection[Need], facts: CallFacts | None) -> float | None:
    """Return what a change may promise after what was seen of its function's calls.

    Args:
        promise: The share of the slow code's time that the rewrite guesses to save, 0 to 1.
        needs: What decides about the rewrite.
        facts: None when nobody looked.

    Returns:
        None when the change is not worth a trial.
    """
    if facts is None or not facts.looked_at:
        return promise
    if "repeats" in needs:
        if not _may_remember(facts):
            return None
        promise = _by_repeats(promise, facts)
    if "sizes" in needs or "growth" in needs:
        promise = _by_sizes(promise, facts)
    if "growth" in needs:
        promise = _by_growth(promise, facts)
    return promise


def _may_remember(facts: CallFacts) -> bool:
    if facts.repeat_share is not None and facts.repeat_share < FEWEST_REPEATS:
        return False
    return facts.no_writes_seen() and all(each.hashable for each in facts.parameters)


def _by_repeats(promise: float, facts: CallFacts) -> float:
    """Return the share of the calls that need not be made, times what one of them saves."""
    if facts.repeat_share is None or facts.seconds_per_call is None:
        return promise
    if facts.seconds_per_call <= LOOKUP_S:
        return 0.0
    return facts.repeat_share * (1 - LOOKUP_S / facts.seconds_per_call)


def _by_sizes(promise: float, facts: CallFacts) -> float:
    values = [*facts.parameters, facts.receiver, facts.returns]
    sizes = [each.size.largest for each in values if each and each.size and not _is_text(each)]
    return promise * OF_TINY if sizes and max(sizes) <= TINY_SIZE else promise


def _is_text(value: ValueFacts) -> bool:
    """Return whether only texts were seen, whose length says nothing about any container."""
    return all(name in _TEXTS for name, _ in value.types)


def _by_growth(promise: float, facts: CallFacts) -> float:
    """Return a larger promise where time was seen to grow clearly faster than size."""
    found = facts.growth
    if found is None or found.exponent < SUPERLINEAR or found.ci_low <= 1:
        return promise
    return promise + (1 - promise) / 2
