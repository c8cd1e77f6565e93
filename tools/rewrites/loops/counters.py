"""Counters: `while` loops that count up, which a `for` over a range counts in compiled code."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import Loop, invariance_in, is_pure_expression
from ..reading.scopes import FUNCTIONS
from ..reading.syntax import assigned_name, int_value, is_name
from ..reading.uses import Use, is_private_local, is_seen_on_failure, uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, ForInstead


class CountedLoop:
    """Lets a range count."""

    name = "counted-loop"
    summary = "`i = 0` and `while i < n:` with `i += 1` at its end become `for i in range(n):`."
    why_right = (
        "The bound stays the same during the loop, the counter changes only at the loop's end, "
        "and nobody reads it after the loop."
    )
    risk: Risk = "low"
    promise = 0.3
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each loop that counts."""
        for loop in site.scope.of_type(ast.While):
            change = _change(site, loop)
            if change is not None:
                yield change


def _change(site: Site, loop: ast.While) -> Change | None:
    counted, block = _counted(loop), site.module.block(loop)
    if counted is None or block is None or loop.orelse or len(loop.body) < 2:
        return None
    name, bound, is_included = counted
    start = _start(site, block, loop, name)
    if start is None or not is_private_local(site, name) or not _only_counts(site, loop, name):
        return None
    if not _stays(site, loop, bound) or _is_read_after(site, block, start, loop, name):
        return None
    assert isinstance(start, ast.Assign)
    first, last = site.module.segment(start.value), site.module.segment(bound)
    last = f"{last} + 1" if is_included else last
    limits = last if int_value(start.value) == 0 else f"{first}, {last}"
    return Change(
        line=loop.lineno,
        last_line=loop.end_lineno,
        hypothesis=f"`{name}` is compared and added to in every iteration; a range counts in "
        "compiled code",
        edits=(ForInstead(loop, name, f"range({limits})"), Delete(loop.body[-1]), Delete(start)),
        risk="low",
    )


def _counted(loop: ast.While) -> tuple[str, ast.expr, bool] | None:
    """Return the counter, its bound and whether it reaches that, for `while i < n` that counts."""
    match loop.test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE()], comparators=[bound]):
            last = loop.body[-1]
            counts = (
                isinstance(last, ast.AugAssign)
                and is_name(last.target, name)
                and isinstance(last.op, ast.Add)
                and int_value(last.value) == 1
            )
            if counts:
                return name, bound, isinstance(loop.test.ops[0], ast.LtE)
    return None


def _start(site: Site, block: list[ast.stmt], loop: ast.While, name: str) -> ast.stmt | None:
    """Return the statement above the loop that starts the counter, with nothing of it between."""
    for statement in reversed(block[: block.index(loop)]):
        if not any(within(site, use.node, [statement]) for use in uses_of(site, name)):
            continue
        if assigned_name(statement) != name or not isinstance(statement, ast.Assign):
            return None
        value = statement.value
        between = block[block.index(statement) + 1 : block.index(loop)]
        if int_value(value) is None and (between or not is_pure_expression(site, value)):
            return None
        return statement if site.kinds.is_a(value, "int") else None
    return None


def _only_counts(site: Site, loop: ast.While, name: str) -> bool:
    """Return whether every iteration ends by adding one, and does nothing else to the counter."""
    inside = [use for use in uses_of(site, name) if within(site, use.node, [loop])]
    changes = [use for use in inside if not isinstance(use.node.ctx, ast.Load)]
    return len(changes) == 1 and not any(_continues(each) for each in loop.body)


def _continues(node: ast.AST) -> bool:
    """Return whether a part of a loop's body may start its next iteration."""
    if isinstance(node, ast.Continue):
        return True
    if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
        return False
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        return any(map(_continues, node.orelse))
    return any(map(_continues, ast.iter_child_nodes(node)))


def _stays(site: Site, loop: ast.While, bound: ast.expr) -> bool:
    """Return whether the bound is an integer that is the same in every iteration."""
    if not site.kinds.is_a(bound, "int") or not is_pure_expression(site, bound):
        return False
    around = Loop(loop, (loop.test, *loop.body), frozenset())
    return invariance_in(site, around).holds(bound)


def _is_read_after(
    site: Site, block: list[ast.stmt], start: ast.stmt, loop: ast.While, name: str
) -> bool:
    """Return whether anything may see the value that the loop leaves in its counter."""
    again = next(
        (each for each in block[block.index(loop) + 1 :] if assigned_name(each) == name), None
    )
    outer = [each for each in site.module.ancestors(loop) if isinstance(each, ast.For | ast.While)]
    outside = [use for use in uses_of(site, name) if not within(site, use.node, [loop, start])]
    return is_seen_on_failure(site, loop, name) or any(
        not _is_before(site, use, start, outer) and not _is_behind(site, use, again)
        for use in outside
    )


def _is_before(site: Site, use: Use, start: ast.stmt, outer: list[ast.For | ast.While]) -> bool:
    """Return whether a use comes before the counter starts, and never after it."""
    return use.node.lineno < start.lineno and not within(site, use.node, outer)


def _is_behind(site: Site, use: Use, again: ast.stmt | None) -> bool:
    """Return whether the counter has a new value before a use after the loop."""
    if again is None or use.node.lineno < again.lineno:
        return False
    is_target = site.module.statement(use.node) is again and use.kind == "bind"
    return is_target or use.node.lineno > (again.end_lineno or again.lineno)
