"""Firsts: everything listed to take the first few."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..reading.loops import is_pure_expression
from ..reading.syntax import int_value, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_MANY = ("set", "frozenset", "view", *MAPPINGS)
_HELD_BY_NOBODY = ("enumerate", "zip", "reversed")


class FirstWithoutList:
    """Takes the first few elements without making a list of all."""

    name = "first-without-list"
    summary = (
        "`list(d)[0]`, `list(d.items())[:k]` and `[x for x in xs if …][0]` stop at the last "
        "element they need, by itertools.islice."
    )
    why_right = (
        "islice takes the same first elements in the same order, and a list of them raises "
        "IndexError as the whole list did; elements behind them are worked out without side "
        "effects, and an exception of one of those no longer is raised."
    )
    risk: Risk = "low"
    promise = 0.8
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list of which only the start is used."""
        for node in site.scope.of_type(ast.Subscript):
            source, wanted = _source(site, node.value), _wanted(node)
            found = site.module.reference("itertools.islice")
            if source is None or wanted is None or found is None:
                continue
            islice, imports = found
            count, rest = wanted
            is_worked_out = isinstance(node.value, ast.ListComp)
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis="a list of everything is made to take what stands at its start",
                edits=(Replace(node, f"list({islice}({source}, {count})){rest}"), *imports),
                risk="medium" if is_worked_out else "low",
            )


def _wanted(node: ast.Subscript) -> tuple[int, str] | None:
    """Return how many elements are needed, and what to do to the list of just these."""
    if not isinstance(node.ctx, ast.Load):
        return None
    if isinstance(node.slice, ast.Slice):
        part = node.slice
        count = int_value(part.upper)
        is_start = part.lower is None and part.step is None and count is not None and count > 0
        return (count, "") if is_start and count is not None else None
    index = int_value(node.slice)
    return (index + 1, f"[{index}]") if index is not None and index >= 0 else None


def _source(site: Site, node: ast.expr) -> str | None:
    """Return what a list is made of, when making less of it cannot be noticed."""
    if isinstance(node, ast.ListComp):
        if not is_pure_expression(site, node) or not _can_stop(site, node):
            return None
        return f"({site.module.segment(node, in_brackets=True)[1:-1].strip()})"
    if not isinstance(node, ast.Call) or not is_plain_call(node, arguments=1):
        return None
    if site.module.qualified(node.func) != "list":
        return None
    listed = node.args[0]
    if site.kinds.is_a(listed, *_MANY) or _is_held_by_nobody(site, listed):
        return site.module.segment(listed, in_brackets=True)
    return None


def _can_stop(site: Site, node: ast.ListComp) -> bool:
    """Return whether nobody can tell that a comprehension did not go through all of something."""
    return not any(
        each.is_async
        or (
            not isinstance(each.iter, ast.Attribute)
            and not _is_held_by_nobody(site, each.iter)
            and not site.kinds.is_a(each.iter, "list", "tuple", "str", "range", "sequence", *_MANY)
        )
        for each in node.generators
    )


def _is_held_by_nobody(site: Site, node: ast.expr) -> bool:
    """Return whether an iterator is made on the spot, over what is no iterator itself."""
    if not isinstance(node, ast.Call) or node.keywords:
        return False
    return site.module.qualified(node.func) in _HELD_BY_NOBODY and all(
        site.kinds.is_a(each, "list", "tuple", "str", "range", *_MANY) for each in node.args
    )
