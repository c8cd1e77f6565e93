"""Matches: patterns tried on a copy of the rest of a text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.literals import literal_of
from ..reading.loops import counts_up
from ..reading.syntax import int_value, is_name, is_plain_call
from ..reading.uses import Use, is_private_local, uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, Replace

_LOOKED_FOR = ("match", "fullmatch", "search")
_SAME_ANYWHERE = ("group", "groups", "groupdict", "expand")
_BOUND_TO_PLACE = re.compile(r"\\[bBA]|\(\?<[=!]")
"""What of a pattern may look at what stands before the text it is tried on."""


class MatchAtPosition:
    """Tries a pattern at a position of a text instead of on a copy of what follows."""

    name = "match-at-position"
    summary = "`PATTERN.match(text[pos:])` becomes `PATTERN.match(text, pos)`."
    why_right = (
        "The pattern is constant and does not look at what stands before the position, which is "
        "taken to lie in the text; positions that the match tells are made relative again."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each match on the rest of a text."""
        for call in site.scope.of_type(ast.Call):
            found = _rest_tried(site, call)
            if found is None:
                continue
            text, position = found
            edits = _match_edits(site, call, position)
            sure = _is_never_negative(site, position)
            if edits is None or sure is None:
                continue
            yield Change(
                line=call.lineno,
                last_line=call.end_lineno,
                hypothesis=f"all of `{text}` from `{position}` on is copied for each match; the "
                "pattern can be tried there on the text itself",
                edits=(Replace(call.args[0], f"{text}, {position}"), *edits),
                risk="medium" if sure else "high",
            )


def _rest_tried(site: Site, call: ast.Call) -> tuple[str, str] | None:
    """Return the text and the position's name of `PATTERN.match(text[position:])`."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _LOOKED_FOR:
        return None
    if not is_plain_call(call, arguments=1) or not _is_free_of_place(site, func.value):
        return None
    match call.args[0]:
        case ast.Subscript(
            value=ast.Name(id=text) as whole,
            slice=ast.Slice(lower=ast.Name(id=position), upper=None, step=None),
        ):
            inner = site.scope.names_inside_nested | site.scope.declared_elsewhere
            is_text = site.kinds.is_a(whole, "str", "bytes") and text != position
            return (text, position) if is_text and position not in inner else None
    return None


def _is_free_of_place(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a constant pattern that no anchor binds to a place."""
    patterns = _patterns(site, node)
    return bool(patterns) and all(
        not _BOUND_TO_PLACE.search(each) and "^" not in re.sub(r"\\.|\[\^", "", each)
        for each in patterns
    )


def _patterns(site: Site, node: ast.expr) -> list[str] | None:
    """Return the patterns that a name may stand for, None when they are not known."""
    if not isinstance(node, ast.Name):
        return None
    if not site.module.is_local(node):
        source = _compiled(site, literal_of(site, node))
        return None if source is None else [source]
    bound = site.scope.bindings.get(node.id, [])
    loop = bound[0].node if len(bound) == 1 else None
    rows = literal_of(site, loop.iter) if isinstance(loop, ast.For) else None
    if not isinstance(rows, ast.List | ast.Tuple) or not isinstance(loop, ast.For):
        return None
    found = [_compiled(site, _at_target(loop.target, each, node.id)) for each in rows.elts]
    return None if None in found else [each for each in found if each is not None]


def _at_target(target: ast.expr, row: ast.expr, name: str) -> ast.expr | None:
    """Return the part of a row that a loop's target binds to a name."""
    if is_name(target, name):
        return row
    if not isinstance(target, ast.Tuple) or not isinstance(row, ast.Tuple | ast.List):
        return None
    pairs = zip(target.elts, row.elts, strict=False)
    return next((value for part, value in pairs if is_name(part, name)), None)


def _compiled(site: Site, node: ast.expr | None) -> str | None:
    """Return the text of a constant pattern that is compiled without flags."""
    if not isinstance(node, ast.Call) or site.module.qualified(node.func) != "re.compile":
        return None
    if not is_plain_call(node, arguments=1) or not isinstance(node.args[0], ast.Constant):
        return None
    value = node.args[0].value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def _match_edits(site: Site, call: ast.Call, position: str) -> list[Edit] | None:
    """Return what else must change for a match to tell what it told, None when it cannot."""
    parent = site.module.parents[call]
    match parent:
        case ast.If() | ast.While() | ast.UnaryOp(op=ast.Not()):
            return []
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
            return []
        case ast.Attribute(attr=method) if method in _SAME_ANYWHERE:
            return []
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.NamedExpr(target=ast.Name(id=name)):
            return _use_edits(site, parent, name, position)
    return None


def _use_edits(site: Site, start: ast.AST, name: str, position: str) -> list[Edit] | None:
    if not is_private_local(site, name) or len(site.scope.bindings[name]) != 1:
        return None
    edits: list[Edit] = []
    for use in uses_of(site, name):
        if use.kind in ("bind", "truth", "index") or _is_compared_with_none(use):
            continue
        if use.kind != "method":
            return None
        if use.name in _SAME_ANYWHERE:
            continue
        whole = not use.call.args or int_value(use.call.args[0]) == 0
        if use.name not in ("start", "end") or not whole:
            return None
        if not _is_at_same_place(site, start, use, position):
            return None
        edits.append(_made_relative(site, use, position))
    return edits


def _is_compared_with_none(use: Use) -> bool:
    return (
        use.kind == "compare"
        and isinstance(use.parent, ast.Compare)
        and isinstance(use.parent.ops[0], ast.Is | ast.IsNot)
    )


def _made_relative(site: Site, use: Use, position: str) -> Edit:
    statement = site.module.statement(use.node)
    moves_on = (
        isinstance(statement, ast.AugAssign)
        and is_name(statement.target, position)
        and isinstance(statement.op, ast.Add)
        and statement.value is use.call
    )
    text = site.module.segment(use.call)
    if moves_on:
        return Replace(statement, f"{position} = {text}")
    return Replace(use.call, f"({text} - {position})")


def _is_at_same_place(site: Site, start: ast.AST, use: Use, position: str) -> bool:
    """Return whether the position is, where a match is used, what it was when it was made."""
    statement = site.module.statement(start)
    block = site.module.block(statement)
    if block is None:
        return False
    after = block[block.index(statement) + 1 :]
    if isinstance(start, ast.NamedExpr) and isinstance(statement, ast.If):
        after = statement.body
    if not within(site, use.node, after):
        return False
    for binding in site.scope.bindings.get(position, []):
        node = site.module.statement(binding.node) if isinstance(binding.node, ast.stmt) else None
        if node is None or not within(site, node, after):
            continue
        if node.lineno < use.node.lineno or _share_inner_loop(site, node, use.node, start):
            return False
    return True


def _share_inner_loop(site: Site, first: ast.AST, second: ast.AST, start: ast.AST) -> bool:
    around = [
        each for each in site.module.ancestors(first) if isinstance(each, ast.For | ast.While)
    ]
    return any(within(site, second, [each]) and not within(site, start, [each]) for each in around)


def _is_never_negative(site: Site, name: str) -> bool | None:
    """Return whether a name is surely never negative; None when it may well be."""
    sure = True
    for binding in site.scope.bindings.get(name, []):
        node, value = binding.node, binding.value
        if isinstance(node, ast.arg):
            kind = site.kinds.of_parameter(site.function, node)
            if kind is None or kind.name not in ("int", "number"):
                return None
            sure = False
        elif isinstance(node, ast.AugAssign):
            if not isinstance(node.op, ast.Add) or not _is_count(site, node.value):
                return None
        elif isinstance(node, ast.For):
            if not is_name(node.target, name) or not counts_up(site, node.iter):
                return None
        elif value is None or not _is_count(site, value):
            return None
    return sure if name in site.scope.bindings else None


def _is_count(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a length, a place in a text, or a number from 0 up."""
    number = int_value(node)
    if number is not None:
        return number >= 0
    if not isinstance(node, ast.Call):
        return False
    if site.module.qualified(node.func) == "len":
        return True
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in ("start", "end"):
        return False
    return site.kinds.is_a(node.func.value, "match")
