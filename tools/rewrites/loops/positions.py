"""Positions: loops over the positions of a sequence that only look up the elements there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import Loop, headed_loops, invariance_in, is_pure_expression
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import describe, int_value, is_name, is_plain_call, same, singular
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace
from .comprehensions import is_needed_after

_SEQUENCES = ("list", "tuple", "str", "deque", "sequence")
_BACKWARDS = ("list", "tuple", "str", "deque")


class ElementsForPositions:
    """Goes over the elements themselves instead of looking each up by its position."""

    name = "elements-for-positions"
    summary = "`for i in range(len(xs))` that only reads `xs[i]` becomes `for x in xs`."
    why_right = (
        "The sequence neither changes nor is replaced during the loop, and the position is used "
        "for nothing but to look its element up."
    )
    risk: Risk = "low"
    promise = 0.25
    needs: tuple[Need, ...] = ("sizes", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such loop."""
        for head, loop in headed_loops(site):
            change = _change(site, head, loop)
            if change is not None:
                yield change


def _change(site: Site, head: ast.For | ast.comprehension, loop: Loop) -> Change | None:
    found = _sequence(site, head.iter)
    if found is None or not isinstance(head.target, ast.Name):
        return None
    sequence, backwards = found
    name = head.target.id
    reads = _reads(site, loop, name, sequence)
    invariance = invariance_in(site, loop)
    if not reads or not invariance.holds(sequence):
        return None
    if isinstance(head, ast.For) and is_needed_after(site, head, name):
        return None
    text = site.module.segment(sequence)
    element = site.fresh_name(singular(describe(sequence)))
    edits: list[Edit] = [
        Replace(head.target, element),
        Replace(head.iter, f"reversed({text})" if backwards else text),
        *(Replace(each, element) for each in reads),
    ]
    return Change(
        line=loop.node.lineno,
        last_line=loop.node.end_lineno,
        hypothesis=f"each position of `{text}` is made only to look its element up; going over the "
        "elements needs neither",
        edits=tuple(edits),
        risk="low" if not invariance.effects.unknown else "medium",
    )


def _sequence(site: Site, iterable: ast.expr) -> tuple[ast.expr, bool] | None:
    """Return the sequence whose positions are gone through, and whether from its end."""
    if not isinstance(iterable, ast.Call) or iterable.keywords or not iterable.args:
        return None
    name = site.module.qualified(iterable.func)
    if name == "reversed" and is_plain_call(iterable, arguments=1):
        found = _sequence(site, iterable.args[0])
        sequence = None if found is None or found[1] else found[0]
        return None if sequence is None else _from_the_end(site, sequence)
    if name != "range":
        return None
    match iterable.args:
        case [ast.Call() as length] | [ast.Constant(value=0), ast.Call() as length]:
            sequence = _measured(site, length)
            return None if sequence is None else (sequence, False)
        case [ast.BinOp(left=ast.Call() as length, op=ast.Sub(), right=one), stop, step]:
            sequence = _measured(site, length)
            down = (int_value(one), int_value(stop), int_value(step)) == (1, -1, -1)
            return None if sequence is None or not down else _from_the_end(site, sequence)
    return None


def _from_the_end(site: Site, sequence: ast.expr) -> tuple[ast.expr, bool] | None:
    return (sequence, True) if site.kinds.is_a(sequence, *_BACKWARDS) else None


def _measured(site: Site, call: ast.Call) -> ast.expr | None:
    """Return the sequence of `len(sequence)`."""
    if site.module.qualified(call.func) != "len" or not is_plain_call(call, arguments=1):
        return None
    sequence = call.args[0]
    is_variable = isinstance(sequence, ast.Name | ast.Attribute)
    known = is_variable and site.kinds.is_a(sequence, *_SEQUENCES)
    return sequence if known and is_pure_expression(site, sequence) else None


def _reads(site: Site, loop: Loop, name: str, sequence: ast.expr) -> list[ast.Subscript] | None:
    """Return the lookups of a loop's element, None when the position is used for more."""
    if name in site.scope.names_inside_nested:
        return None
    found: list[ast.Subscript] = []
    for root in loop.region:
        for node in walk(root):
            if not is_name(node, name):
                continue
            parent = site.module.parents[node]
            if isinstance(parent, ast.comprehension) and parent is _head(loop):
                continue
            if not isinstance(parent, ast.Subscript) or parent.slice is not node:
                return None
            if not same(parent.value, sequence) or not isinstance(parent.ctx, ast.Load):
                return None
            found.append(parent)
    return found


def _head(loop: Loop) -> ast.AST:
    """Return the clause of a comprehension, or the statement, that a loop's variable is from."""
    return loop.node.generators[0] if isinstance(loop.node, COMPREHENSIONS) else loop.node
