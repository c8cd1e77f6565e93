"""Joins: a sequence searched whole for what belongs to each element of another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import (
    Invariance,
    anchor,
    comprehension_loop,
    for_loop,
    invariance_in,
    is_pure_expression,
    loops_around,
    names_read,
)
from ..reading.scopes import COMPREHENSIONS, FUNCTIONS, Comprehension, target_names
from ..reading.syntax import describe, operand_text, same
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertBefore, Replace
from .membership import hashing_risk

_JOINED = ("list", "tuple", "range", "dict", "set", "frozenset", "view")


class JoinIndex:
    """Groups the inner sequence of a nested search by the value it is searched for."""

    name = "join-index"
    summary = "A loop over a whole sequence for those with `b.key == value` becomes a dict lookup."
    why_right = (
        "The inner sequence stays the same during the outer loop; grouping it by the compared "
        "value keeps its order, so the same elements come in the same order. Values must be "
        "hashable and hash as they compare; a NaN would find itself."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each nested search."""
        for loop in site.scope.of_type(ast.For):
            change = _joined_statement(site, loop)
            if change is not None:
                yield change
        for node in site.scope.nodes:
            if isinstance(node, COMPREHENSIONS):
                change = _joined_comprehension(site, node)
                if change is not None:
                    yield change


def _joined_statement(site: Site, loop: ast.For) -> Change | None:
    """Change `for b in bs: if b.key == value: …` inside another loop."""
    if len(loop.body) != 1 or not isinstance(loop.body[0], ast.If):
        return None
    test = loop.body[0]
    if test.orelse or not isinstance(loop.target, ast.Name):
        return None
    found = _join_parts(site, test.test, loop.target.id)
    if found is None:
        return None
    key, value, rest = found
    outer = _outer_loop(site, loop, loop.iter, key, loop.target.id)
    if outer is None or _changes(site, for_loop(loop).region, loop.target.id, key):
        return None
    name, build = _grouping(site, loop.target.id, loop.iter, key)
    edits: list[Edit] = [
        InsertBefore(anchor(site, outer.loop), build),
        Replace(loop.iter, f"{name}.get({site.module.segment(value)}, ())"),
    ]
    edits.append(Replace(test.test, rest or "True"))
    if not rest:
        body = body_text(site, test)
        if body is None:
            return None
        edits[-1] = Replace(test, body)
    return _join_change(site, loop, key, value, edits)


def body_text(site: Site, test: ast.If) -> str | None:
    """Return the statements under an `if` at column 0; None when their layout forbids moving."""
    first, last = test.body[0], test.body[-1]
    if first.lineno == test.lineno:
        return site.module.segment(first) if first is last else None
    if any(
        isinstance(node, ast.Constant | ast.JoinedStr)
        and (node.end_lineno or node.lineno) > node.lineno
        for each in test.body
        for node in walk(each)
    ):
        return None
    margin = first.col_offset
    lines = "".join(site.module.lines[test.lineno : last.end_lineno]).split("\n")
    if any(line[:margin].strip() for line in lines):
        return None
    return "\n".join(line[margin:] for line in lines)


def _joined_comprehension(site: Site, node: Comprehension) -> Change | None:
    """Change a `for b in bs if b.key == value` clause that is inside another loop."""
    for index, clause in enumerate(node.generators):
        if not clause.ifs or clause.is_async or not isinstance(clause.target, ast.Name):
            continue
        found = _join_parts(site, clause.ifs[0], clause.target.id)
        if found is None:
            continue
        key, value, rest = found
        outer = _outer_loop(site, node, clause.iter, key, clause.target.id, inner_clause=index > 0)
        if outer is None:
            continue
        later = {
            name for each in node.generators[index + 1 :] for name in target_names(each.target)
        }
        if names_read(value) & later:
            continue
        name, build = _grouping(site, clause.target.id, clause.iter, key)
        lookup = f"{name}.get({site.module.segment(value)}, ())"
        edits: list[Edit] = [
            InsertBefore(anchor(site, outer.loop), build),
            Replace(clause.iter, lookup),
        ]
        if rest:
            edits.append(Replace(clause.ifs[0], rest))
        else:
            whole = _clauses_text(site, node, index, lookup)
            if whole is None:
                continue
            edits = [edits[0], Replace(node, whole)]
        return _join_change(site, node, key, value, edits)
    return None


def _clauses_text(site: Site, node: Comprehension, index: int, lookup: str) -> str | None:
    """Return a comprehension's text with one clause's iterable replaced and its test dropped."""
    clauses: list[str] = []
    for number, clause in enumerate(node.generators):
        ifs = clause.ifs[1:] if number == index else clause.ifs
        iterable = lookup if number == index else site.module.segment(clause.iter)
        tests = "".join(f" if {site.module.segment(each)}" for each in ifs)
        target = site.module.segment(clause.target)
        clauses.append(f"for {target} in {iterable}{tests}")
    joined = " ".join(clauses)
    match node:
        case ast.ListComp(elt=element):
            return f"[{site.module.segment(element)} {joined}]"
        case ast.SetComp(elt=element):
            return f"{{{site.module.segment(element)} {joined}}}"
        case ast.DictComp(key=key, value=value):
            return f"{{{site.module.segment(key)}: {site.module.segment(value)} {joined}}}"
        case ast.GeneratorExp(elt=element):
            return f"({site.module.segment(element)} {joined})"
    return None


def _join_parts(site: Site, test: ast.expr, target: str) -> tuple[ast.expr, ast.expr, str] | None:
    """Return the compared key and value, and what else the test demands.

    The key depends on the inner element alone, the value not on it.
    """
    first, rest = test, ""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        first = test.values[0]
        rest = " and ".join(operand_text(site.module, each) for each in test.values[1:])
    if not isinstance(first, ast.Compare) or len(first.ops) != 1:
        return None
    if not isinstance(first.ops[0], ast.Eq):
        return None
    sides = (first.left, first.comparators[0])
    for key, value in (sides, sides[::-1]):
        reads_target = target in names_read(key) and target not in names_read(value)
        if not reads_target or not is_pure_expression(site, key):
            continue
        if not is_pure_expression(site, value) or isinstance(value, ast.Constant):
            continue
        return key, value, rest
    return None


def _outer_loop(
    site: Site,
    inner: ast.stmt | ast.expr,
    iterable: ast.expr,
    key: ast.expr,
    target: str,
    *,
    inner_clause: bool = False,
) -> Invariance | None:
    """Return the outermost loop in which the inner sequence and the meaning of its keys stay."""
    if not isinstance(iterable, ast.Name | ast.Attribute):
        return None
    if not site.kinds.is_a(iterable, *_JOINED) and not _is_iterated_again(site, iterable):
        return None
    best: Invariance | None = None
    loops = loops_around(site, inner)
    if inner_clause and isinstance(inner, COMPREHENSIONS):
        # The clauses before this one are the loop around it.
        loops = [comprehension_loop(inner), *loops]
    attributes = {each.attr for each in walk(key) if isinstance(each, ast.Attribute)}
    free = names_read(key) - {target}
    for loop in loops:
        invariance = invariance_in(site, loop)
        if not invariance.holds(iterable) or free & invariance.bound:
            break
        if attributes & invariance.effects.attribute_names:
            break
        best = invariance
    return best


def _is_iterated_again(site: Site, iterable: ast.expr) -> bool:
    """Return whether a variable of unknown kind is surely no one-shot iterator."""
    function = site.module.enclosing_function(iterable)
    if function is None or not isinstance(function, FUNCTIONS):
        return False
    for node in site.scope.nodes:
        if isinstance(node, ast.Subscript) and same(node.value, iterable):
            return True
        if not isinstance(node, ast.Call) or not node.args:
            continue
        if site.module.qualified(node.func) == "len" and same(node.args[0], iterable):
            return True
    return site.kinds.is_a(iterable, "sequence")


def _changes(site: Site, region: tuple[ast.AST, ...], target: str, key: ast.expr) -> bool:
    """Return whether the loop's body may change the elements' keys or rebind their name."""
    effects = site.effects.of(region)
    attributes = {each.attr for each in walk(key) if isinstance(each, ast.Attribute)}
    if target in effects.bound or attributes & effects.attribute_names:
        return True
    reads_items = any(isinstance(each, ast.Subscript) for each in walk(key))
    return target in effects.mutated and (reads_items or isinstance(key, ast.Name | ast.Call))


def _grouping(site: Site, target: str, iterable: ast.expr, key: ast.expr) -> tuple[str, str]:
    """Return the name of the dict of groups and the statements that build it."""
    name = site.fresh_name(f"{describe(iterable)}_by_{describe(key)}")
    each = site.fresh_name(f"each_{target}")
    renamed = ast.unparse(
        _Renamed(target, each).visit(ast.parse(ast.unparse(key), mode="eval").body)
    )
    text = site.module.segment(iterable)
    return name, (
        f"{name} = {{}}\nfor {each} in {text}:\n"
        f"    {name}.setdefault({renamed}, []).append({each})\n"
    )


class _Renamed(ast.NodeTransformer):
    """Gives one name another spelling."""

    def __init__(self, old: str, new: str) -> None:
        self._old = old
        self._new = new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._new, node.ctx) if node.id == self._old else node


def _join_change(
    site: Site, node: ast.stmt | ast.expr, key: ast.expr, value: ast.expr, edits: list[Edit]
) -> Change | None:
    risk = hashing_risk(site, [site.kinds.of(key)], site.kinds.is_hashable(key), [value])
    if risk is None:
        return None
    last = node.end_lineno or node.lineno
    return Change(
        line=node.lineno,
        last_line=node.body[0].lineno if isinstance(node, ast.For) else last,
        hypothesis=f"every element is compared with `{ast.unparse(value)}` each time round the "
        "outer loop; elements grouped by that key once are found at once",
        edits=tuple(edits),
        risk=risk,
    )
