"""Extremes: the smaller or larger of a few values, found by comparing them on the spot."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression, loops_around
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import (
    assigned_name,
    int_value,
    is_name,
    is_plain_call,
    method_statement,
    same,
)
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace

_SIGNS = {"min": "<", "max": ">"}
_FOUND = {"min": "least", "max": "greatest"}
_MOST = 4
_LOOPS = (ast.For, ast.While, *COMPREHENSIONS)
_PASSED_THROUGH = (ast.BinOp, ast.UnaryOp)


class ComparedOnTheSpot:
    """Compares a few values itself instead of calling `min` or `max`."""

    name = "compare-on-the-spot"
    summary = "`min(a, b)` and `max(a, b + 1, c)` that run again and again become comparisons."
    why_right = (
        "min and max take the first value and replace it by each later one that is less or "
        "greater; the comparisons are the same ones, in an order that gives the same value, ties "
        "and NaN included. A comparison that has effects of its own might tell the difference."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("calls", "types")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each call in a loop, or in a function that a loop calls."""
        for call in site.scope.of_type(ast.Call):
            name = site.module.qualified(call.func)
            if name not in _SIGNS or not (loops_around(site, call) or _is_called_in_loop(site)):
                continue
            values = _values(call)
            edits = _edits(site, call, values, name) if values else None
            if edits is not None:
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis=f"`{name}` is looked up and called again and again; comparing the "
                    "values takes a fraction of that",
                    edits=edits,
                    risk="low" if all(map(site.kinds.is_immutable, values)) else "medium",
                )


def _is_called_in_loop(site: Site) -> bool:
    """Return whether a loop of the module calls the site's function."""
    known = site.module.answers.get("called in loops")
    if not isinstance(known, set):
        known = {
            site.module.function_meant(node.func)
            for node in site.module.kinds.of(ast.Call)
            if any(isinstance(each, _LOOPS) for each in site.module.ancestors(node))
        }
        site.module.answers["called in loops"] = known
    return site.function in known


def _values(call: ast.Call) -> list[ast.expr]:
    """Return the two or more values that a call compares; empty when that is not clear."""
    if len(call.args) == 1 and isinstance(call.args[0], ast.Tuple | ast.List):
        values = call.args[0].elts if is_plain_call(call, arguments=1) else []
    else:
        values = call.args if is_plain_call(call, arguments=len(call.args)) else []
    if any(isinstance(each, ast.Starred) for each in values):
        return []
    return values if 2 <= len(values) <= _MOST else []


def _edits(
    site: Site, call: ast.Call, values: list[ast.expr], name: str
) -> tuple[Edit, ...] | None:
    sign = _SIGNS[name]
    statement = site.module.statement(call)
    texts = [ast.unparse(each) for each in values]
    is_whole = isinstance(statement, ast.Assign) and statement.value is call
    kept = assigned_name(statement)
    if is_whole and len(values) == 2 and kept and is_name(values[0], kept) and _is_plain(values[1]):
        return (Replace(statement, f"if {texts[1]} {sign} {kept}:\n    {kept} = {texts[1]}"),)
    if len(values) <= 3 and all(map(_is_plain, values)) and len(set(texts)) == len(texts):
        if len(values) == 3 and _is_alone(site, call, statement):
            return _by_branches(site, call, texts, name)
        return (Replace(call, _chosen(texts, sign)),)
    return _before(site, call, values, name) if _is_alone(site, call, statement) else None


def _is_plain(node: ast.expr) -> bool:
    """Return whether a value costs nothing to mention twice."""
    is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
    return isinstance(node, ast.Name) or is_float or int_value(node) is not None


def _chosen(values: list[str], sign: str) -> str:
    """Return an expression for the value that `min` or `max` would choose."""
    first, second, *rest = values
    if not rest:
        return f"{second} if {second} {sign} {first} else {first}"
    met = [f"({_chosen([each, *rest], sign)})" for each in (first, second)]
    return f"{met[1]} if {second} {sign} {first} else {met[0]}"


def _is_alone(site: Site, call: ast.Call, statement: ast.stmt) -> bool:
    """Return whether a call may be made before all else that its statement works out."""
    whole: ast.expr | None = getattr(statement, "value", None)
    append = method_statement(statement, "append")
    if append is not None and isinstance(append.func, ast.Attribute):
        is_short = is_plain_call(append, arguments=1) and isinstance(append.func.value, ast.Name)
        whole = append.args[0] if is_short else None
    elif not isinstance(statement, ast.Assign | ast.Return):
        return False
    if whole is None or site.module.block(statement) is None:
        return False
    node: ast.AST = call
    while node is not whole:
        node = site.module.parents[node]
        if node is not whole and not isinstance(node, _PASSED_THROUGH):
            return False
    is_reached = whole is call or isinstance(whole, _PASSED_THROUGH)
    return is_reached and is_pure_expression(site, whole) and _has_pure_targets(site, statement)


def _has_pure_targets(site: Site, statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return all(
        is_pure_expression(site, each)
        for target in targets
        for each in walk(target)
        if isinstance(each, ast.expr) and isinstance(getattr(each, "ctx", None), ast.Load)
    )


def _by_branches(site: Site, call: ast.Call, texts: list[str], name: str) -> tuple[Edit, ...]:
    """Return edits that find one of three values by two comparisons; one line would be too long."""
    first, second, third = texts
    best, sign = site.fresh_name(_FOUND[name]), _SIGNS[name]
    lines = [
        f"if {second} {sign} {first}:",
        f"    {best} = {_chosen([second, third], sign)}",
        "else:",
        f"    {best} = {_chosen([first, third], sign)}",
    ]
    statement = site.module.statement(call)
    return (InsertBefore(statement, "\n".join(lines)), Replace(call, best))


def _before(
    site: Site, call: ast.Call, values: list[ast.expr], name: str
) -> tuple[Edit, ...] | None:
    """Return edits that find the value in statements of their own before the call's."""
    if any(same(each, other) for each in values for other in values if each is not other):
        return None
    best = site.fresh_name(_FOUND[name])
    other = site.fresh_name("next_value")
    lines = [f"{best} = {site.module.segment(values[0])}"]
    for each in values[1:]:
        text = site.module.segment(each)
        if not _is_plain(each):
            lines.append(f"{other} = {text}")
            text = other
        lines += [f"if {text} {_SIGNS[name]} {best}:", f"    {best} = {text}"]
    statement = site.module.statement(call)
    return (InsertBefore(statement, "\n".join(lines)), Replace(call, best))
