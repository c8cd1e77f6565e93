"""Ends: arrays sorted whole for their smallest or largest elements."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import int_value, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .evidence import is_fallback, is_place, uses_arrays
from .guards import guarded_expression


class EndsOfSortedArray:
    """Partitions an array, which is linear, where it is sorted for a few elements."""

    name = "ends-of-sorted-array"
    summary = "`np.sort(a)[0]`, `np.sort(a)[-1]` and `np.sort(a)[:5]` use np.partition."
    why_right = (
        "Partitioning puts the same elements at these places as sorting does; nan is put last by "
        "both. The new code asks at run time for an array of one dimension that is long enough, of "
        "integers or of floats without zeros, whose signs sorting may leave in any order."
    )
    risk: Risk = "low"
    promise = 0.6
    needs: tuple[Need, ...] = ("types", "sizes")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each sorted array of which only an end is taken."""
        if not uses_arrays(site):
            return
        for node in site.scope.of_type(ast.Subscript):
            match node.value:
                case ast.Call(func=ast.Attribute(value=numpy) as func, args=[array]) as call:
                    known = site.module.qualified(func) == "numpy.sort"
                case _:
                    continue
            if not known or not is_plain_call(call, arguments=1) or is_fallback(site, node):
                continue
            if not is_place(array) or not isinstance(node.ctx, ast.Load):
                continue
            np, text = site.module.segment(numpy), site.module.segment(array)
            taken = _taken(np, text, node.slice)
            if taken is not None:
                conditions = [
                    f"type({text}) is {np}.ndarray and {text}.ndim == 1 "
                    f"and {text}.size >= {taken[1]}",
                    f'({text}.dtype.kind in "iu" or ({text}.dtype.kind == "f" and {text}.all()))',
                ]
                new = guarded_expression(site, conditions, taken[0], site.module.segment(node))
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis=f"`{text}` is sorted whole for the elements at one end; "
                    "partitioning finds them in one pass",
                    edits=(Replace(node, new),),
                    risk=self.risk,
                )


def _taken(np: str, text: str, index: ast.expr) -> tuple[str, int] | None:
    """Return how to get what an index takes of the sorted array, and the length that it needs."""
    place = int_value(index)
    if place is not None:
        if place in (0, -1):
            # The largest may be nan, and so is max; the smallest may not, and min would be.
            name = f"{np}.fmin.reduce({text})" if place == 0 else f"{text}.max()"
            return name, 1
        return f"{np}.partition({text}, {place})[{place}]", place + 1 if place > 0 else -place
    match index:
        case ast.Slice(lower=None, upper=ast.expr() as upper, step=None):
            count = int_value(upper)
            if count is not None and count > 0:
                return f"{np}.sort({np}.partition({text}, {count - 1})[:{count}])", count
        case ast.Slice(lower=ast.expr() as lower, upper=None, step=None):
            count = int_value(lower)
            if count is not None and count < 0:
                return f"{np}.sort({np}.partition({text}, {count})[{count}:])", -count
    return None
