"""Mappings: loops over a dict's keys that look each key's value up again."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..reading.loops import Loop, headed_loops, invariance_in, is_pure_expression
from ..reading.syntax import describe, is_name, same, singular
from ..reading.uses import within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace
from .comprehensions import is_needed_after


class ItemsForKeys:
    """Takes a dict's values along with its keys."""

    name = "items-for-keys"
    summary = "`for k in d` that reads `d[k]` becomes `for k, v in d.items()`."
    why_right = (
        "The dict neither changes nor is replaced during the loop, nor is the key, so what is "
        "looked up is the value that comes with it."
    )
    risk: Risk = "low"
    promise = 0.15
    needs: tuple[Need, ...] = ("sizes", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop over keys."""
        for head, loop in headed_loops(site):
            change = _change(site, head, loop)
            if change is not None:
                yield change


def _change(site: Site, head: ast.For | ast.comprehension, loop: Loop) -> Change | None:
    mapping = _mapping(site, head.iter)
    if mapping is None or not isinstance(head.target, ast.Name):
        return None
    name = head.target.id
    mentions = [each for root in loop.region for each in walk(root) if is_name(each, name)]
    stores = [each for each in mentions if isinstance(getattr(each, "ctx", None), ast.Store)]
    invariance = invariance_in(site, loop)
    # A comprehension binds its name in its own region.
    if stores not in ([], [head.target]) or not invariance.holds(mapping):
        return None
    reads = [
        each
        for each in site.scope.of_type(ast.Subscript)
        if same(each.value, mapping) and is_name(each.slice, name)
        if isinstance(each.ctx, ast.Load) and within(site, each, loop.region)
    ]
    if not reads:
        return None
    value = site.fresh_name(singular(describe(mapping), "value"))
    text = site.module.segment(mapping)
    is_key_used = len(mentions) > len(reads) + len(stores)
    if isinstance(head, ast.For):
        is_key_used |= is_needed_after(site, head, name)
    if is_key_used:
        edits: list[Edit] = [
            Replace(head.target, f"{name}, {value}"),
            Replace(head.iter, f"{text}.items()"),
        ]
    else:
        edits = [Replace(head.target, value), Replace(head.iter, f"{text}.values()")]
    edits.extend(Replace(each, value) for each in reads)
    return Change(
        line=loop.node.lineno,
        last_line=loop.node.end_lineno,
        hypothesis=f"each key of `{text}` is looked up again for its value, which comes along with "
        "it at no cost",
        edits=tuple(edits),
        risk="low" if not invariance.effects.unknown else "medium",
    )


def _mapping(site: Site, iterable: ast.expr) -> ast.expr | None:
    """Return the dict whose keys are gone through, None when it is not known to be one."""
    match iterable:
        case ast.Call(func=ast.Attribute(value=inner, attr="keys"), args=[], keywords=[]):
            iterable = inner
    is_variable = isinstance(iterable, ast.Name | ast.Attribute)
    known = is_variable and site.kinds.is_a(iterable, *MAPPINGS)
    return iterable if known and is_pure_expression(site, iterable) else None
