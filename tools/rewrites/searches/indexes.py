"""Indexes: a sequence searched for one value again and again becomes a dict built once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import (
    Invariance,
    anchor,
    is_pure_expression,
    loops_around,
    outermost_invariant,
)
from ..reading.syntax import describe, is_plain_call, is_simple, same
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .membership import hashing_risk

_SEARCHED = ("list", "tuple")
_JOINED = ("list", "tuple", "range", "dict", "set", "frozenset", "view")


def _method_calls(site: Site, method: str) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield `receiver.method(x)` calls, those in key functions too, with their receivers."""
    for root in site.scope.nodes:
        nodes = walk(root.body) if isinstance(root, ast.Lambda) else [root]
        for node in nodes:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == method
                and is_plain_call(node, arguments=1)
            ):
                yield node, node.func.value


def _searched(site: Site, receiver: ast.expr) -> Invariance | None:
    """Return the loop in which a plain sequence stays the same, None when there is none."""
    if not isinstance(receiver, ast.Name | ast.Attribute):
        return None
    if not site.kinds.is_a(receiver, *_SEARCHED) or not is_pure_expression(site, receiver):
        return None
    return outermost_invariant(site, receiver)


def _risk(site: Site, receiver: ast.expr, calls: list[ast.Call]) -> Risk | None:
    element = site.kinds.element(receiver)
    known = site.kinds.kind_is_hashable(element)
    return hashing_risk(site, [element], known, [each.args[0] for each in calls])


class PositionIndex:
    """Looks positions up in a dict instead of `list.index`."""

    name = "position-index"
    summary = "`a_list.index(x)` in a loop becomes a lookup in a dict of first positions."
    why_right = (
        "The list stays the same during the loop, the dict holds each value's first position, and "
        "a value that is not in it still goes to `index`, which raises as before."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list that is searched."""
        done: set[ast.AST] = set()
        for call, receiver in _method_calls(site, "index"):
            invariance = None if call in done else _searched(site, receiver)
            if invariance is None or not is_simple(call.args[0]) or _is_fallback(site, call):
                continue
            together = [
                each
                for each, other in _method_calls(site, "index")
                if same(other, receiver)
                and is_simple(each.args[0])
                and not _is_fallback(site, each)
                and _is_inside(site, each, invariance)
            ]
            done.update(together)
            risk = _risk(site, receiver, together)
            if risk is None:
                continue
            text = site.module.segment(receiver)
            name = site.fresh_name(f"{describe(receiver)}_positions")
            edits: list[Edit] = [
                InsertBefore(
                    anchor(site, invariance.loop),
                    f"{name} = dict(zip(reversed({text}), range(len({text}) - 1, -1, -1)))",
                )
            ]
            for each in together:
                value = site.module.segment(each.args[0])
                edits.append(
                    Replace(
                        each, f"{name}[{value}] if {value} in {name} else {text}.index({value})"
                    )
                )
            yield Change(
                line=call.lineno,
                hypothesis=f"`{text}.index` searches from the start for every element of the loop; "
                "a dict of positions built once answers at once",
                edits=tuple(edits),
                risk=risk,
            )


def _is_fallback(site: Site, call: ast.Call) -> bool:
    """Return whether a call stands where a lookup of the same value found nothing."""
    parent = site.module.parents[call]
    return (
        isinstance(parent, ast.IfExp)
        and parent.orelse is call
        and isinstance(parent.test, ast.Compare)
        and isinstance(parent.test.ops[0], ast.In)
        and same(parent.test.left, call.args[0])
    )


def _is_inside(site: Site, node: ast.AST, invariance: Invariance) -> bool:
    return any(loop.node is invariance.loop.node for loop in loops_around(site, node))


class CountIndex:
    """Counts all values once instead of `list.count` for each."""

    name = "count-index"
    summary = "`a_list.count(x)` in a loop becomes a lookup in a collections.Counter."
    why_right = (
        "The list stays the same during the loop, and a Counter gives 0 for what it never met, as "
        "`count` does; a value that cannot be hashed would raise TypeError."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list that is counted."""
        done: set[ast.AST] = set()
        for call, receiver in _method_calls(site, "count"):
            invariance = None if call in done else self._counted(site, call, receiver)
            found = site.module.reference("collections.Counter")
            if invariance is None or found is None:
                continue
            together = [
                each
                for each, other in _method_calls(site, "count")
                if same(other, receiver)
                and _is_inside(site, each, invariance)
                and self._counted(site, each, receiver) is not None
            ]
            done.update(together)
            counter, imports = found
            text = site.module.segment(receiver)
            name = site.fresh_name(f"{describe(receiver)}_counts")
            risk = _risk(site, receiver, together)
            if risk is None:
                continue
            yield Change(
                line=call.lineno,
                hypothesis=f"`{text}.count` goes through all of it for every element of the loop; "
                "a Counter goes through it once",
                edits=(
                    InsertBefore(anchor(site, invariance.loop), f"{name} = {counter}({text})"),
                    *(
                        Replace(each, f"{name}[{site.module.segment(each.args[0])}]")
                        for each in together
                    ),
                    *imports,
                ),
                risk=risk,
            )

    def _counted(self, site: Site, call: ast.Call, receiver: ast.expr) -> Invariance | None:
        if site.kinds.is_a(receiver, "str"):
            # In a string only a single character is counted as an element would be.
            if not _is_character_of(site, call.args[0], receiver):
                return None
            is_plain = isinstance(receiver, ast.Name)
            return outermost_invariant(site, receiver) if is_plain else None
        return _searched(site, receiver)


def _is_character_of(site: Site, node: ast.expr, text: ast.expr) -> bool:
    """Return whether a name runs over the characters of the same string."""
    if not isinstance(node, ast.Name):
        return False
    for loop in loops_around(site, node):
        if node.id not in loop.targets:
            continue
        clauses = getattr(loop.node, "generators", [loop.node])
        for clause in clauses:
            if not isinstance(clause.target, ast.Name) or clause.target.id != node.id:
                continue
            iterable = clause.iter
            if isinstance(iterable, ast.Call) and site.module.qualified(iterable.func) in (
                "set",
                "sorted",
                "dict.fromkeys",
            ):
                iterable = iterable.args[0] if iterable.args else iterable
            return same(iterable, text)
    return False
