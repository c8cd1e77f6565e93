"""Fixtures of the agent's tests: a small repository with a slow function, and its hotspots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent.profiles.functions import FunctionMap
from perfagent.profiles.hotspot import Hotspot, LineShare

SHOP = '''"""Orders of a small shop."""

import re
from collections import Counter

LIMIT = 10_000
UNUSED = 3
_CODE = re.compile(r"[A-Z]+-[0-9]+")


class Orders:
    """A list of orders."""

    fields = ("code", "amount")

    def __init__(self, rows):
        self.rows = list(rows)

    def known(self, codes):
        """Return the codes that were ordered."""
        found = []
        for code in codes:
            if code in [row["code"] for row in self.rows]:
                found.append(code)
        return found[:LIMIT]

    def total(self):
        return sum(row["amount"] for row in self.rows)


def report(orders, codes):
    known = orders.known(codes)
    return Counter(known), orders.total()
'''

SEARCH = """            if code in [row["code"] for row in self.rows]:
                found.append(code)
"""

GOOD_REPLY = """HYPOTHESIS: `known` scans all rows for every code, O(n*m); a set makes it O(n+m).

shop/orders.py
<<<<<<< SEARCH
        found = []
        for code in codes:
            if code in [row["code"] for row in self.rows]:
                found.append(code)
=======
        found = []
        ordered = {row["code"] for row in self.rows}
        for code in codes:
            if code in ordered:
                found.append(code)
>>>>>>> REPLACE
"""

HotspotMaker = Callable[..., Hotspot]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A checkout of a small package."""
    package = tmp_path / "shop tree" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "orders.py").write_text(SHOP)
    return package.parent


def hotspot_of(
    tree: Path,
    function: str,
    *,
    path: str = "shop/orders.py",
    share: float = 0.8,
    lines: dict[int, float] | None = None,
    callers: tuple[str, ...] = (),
) -> Hotspot:
    """Return a hotspot of a function in a tree, at `share` of the workload's time."""
    functions = FunctionMap.read(tree / path)
    span = next(span for span in functions.spans if span.qualname == function)
    return Hotspot(
        function=function,
        path=path,
        first_line=span.first_line,
        last_line=span.last_line,
        self_share=share / 2,
        own_share=share,
        total_share=share,
        max_speedup=1 / (1 - share) if share < 1 else None,
        owner="repository",
        callers=callers,
        lines=tuple(
            LineShare(line=line, self_share=part, total_share=part, text=functions.text(line))
            for line, part in (lines or {}).items()
        ),
        source=functions.source(span),
        covering_tests=("tests/test_orders.py::test_known",),
        worthwhile=True,
        note=None,
    )


@pytest.fixture
def hotspot_in() -> HotspotMaker:
    """Make a hotspot of a function in a tree, at `share` of the workload's time."""
    return hotspot_of
