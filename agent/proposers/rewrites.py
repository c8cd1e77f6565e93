"""The built-in rewrites as a proposer: no model, no network, nothing spent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...profiles.hotspot import Hotspot
from ...tools.rewrites.registry import propose_rewrites
from .proposal import Proposal


def propose_with_rewrites(tree: Path, hotspots: Sequence[Hotspot]) -> list[Proposal]:
    """Return a proposal for each place where a built-in rewrite fits, best guess first.

    Args:
        tree: The checkout that the changes are made in; only read.
        hotspots: Best first.
    """
    return [
        Proposal(
            origin=f"rewrites/{rewriting.rewrite}",
            hypothesis=rewriting.hypothesis,
            hotspot=f"{rewriting.path}:{rewriting.function}",
            sources={rewriting.path: rewriting.new_source},
        )
        for rewriting in propose_rewrites(tree, hotspots)
    ]
