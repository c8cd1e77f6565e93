"""Inlining: small functions whose calls cost more than what they do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression
from ..reading.syntax import is_constant
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace
from .bodies import PlainBody, body_called, evaluated, given_to, means_the_same

_WITHOUT_BRACKETS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
_SHORT_CONSTANT = re.compile(r"""[\w.]+|"[^"\n]*"|'[^'\n]*'""")


@dataclass(frozen=True)
class _Inlined:
    """One call and the text that takes its place."""

    body: PlainBody
    call: ast.Call | ast.Attribute
    replaced: ast.expr | ast.stmt
    """The call itself, or the statement whose value it is."""
    text: str


class InlinedCall:
    """Puts what a small function does in the place of its calls."""

    name = "inline-helper"
    summary = (
        "A call of a small function of the module, or of a method or property of the same class, "
        "is replaced by what it does."
    )
    why_right = (
        "The same expressions are evaluated on the same values, each argument once and in order, "
        "and no file of the repository gives the function or method another meaning. A subclass "
        "outside the repository that overrides the method, or code that replaces the function "
        "while the program runs, would no longer be seen."
    )
    risk: Risk = "medium"
    promise = 0.35
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each small function, and one with all of them."""
        found: dict[ast.AST, list[_Inlined]] = {}
        for each in _outermost(site, _all_inlined(site)):
            found.setdefault(each.body.function, []).append(each)
        changes = [_change(group, self.promise) for group in found.values()]
        yield from changes
        if len(changes) > 1 and any(each.risk != "low" for each in changes):
            yield _change([each for group in found.values() for each in group], self.promise)


def _all_inlined(site: Site) -> list[_Inlined]:
    """Return every call that can go, last ones first; their texts hold those of calls inside."""
    inner: dict[ast.expr, str] = {}
    found: list[_Inlined] = []
    for node in reversed(site.scope.nodes):
        each = _inlined(site, node, inner) if isinstance(node, ast.Call | ast.Attribute) else None
        if each is not None:
            found.append(each)
            if each.replaced is each.call:
                inner[each.call] = each.text
    return found


def _outermost(site: Site, found: list[_Inlined]) -> Iterator[_Inlined]:
    replaced = {each.replaced for each in found}
    for each in reversed(found):
        if replaced.isdisjoint(site.module.ancestors(each.replaced)):
            yield each


def _change(group: Sequence[_Inlined], promise: float) -> Change:
    names = sorted({each.body.function.name for each in group})
    private = all(name.startswith("_") for name in names)
    return Change(
        line=min(each.call.lineno for each in group),
        last_line=max(each.call.lineno for each in group),
        hypothesis=f"calling {' and '.join(names)} costs more than what is done there; doing it "
        "where it is called saves the calls",
        edits=tuple(Replace(each.replaced, each.text) for each in group),
        risk="low" if private else "medium",
        promise=promise,
    )


def _inlined(
    site: Site, node: ast.Call | ast.Attribute, inner: dict[ast.expr, str]
) -> _Inlined | None:
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return None
    body = body_called(site, node)
    if body is None or not means_the_same(site, body, node):
        return None
    given = given_to(site, body, node)
    if set(given) != set(body.parameters):
        return None
    if any(isinstance(around, ast.JoinedStr) for around in site.module.ancestors(node)):
        # Quotes within quotes are an error to most Pythons.
        return None
    text = _as_expression(site, body, given, inner)
    if text is not None:
        return _Inlined(body, node, node, text)
    return _as_statements(site, body, node, given, inner)


# -- in an expression -----------------------------------------------------------------------------


def _as_expression(
    site: Site, body: PlainBody, given: dict[str, ast.expr], inner: dict[ast.expr, str]
) -> str | None:
    """Return the text that evaluates the result in the place of the call."""
    if body.before or body.result is None:
        return None
    moved = [name for name, value in given.items() if not _stays(site, value)]
    if moved and not _each_once_and_first(site, body.result, moved, given):
        return None
    texts = {name: _bracketed(site, value, inner) for name, value in given.items()}
    return _text(site, body.result, texts)


def _stays(site: Site, value: ast.expr) -> bool:
    """Return whether a value may be read later, or more often, or not at all."""
    if not isinstance(value, ast.Name):
        return is_constant(value)
    set_inside = any(
        value.id in node.names for node in walk(site.function) if isinstance(node, ast.Nonlocal)
    )
    return site.module.is_local(value) and not set_inside


def _each_once_and_first(
    site: Site, result: ast.expr, moved: list[str], given: dict[str, ast.expr]
) -> bool:
    """Return whether worked-out arguments are evaluated once each, before anything else happens."""
    if not all(is_pure_expression(site, given[name]) for name in moved):
        return False
    met: list[str] = []
    for part in evaluated(result):
        if isinstance(part, ast.Call):
            break
        if isinstance(part, ast.Name) and part.id in moved:
            met.append(part.id)
    uses = [each.id for each in walk(result) if isinstance(each, ast.Name)]
    once = all(uses.count(name) == 1 for name in moved)
    # `a and b` need not come to b, nor `b if a else c` to b or c.
    may_skip = any(isinstance(each, ast.BoolOp | ast.IfExp) for each in walk(result))
    chained = any(isinstance(each, ast.Compare) and len(each.ops) > 1 for each in walk(result))
    return once and sorted(met) == sorted(moved) and not may_skip and not chained


def _bracketed(site: Site, value: ast.expr, inner: dict[ast.expr, str]) -> str:
    """Return an argument's text, fit to be a part of any expression."""
    text = site.module.segment_with(value, inner)
    whole = isinstance(value, _WITHOUT_BRACKETS) and value not in inner
    plain = whole or _SHORT_CONSTANT.fullmatch(text)
    return text if plain else f"({text})"


def _text(site: Site, part: ast.expr | ast.stmt, texts: dict[str, str]) -> str:
    """Return a small function's expression or statement with other text for its names."""
    inner: dict[ast.expr, str] = {}
    for node in walk(part):
        if isinstance(node, ast.Name) and node.id in texts:
            text = texts[node.id]
            is_number = text[0].isdigit() and isinstance(site.module.parents[node], ast.Attribute)
            inner[node] = f"({text})" if is_number else text
    text = site.module.segment_with(part, inner)
    bare = isinstance(part, ast.Tuple) and part.col_offset == part.elts[0].col_offset
    return f"({text})" if bare else text


# -- as statements --------------------------------------------------------------------------------


def _as_statements(
    site: Site,
    body: PlainBody,
    node: ast.Call | ast.Attribute,
    given: dict[str, ast.expr],
    inner: dict[ast.expr, str],
) -> _Inlined | None:
    """Return the statement whose value a call is with everything done before it."""
    statement = site.module.parents[node]
    if not isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign):
        return None
    if isinstance(statement, ast.AugAssign) and not isinstance(statement.target, ast.Name):
        # What is added to is looked up before the call.
        return None
    texts: dict[str, str] = {}
    lines: list[str] = []
    for name, value in given.items():
        if _stays(site, value) and name not in body.locals:
            texts[name] = _bracketed(site, value, inner)
        else:
            texts[name] = site.fresh_name(name)
            lines.append(f"{texts[name]} = {site.module.segment_with(value, inner)}")
    for name in sorted(body.locals - set(body.parameters)):
        texts[name] = site.fresh_name(name)
    lines += [_text(site, each, texts) for each in body.before]
    result = "None" if body.result is None else _text(site, body.result, texts)
    if not isinstance(statement, ast.Expr):
        lines.append(site.module.segment_with(statement, {**inner, node: result}))
    elif body.result is not None and not is_constant(body.result):
        lines.append(result)
    return _Inlined(body, node, statement, "\n".join(lines)) if lines else None
