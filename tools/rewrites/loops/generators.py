"""Generators: containers filled by a comprehension instead of from a generator, or just copied."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..reading.syntax import is_name, is_plain_call
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .comprehensions import element_text

_GATHERS = ("tuple", "sorted")
"""What makes a list of a generator's elements before anything else."""


class ComprehensionForGenerator:
    """Fills a container by a comprehension, which needs no generator to be resumed."""

    name = "comprehension-for-generator"
    summary = (
        "`set(… for …)`, `dict((k, v) for …)`, `tuple(… for …)`, `s.join(… for …)` take a "
        "comprehension."
    )
    why_right = (
        "All of them take every element before they do anything else, so a comprehension works "
        "the same elements out in the same order."
    )
    risk: Risk = "low"
    promise = 0.2
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call."""
        for call in site.scope.of_type(ast.Call):
            found = _filled(site, call)
            if found is not None:
                node, text = found
                yield Change(
                    line=call.lineno,
                    last_line=call.end_lineno,
                    hypothesis="a generator is resumed for each element of a container; a "
                    "comprehension fills it directly",
                    edits=(Replace(node, text),),
                    risk=self.risk,
                )


def _filled(site: Site, call: ast.Call) -> tuple[ast.expr, str] | None:
    """Return what to replace and by which comprehension."""
    built = call.args[0] if call.args else None
    if not isinstance(built, ast.GeneratorExp | ast.ListComp):
        return None
    if any(each.is_async for each in built.generators):
        return None
    inner = site.module.segment(built, in_brackets=True)[1:-1]
    name = site.module.qualified(call.func)
    if name == "set" and is_plain_call(call, arguments=1):
        return call, f"{{{inner}}}"
    if name == "dict" and is_plain_call(call, arguments=1):
        return _as_dict(site, call, built)
    if isinstance(built, ast.ListComp):
        return None
    if name == "list" and is_plain_call(call, arguments=1):
        return call, f"[{inner}]"
    return (built, f"[{inner}]") if name in _GATHERS or is_join(site, call) else None


def _as_dict(
    site: Site, call: ast.Call, built: ast.GeneratorExp | ast.ListComp
) -> tuple[ast.expr, str] | None:
    pair = built.elt
    if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
        return None
    if any(isinstance(each, ast.Starred) for each in pair.elts):
        return None
    key, value = (element_text(site, each) for each in pair.elts)
    inner = site.module.segment_with(built, {pair: f"{key}: {value}"}, in_brackets=True)
    return call, f"{{{inner[1:-1]}}}"


def is_join(site: Site, call: ast.Call) -> bool:
    """Return whether a call joins the strings, or bytes, of its one argument."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "join":
        return False
    return is_plain_call(call, arguments=1) and site.kinds.is_a(func.value, "str", "bytes")


class CopyForComprehension:
    """Copies a container at once where a comprehension takes over each element as it is."""

    name = "copy-for-comprehension"
    summary = "`[x for x in xs]` becomes `list(xs)`, `{k: v for k, v in d.items()}` `dict(d)`."
    why_right = "Both make a new container of the same elements, in the same order."
    risk: Risk = "low"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each comprehension that only copies."""
        for node in site.scope.nodes:
            text = None
            if isinstance(node, ast.ListComp | ast.SetComp):
                text = _copied_elements(site, node)
            elif isinstance(node, ast.DictComp):
                text = _copied_pairs(site, node)
            if text is not None:
                assert isinstance(node, ast.expr)
                yield Change(
                    line=node.lineno,
                    last_line=node.end_lineno,
                    hypothesis=f"elements are taken over one by one; `{text}` copies them all in "
                    "compiled code",
                    edits=(Replace(node, text),),
                    risk=self.risk,
                )


def _only_clause(node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.comprehension | None:
    clause = node.generators[0]
    return None if len(node.generators) > 1 or clause.ifs or clause.is_async else clause


def _copied_elements(site: Site, node: ast.ListComp | ast.SetComp) -> str | None:
    clause = _only_clause(node)
    if clause is None or not isinstance(clause.target, ast.Name):
        return None
    if not is_name(node.elt, clause.target.id):
        return None
    maker = "list" if isinstance(node, ast.ListComp) else "set"
    return f"{maker}({site.module.segment(clause.iter, in_brackets=True)})"


def _copied_pairs(site: Site, node: ast.DictComp) -> str | None:
    clause = _only_clause(node)
    if clause is None or not isinstance(clause.target, ast.Tuple | ast.List):
        return None
    names = clause.target.elts
    if len(names) != 2 or not all(isinstance(each, ast.Name) for each in names):
        return None
    key, value = (each.id for each in names if isinstance(each, ast.Name))
    if key == value or not is_name(node.key, key) or not is_name(node.value, value):
        return None
    mapping = _mapping_of(clause.iter)
    if mapping is not None and site.kinds.is_a(mapping, *MAPPINGS):
        return f"dict({site.module.segment(mapping)})"
    # What has keys is no iterable of pairs to dict().
    if mapping is None and not site.kinds.is_a(clause.iter, "list", "tuple", "set", "iterator"):
        return None
    return f"dict({site.module.segment(clause.iter, in_brackets=True)})"


def _mapping_of(node: ast.expr) -> ast.expr | None:
    """Return `d` of `d.items()`."""
    match node:
        case ast.Call(func=ast.Attribute(value=mapping, attr="items"), args=[], keywords=[]):
            return mapping
    return None
