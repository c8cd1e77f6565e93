from __future__ import annotations

import ast
from pathlib import Path

from perfagent.agent.proposers.rewrites import propose_with_rewrites
from perfagent.agent.runs.budget import Spend

from ..conftest import HotspotMaker


def test_a_rewrite_that_fits_becomes_a_proposal(shop: Path, hotspot_in: HotspotMaker) -> None:
    before = (shop / "shop" / "orders.py").read_text()
    spots = [hotspot_in(shop, "Orders.known", lines={23: 0.8})]
    proposals = propose_with_rewrites(shop, spots)
    assert proposals, "a membership test on a list built in the loop is what rewrites are for"
    for proposal in proposals:
        assert proposal.origin.startswith("rewrites/")
        assert proposal.problem is None
        assert proposal.hypothesis
        assert proposal.hotspot == "shop/orders.py:Orders.known"
        assert proposal.spend == Spend()
        (changed,) = proposal.sources.items()
        assert changed[0] == "shop/orders.py"
        assert changed[1] != before
        ast.parse(changed[1])
    assert (shop / "shop" / "orders.py").read_text() == before


def test_without_hotspots_nothing_is_proposed(shop: Path) -> None:
    assert propose_with_rewrites(shop, []) == []
