"""Columns: series gone through value by value, as lists of the same values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace
from .evidence import is_place, is_series, uses_arrays


class ColumnAsList:
    """Goes through a list of a column's values, which pandas makes at once."""

    name = "column-as-list"
    summary = "`for x in df['a']` and `zip(df['a'], df['b'])` go through `df['a'].tolist()`."
    why_right = (
        "Going through a series and asking for its list give the same Python objects. A column "
        "of pandas' own nullable numbers gives numpy's one way and Python's the other."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over columns."""
        if not uses_arrays(site):
            return
        for node in site.scope.nodes:
            if not isinstance(node, ast.For | ast.comprehension):
                continue
            columns = [each for each in _gone_through(site, node.iter) if _is_column(site, each)]
            edits: list[Edit] = [
                Replace(each, f"{site.module.segment(each)}.tolist()") for each in columns
            ]
            if edits:
                yield Change(
                    line=node.iter.lineno,
                    last_line=node.iter.end_lineno,
                    hypothesis="going through a series makes each value with a call of its own; "
                    "its list is made at once",
                    edits=tuple(edits),
                    risk=self.risk,
                )


def _gone_through(site: Site, iterable: ast.expr) -> list[ast.expr]:
    """Return what a loop goes through, itself or inside of `zip` and the like."""
    if isinstance(iterable, ast.Call) and site.module.qualified(iterable.func) in (
        "zip",
        "enumerate",
    ):
        return list(iterable.args)
    return [iterable]


def _is_column(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a column of a frame, or a series."""
    if isinstance(node, ast.Subscript | ast.Attribute) and is_place(node.value):
        return is_series(site, node)
    return is_place(node) and is_series(site, node)
