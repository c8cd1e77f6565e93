"""Equalities: searches for one value, spelled out element by element."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import MAPPINGS
from ..reading.syntax import is_name, is_plain_call
from ..reading.uses import uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, Replace

_SEARCHED = ("list", "tuple", "set", "frozenset", "deque", "range", "view", *MAPPINGS)
_EQUAL_TO_ITSELF = ("str", "int", "bool", "bytes", "NoneType")
"""Kinds of which every value equals itself, as a NaN does not, and hashes as it compares."""


class MembershipForAny:
    """Asks a container whether it holds a value."""

    name = "membership-for-any"
    summary = (
        "`any(x == y for x in xs)`, and a loop that returns True when it meets `y`, become "
        "`y in xs`."
    )
    why_right = (
        "`in` is true when an element is, or equals, the value, and the value is one that equals "
        "itself; elements of a set or dict hash as they compare."
    )
    risk: Risk = "low"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such search."""
        for call in site.scope.of_type(ast.Call):
            edit = _asked(site, call)
            if edit is not None:
                yield _change(call, [edit])
        for loop in site.scope.of_type(ast.For):
            edits = _searched(site, loop)
            if edits is not None:
                yield _change(loop, edits)


def _change(node: ast.expr | ast.stmt, edits: list[Edit]) -> Change:
    return Change(
        line=node.lineno,
        last_line=node.end_lineno,
        hypothesis="elements are compared one by one; `in` compares them in compiled code",
        edits=tuple(edits),
        risk="low",
    )


def _asked(site: Site, call: ast.Call) -> Edit | None:
    """Return the edit that asks what `any(x == y for …)` and `all(x != y for …)` ask."""
    name = site.module.qualified(call.func)
    if name not in ("any", "all") or not is_plain_call(call, arguments=1):
        return None
    built = call.args[0]
    if not isinstance(built, ast.GeneratorExp | ast.ListComp) or len(built.generators) != 1:
        return None
    clause = built.generators[0]
    if clause.ifs or clause.is_async or not isinstance(clause.target, ast.Name):
        return None
    operator = ast.Eq if name == "any" else ast.NotEq
    value = _compared(site, built.elt, clause.target.id, operator)
    if value is None or not _holds(site, clause.iter, value):
        return None
    parent = site.module.parents[call]
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return Replace(parent, _membership(site, value, clause.iter, is_in=name == "all"))
    return Replace(call, _membership(site, value, clause.iter, is_in=name == "any"))


def _membership(site: Site, value: ast.expr, container: ast.expr, *, is_in: bool) -> str:
    operator = "in" if is_in else "not in"
    return f"{site.module.segment(value)} {operator} {site.module.segment(container)}"


def _compared(site: Site, test: ast.expr, name: str, operator: type[ast.cmpop]) -> ast.expr | None:
    """Return what an element is compared with, None for any other test."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.ops[0], operator):
        return None
    sides = (test.left, test.comparators[0])
    for element, value in (sides, sides[::-1]):
        is_plain = isinstance(value, ast.Name | ast.Constant) and not is_name(value, name)
        if is_name(element, name) and is_plain and site.kinds.is_a(value, *_EQUAL_TO_ITSELF):
            return value
    return None


def _holds(site: Site, container: ast.expr, value: ast.expr) -> bool:
    """Return whether `in` a container goes by what going through it yields."""
    if not isinstance(container, ast.Name | ast.Attribute | ast.Call):
        return False
    if site.kinds.is_a(container, "str"):
        # In a string only a single character is found as an element would be.
        text = value.value if isinstance(value, ast.Constant) else None
        return isinstance(text, str) and len(text) == 1
    return site.kinds.is_a(container, *_SEARCHED)


def _searched(site: Site, loop: ast.For) -> list[Edit] | None:
    """Return the edits of `for x in xs: if x == y: return True` before `return False`."""
    block = site.module.block(loop)
    if block is None or loop.orelse or not isinstance(loop.target, ast.Name):
        return None
    match loop.body:
        case [ast.If(test=test, body=[ast.Return(value=found)], orelse=[])]:
            value = _compared(site, test, loop.target.id, ast.Eq)
        case _:
            return None
    following = block[block.index(loop) + 1 :]
    missed = following[0] if following else None
    if value is None or not isinstance(missed, ast.Return) or not _holds(site, loop.iter, value):
        return None
    answers = (_truth(found), _truth(missed.value))
    if answers not in ((True, False), (False, True)):
        return None
    name = loop.target.id
    if name in site.scope.declared_elsewhere | site.scope.names_inside_nested:
        return None
    if any(not within(site, use.node, [loop]) for use in uses_of(site, name)):
        return None
    text = _membership(site, value, loop.iter, is_in=answers[0] is True)
    return [Replace(loop, f"return {text}"), Delete(missed)]


def _truth(node: ast.expr | None) -> bool | None:
    """Return the value of `True` or `False`, None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    return None
