"""Comprehensions: lists and arrays made from an array's elements one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.known_arrays import takes_whole
from ..reading.syntax import is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Import, Replace
from .clauses import Clauses
from .elementwise import Elementwise
from .evidence import is_fallback, package
from .guards import guarded_expression
from .values import Value

_FLOATS = ("float", "numpy.float64")
_MAKERS = ("numpy.array", "numpy.asarray")


class ArrayOfElements:
    """Computes a comprehension over an array's elements with the whole array."""

    name = "array-of-elements"
    summary = "`np.array([f(x) for x in a])` and `[f(x) for x in a]` of an array become `f(a)`."
    why_right = (
        "numpy does with a whole array of 64-bit floats or integers what it does with each of "
        "its elements; the new code asks at run time whether it is such an array, not empty and "
        "of one dimension, and else makes the comprehension. Powers of floats may differ in the "
        "last bit."
    )
    risk: Risk = "high"
    promise = 0.8
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such comprehension."""
        found = package(site, "numpy")
        if found is None:
            return
        for node in site.scope.of_type(ast.ListComp):
            if is_fallback(site, node) or len(node.generators) != 1:
                continue
            clause = node.generators[0]
            if clause.ifs or clause.is_async:
                continue
            change = _change(site, found[0], node, _maker_around(site, node), found[1])
            if change is not None:
                yield change


def _maker_around(site: Site, node: ast.ListComp) -> ast.Call | None:
    """Return the call that makes, or at once uses up, an array of a comprehension, else None."""
    call = site.module.parents[node]
    if not isinstance(call, ast.Call) or node not in call.args[:1]:
        return None
    name = site.module.qualified(call.func) or ""
    if name not in _MAKERS:
        return call if takes_whole(name) and is_plain_call(call, arguments=1) else None
    for each in call.keywords:
        if each.arg != "dtype" or site.module.qualified(each.value) not in _FLOATS:
            return None
    return call if len(call.args) == 1 else None


def _change(
    site: Site, np: str, node: ast.ListComp, call: ast.Call | None, imports: tuple[Import, ...]
) -> Change | None:
    """Return the change of a comprehension, or of the call that makes an array of it."""
    clause = node.generators[0]
    clauses = Clauses(site, np, [(clause.target, clause.iter)], [node.elt])
    if not clauses.bind():
        return None
    reader = Elementwise(site, np, clauses.element, clauses.is_outer)
    value = reader.read(node.elt)
    if value is None or not value.varies or not clauses.is_over_arrays:
        return None
    guard = clauses.guard(reader)
    replaced, text = _written(site, np, node, call, value, reader.text(node.elt))
    if text is None or guard is None:
        return None
    return Change(
        line=node.lineno,
        last_line=node.end_lineno,
        hypothesis="each element comes out of the array as an object of its own and goes "
        "through the interpreter; the whole array goes through compiled code",
        edits=(
            Replace(replaced, guarded_expression(site, guard, text, site.module.segment(replaced))),
            *imports,
        ),
        risk="low" if reader.exact else "high",
        promise=0.5 if call is None else None,
    )


def _written(
    site: Site, np: str, node: ast.ListComp, call: ast.Call | None, value: Value, text: str
) -> tuple[ast.expr, str | None]:
    """Return what is replaced, and what gives the same; None when a type may differ."""
    if call is None:
        # A list keeps each element's own type, which must be numpy's.
        return node, f"list({text})" if value.settled and not value.native else None
    if call.keywords:
        return call, site.module.segment_with(call, {node: text})
    if not value.settled:
        return call, None
    if site.module.qualified(call.func) not in _MAKERS:
        return node, text
    parts = ast.Name | ast.Attribute | ast.Subscript
    # An array of its own, not a view of the one whose elements it holds.
    is_part = isinstance(ast.parse(text, mode="eval").body, parts)
    return call, f"{np}.array({text})" if is_part else text
