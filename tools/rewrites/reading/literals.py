"""Literals: what an expression is written as, where it or the constant it names is a literal."""

from __future__ import annotations

import ast
import string

from ..rewrite import Site
from .module_source import OWN
from .syntax import is_plain_call


def literal_of(site: Site, node: ast.expr) -> ast.expr | None:
    """Return how an expression's value is written: itself, or what a module's constant is bound to.

    None for a module-level name that may be bound or changed more than once. What is returned for
    any other expression need not be a literal.
    """
    if isinstance(node, ast.Name) and site.module.qualified(node) == OWN + node.id:
        if not site.effects.is_stable_global(node.id):
            return None
        return site.module.bindings[node.id][0].value
    return node


def text_of(site: Site, node: ast.expr) -> str | None:
    """Return the value of a constant string, None for anything else."""
    literal = literal_of(site, node)
    if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
        return literal.value
    module, _, name = (site.module.qualified(node) or "").rpartition(".")
    value = getattr(string, name, None) if module == "string" else None
    return value if isinstance(value, str) else None


def characters_in(site: Site, node: ast.expr) -> list[str] | None:
    """Return the characters that are `in` a constant string or container of strings, else None."""
    literal = literal_of(site, node)
    text = text_of(site, node)
    if text is not None:
        return list(dict.fromkeys(text))
    if isinstance(literal, ast.Call) and is_plain_call(literal, arguments=1):
        is_set = site.module.qualified(literal.func) in ("set", "frozenset")
        return characters_in(site, literal.args[0]) if is_set else None
    if not isinstance(literal, ast.Tuple | ast.List | ast.Set):
        return None
    texts = [text_of(site, each) for each in literal.elts]
    if any(each is None for each in texts):
        return None
    return list(dict.fromkeys(each for each in texts if each is not None and len(each) == 1))


def pairs_of(site: Site, node: ast.expr) -> dict[str, str] | None:
    """Return a constant dict of strings by string, None for anything else."""
    literal = literal_of(site, node)
    if not isinstance(literal, ast.Dict):
        return None
    found: dict[str, str] = {}
    for key, value in zip(literal.keys, literal.values, strict=True):
        first = None if key is None else text_of(site, key)
        second = text_of(site, value)
        if first is None or second is None:
            return None
        found[first] = second
    return found
