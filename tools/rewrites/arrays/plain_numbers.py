"""Plain numbers: arrays whose elements are used one by one, as Python's own numbers."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import NUMBERS
from ..loops.comprehensions import is_needed_after
from ..reading.loops import Loop, anchor, for_loop, invariance_in, loops_around
from ..reading.scopes import COMPREHENSIONS, target_names
from ..reading.syntax import describe
from ..reading.uses import Use, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import InsertBefore, Replace
from .evidence import is_array, is_fallback, is_place, package
from .guards import guarded_expression
from .sinks import is_tested, loses_type
from .values import bracketed


class ArrayAsList:
    """Takes an array's elements from a list of Python's numbers where no one can tell."""

    name = "array-as-list"
    summary = "A loop that only compares, looks up or stores elements of an array reads a list."
    why_right = (
        "The list holds the same numbers, and all that becomes of them is the same for Python's "
        "own: they are compared, looked up with, counted to or put into arrays. Integers that "
        "overflow 64 bits on the way would not wrap round. The array does not change meanwhile."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("types", "sizes", "writes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over an array, and for each array read by index."""
        found = package(site, "numpy")
        if found is None:
            return
        yield from _iterated(site, found[0])
        yield from _indexed(site, found[0])


def _listed(site: Site, np: str, text: str, uses: list[ast.expr]) -> str:
    """Return the list of an array's elements, or the array where it is of another kind."""
    # What is added or negated must be no truth value: numpy's do it in their own way.
    truths = ", bool" if all(is_tested(site, each) for each in uses) else ""
    conditions = [
        f"type({text}) is {np}.ndarray and {text}.ndim == 1",
        f"{text}.dtype in ({np}.float64, {np}.int64{truths})",
    ]
    return guarded_expression(site, conditions, f"{text}.tolist()", text)


def _iterated(site: Site, np: str) -> Iterator[Change]:
    for node in site.scope.nodes:
        if not isinstance(node, ast.For | ast.comprehension):
            continue
        array = node.iter
        if not is_place(array) or not is_array(site, array) or is_fallback(site, node):
            continue
        uses = _lost(site, node, node.target.id) if isinstance(node.target, ast.Name) else None
        if uses:
            listed = _listed(site, np, site.module.segment(array), uses)
            yield Change(
                line=array.lineno,
                last_line=(node.end_lineno if isinstance(node, ast.For) else array.end_lineno),
                hypothesis="each element comes out of the array as an object of numpy's, which is "
                "slow to compute with; the loop cannot tell it from a plain number",
                edits=(Replace(array, bracketed(listed)),),
                risk="medium",
            )


def _lost(site: Site, node: ast.For | ast.comprehension, name: str) -> list[ast.expr] | None:
    """Return the uses of the numbers that a loop goes through, None when some tells their type."""
    if isinstance(node, ast.For):
        if is_needed_after(site, node, name) or name in site.scope.names_inside_nested:
            return None
        region: list[ast.AST] = list(node.body)
        invariance = invariance_in(site, for_loop(node))
        # An array that changes meanwhile would be seen changing, a list would not.
        if not invariance.holds(node.iter) or name in invariance.effects.bound:
            return None
    else:
        around = site.module.parents[node]
        assert isinstance(around, COMPREHENSIONS)
        if name in site.scope.names_inside_nested or len(around.generators) != 1:
            return None
        region = [each for each in ast.iter_child_nodes(around) if each is not node] + node.ifs
    uses = [
        each
        for root in region
        for each in walk(root)
        if isinstance(each, ast.Name) and each.id == name
    ]
    lost = all(isinstance(each.ctx, ast.Load) and loses_type(site, each) for each in uses)
    return list(uses) if lost else None


def _indexed(site: Site, np: str) -> Iterator[Change]:
    for name in sorted({*site.scope.bindings} - site.scope.names_inside_nested):
        read = next(
            (use for use in uses_of(site, name) if use.kind == "index" and _is_in_loop(site, use)),
            None,
        )
        if read is None or is_fallback(site, read.node) or not is_array(site, read.node):
            continue
        loop = loops_around(site, read.node)[-1]
        items = _items(site, name, loop)
        if items is None or not invariance_in(site, loop).holds(read.node):
            continue
        listed = site.fresh_name(f"{describe(read.node)}_list")
        text = _listed(site, np, name, list(items))
        yield Change(
            line=read.node.lineno,
            hypothesis=f"each element read from the array `{name}` makes an object of numpy's, "
            "which is slow to make and to compute with; a list holds plain numbers",
            edits=(
                InsertBefore(anchor(site, loop), f"{listed} = {text}"),
                *(Replace(each.value, listed) for each in items),
            ),
            risk="medium",
        )


def _is_in_loop(site: Site, use: Use) -> bool:
    loops = loops_around(site, use.node)
    return bool(loops) and isinstance(loops[-1].node, ast.For | ast.While)


def _items(site: Site, name: str, loop: Loop) -> list[ast.Subscript] | None:
    """Return the elements of an array that a loop reads, None when it does anything else."""
    items: list[ast.Subscript] = []
    for use in uses_of(site, name):
        if not within(site, use.node, [loop.node]):
            continue
        if use.kind == "index" and isinstance(use.parent, ast.Subscript):
            items.append(use.parent)
        elif use.kind != "argument" or use.name != "len":
            return None
    lost = all(_is_single(site, each) and loses_type(site, each) for each in items)
    return items if lost else None


def _is_single(site: Site, item: ast.Subscript) -> bool:
    """Return whether an item is one element, its index a number that a loop counts or is known."""
    if site.kinds.is_a(item.slice, *NUMBERS):
        return True
    return isinstance(item.slice, ast.Name) and any(
        isinstance(each.node, ast.For)
        and isinstance(each.node.iter, ast.Call)
        and site.module.qualified(each.node.iter.func) == "range"
        and item.slice.id in target_names(each.node.target)
        for each in loops_around(site, item)
    )
