"""The built-in rewrites as a proposer: no model, no network, nothing spent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot
from ...tools.rewrites.registry import Weigh, propose_rewrites
from .proposal import Proposal


def propose_with_rewrites(
    tree: Path,
    hotspots: Sequence[Hotspot],
    facts: Sequence[CallFacts] = (),
    *,
    least_gain_share: float = 0.0,
    weigh: Weigh = lambda rewrite, shape, promise: 1.0,
) -> list[Proposal]:
    """Return a proposal for each place where a built-in rewrite fits, best guess first.

    Args:
        tree: The checkout that the changes are made in; only read.
        hotspots: Best first.
        facts: What was seen of their calls.
        least_gain_share: Share of the workload that a rewrite must promise to save; what promises
            less could not be told from noise.
        weigh: What experience makes of a promise.
    """
    return [
        Proposal(
            origin=f"rewrites/{rewriting.rewrite}",
            hypothesis=rewriting.hypothesis,
            hotspot=f"{rewriting.path}:{rewriting.function}",
            sources={rewriting.path: rewriting.new_source},
        )
        for rewriting in propose_rewrites(tree, hotspots, facts=facts, weigh=weigh)
        if rewriting.gain_share >= least_gain_share
    ]
