"""Totals: sums that a loop adds up one number at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.syntax import assigned_name, int_value, is_name, is_plain_call
from ..reading.uses import is_seen_on_failure
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, Replace
from .comprehensions import is_needed_after, is_plain_local

_EXACT = ("int", "bool")
_ROUNDED = ("float", "number")


class SumForLoop:
    """Adds numbers up in one call."""

    name = "sum-for-loop"
    summary = (
        "A loop that only does `total += x` becomes `sum(xs)`, with `len(x)` `sum(map(len, xs))`."
    )
    why_right = (
        "sum adds the same numbers in the same order. Sums of floats may differ in the last "
        "digits, because Python 3.12 adds floats more exactly inside one sum()."
    )
    risk: Risk = "medium"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop that does nothing but add."""
        for loop in site.scope.of_type(ast.For):
            added = _added(site, loop)
            block = site.module.block(loop)
            if added is None or block is None:
                continue
            name, numbers, is_exact = added
            before = block[block.index(loop) - 1] if block.index(loop) else None
            yield Change(
                line=loop.lineno,
                last_line=loop.end_lineno,
                hypothesis=f"`{name}` grows by one number in each iteration; sum() adds them in "
                "compiled code",
                edits=_edits(loop, name, numbers, before),
                risk="low" if is_exact else "medium",
            )


def _added(site: Site, loop: ast.For) -> tuple[str, str, bool] | None:
    """Return the total's name, the numbers that are added to it, and whether that is exact."""
    match loop.body:
        case [ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value)]:
            pass
        case _:
            return None
    if loop.orelse or not isinstance(loop.target, ast.Name) or not is_plain_local(site, name):
        return None
    element = loop.target.id
    mentions = any(is_name(each, name) for each in walk(loop.iter)) or element == name
    if mentions or is_needed_after(site, loop, element) or is_seen_on_failure(site, loop, name):
        return None
    iterable = site.module.segment(loop.iter, in_brackets=True)
    if not _starts_as_number(site, name):
        return None
    if is_name(value, element):
        kind = site.kinds.of(value)
        if kind is None or kind.name not in (*_EXACT, *_ROUNDED):
            return None
        return name, iterable, kind.name in _EXACT
    if not isinstance(value, ast.Call) or not is_plain_call(value, arguments=1):
        return None
    is_length = site.module.qualified(value.func) == "len" and is_name(value.args[0], element)
    return (name, f"map(len, {iterable})", True) if is_length else None


def _starts_as_number(site: Site, name: str) -> bool:
    """Return whether what is added to is a number itself, and no array that grows in place."""
    starts = [
        each.value for each in site.scope.bindings[name] if not isinstance(each.node, ast.AugAssign)
    ]
    return all(each is not None and site.kinds.is_a(each, *_EXACT, *_ROUNDED) for each in starts)


def _edits(loop: ast.For, name: str, numbers: str, before: ast.stmt | None) -> tuple[Edit, ...]:
    starts = before is not None and assigned_name(before) == name
    if starts and isinstance(before, ast.Assign) and int_value(before.value) == 0:
        return Replace(loop, f"{name} = sum({numbers})"), Delete(before)
    # In this order, floats are rounded as they were.
    return (Replace(loop, f"{name} = sum({numbers}, {name})"),)
