"""Lookup keys: what the answer of a call is found by again, so that only equal ones share one."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..hoisting.invariants import is_cheap
from ..kinds.kind import Kind
from ..reading.loops import comprehension_loop, is_pure_expression
from ..reading.scopes import COMPREHENSIONS, all_arguments
from ..reading.syntax import is_name
from ..rewrite import RISKS, Risk, Site
from ..writing.edit import FunctionNode

_WHOLE_NUMBERS = ("range", "len", "ord", "enumerate")


def key_of(
    site: Site, call: ast.Call, own: FunctionNode | None, varying: list[ast.expr]
) -> tuple[str, Risk] | None:
    """Return what to look an answer up by, and the risk of it; None when there is no such key."""
    parts: list[str] = []
    risk: Risk = "medium"
    for each in varying:
        if not is_pure_expression(site, each):
            return None
        if len(varying) > 1 and not is_cheap(site, each):
            return None
        kind = site.kinds.of(each) or _kind_of_parameter(site, call, own, each)
        found = _part(site, each, kind)
        if found is None:
            return None
        parts += found[0]
        risk = riskier(risk, found[1])
    return (parts[0] if len(parts) == 1 else f"({', '.join(parts)})"), risk


def _kind_of_parameter(
    site: Site, call: ast.Call, own: FunctionNode | None, argument: ast.expr
) -> Kind | None:
    """Return what the called function shows of the parameter that an argument is given to."""
    if own is None:
        return None
    listed = all_arguments(own.args)[isinstance(call.func, ast.Attribute) :]
    if argument in call.args:
        position = call.args.index(argument)
        found = listed[position] if position < len(own.args.args) else None
    else:
        names = [each.arg for each in call.keywords if each.value is argument]
        found = next((each for each in listed if each.arg in names), None)
    return site.kinds.of_parameter(own, found) if found is not None else None


def _part(site: Site, node: ast.expr, kind: Kind | None) -> tuple[list[str], Risk] | None:
    """Return what of the key stands for one argument, and the risk of it."""
    if kind is None or not site.kinds.kind_is_immutable(kind):
        return None
    text = site.module.segment(node)
    if kind.name in ("float", "number", "complex"):
        # Zeros of either sign are one key, and such numbers seldom come again anyway.
        return None
    if kind.name in ("int", "bool") and not _is_whole_number(site, node):
        # 1 and True are the same key, but need not have the same answer.
        return ([text, f"type({text})"], "medium") if is_cheap(site, node) else None
    return [text], "medium" if _is_text(kind) or kind.name in ("int", "bool") else "high"


def _is_text(kind: Kind | None) -> bool:
    if kind is not None and kind.name == "tuple":
        return all(map(_is_text, kind.items or (kind.item,)))
    return kind is not None and kind.name in ("str", "bytes", "NoneType")


def _is_whole_number(site: Site, node: ast.expr) -> bool:
    """Return whether a number surely is an exact int: a counter, a length, a letter's number."""
    if isinstance(node, ast.Call):
        return site.module.qualified(node.func) in _WHOLE_NUMBERS
    if not isinstance(node, ast.Name):
        return False
    for around in site.module.ancestors(node):
        if isinstance(around, COMPREHENSIONS) and node.id in comprehension_loop(around).targets:
            return all(
                _counts(site, each.iter)
                for each in around.generators
                if isinstance(each.target, ast.Name) and each.target.id == node.id
            )
    bound = site.scope.bindings.get(node.id, [])
    return bool(bound) and all(
        isinstance(each.node, ast.For)
        and isinstance(each.node.target, ast.Name)
        and _counts(site, each.node.iter)
        for each in bound
    )


def _counts(site: Site, node: ast.expr) -> bool:
    is_range = isinstance(node, ast.Call) and site.module.qualified(node.func) == "range"
    return is_range or site.kinds.is_a(node, "bytes")


def is_plain_key(varying: Sequence[ast.expr], key: str) -> bool:
    """Return whether a key is just a variable, which may be named as often as needed."""
    return len(varying) == 1 and is_name(varying[0], key)


def riskier(first: Risk, second: Risk) -> Risk:
    """Return the higher of two risks."""
    return first if RISKS.index(first) >= RISKS.index(second) else second
