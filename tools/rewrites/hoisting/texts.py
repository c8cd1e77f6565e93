"""Texts: strings put together anew in every turn of a loop from parts that stay the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import NUMBERS
from ..reading.loops import is_pure_expression, loops_around, outermost_invariant
from ..reading.syntax import same
from ..rewrite import Change, Risk, Site
from .invariants import hoisted, is_inside

_PLAIN = (*sorted(NUMBERS), "str", "NoneType")


class HoistedText:
    """Builds a text once that a loop builds from the same parts in every turn."""

    name = "hoist-text"
    summary = "An f-string, or `text % parts`, whose parts a loop does not change is built before."
    why_right = (
        "Its parts are texts and numbers that stay the same during the loop, so each turn built "
        "the same text. It is now also built when the loop runs no iteration."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("types",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each text."""
        taken: set[ast.AST] = set()
        for node in [*site.scope.of_type(ast.JoinedStr), *site.scope.of_type(ast.BinOp)]:
            if node in taken or not loops_around(site, node) or not _is_built(site, node):
                continue
            invariance = outermost_invariant(site, node)
            if invariance is None:
                continue
            together = [
                each
                for each in site.scope.of_type(type(node))
                if same(each, node) and is_inside(site, each, invariance)
            ]
            taken.update(together)
            change = hoisted(site, node, invariance, together)
            if change is not None:
                yield change


def _is_built(site: Site, node: ast.JoinedStr | ast.BinOp) -> bool:
    """Return whether a text is made of nothing but texts and numbers, without formats."""
    if isinstance(node, ast.BinOp):
        parts = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        is_text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
        built = is_text and isinstance(node.op, ast.Mod)
    else:
        values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        parts = [each.value for each in values]
        built = bool(values) and not any(each.format_spec for each in values)
    return (
        built
        and is_pure_expression(site, node)
        and all(site.kinds.is_a(part, *_PLAIN) for part in parts)
    )
