"""Counting: dicts of counts filled one element at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression, names_read
from ..reading.scopes import target_names
from ..reading.syntax import (
    assigned_name,
    int_value,
    is_empty_container,
    is_name,
    is_plain_call,
    same,
)
from ..reading.uses import is_seen_on_failure
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Replace
from .comprehensions import (
    binds_names_only,
    element_text,
    is_just,
    is_needed_after,
    is_plain_local,
)


class CountedAtOnce:
    """Counts with a Counter instead of one dict update at a time."""

    name = "count-at-once"
    summary = "A loop that only counts into a new dict becomes a collections.Counter."
    why_right = (
        "Counter counts the same values in the same order of first appearance, in compiled code; "
        "the result is made the same type of dict as before."
    )
    risk: Risk = "low"
    promise = 0.4
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each counting loop."""
        for loop in site.scope.of_type(ast.For):
            block = site.module.block(loop)
            if block is None or block.index(loop) == 0 or loop.orelse:
                continue
            start = block[block.index(loop) - 1]
            name = assigned_name(start)
            found = site.module.reference("collections.Counter")
            if name is None or found is None or not is_plain_local(site, name):
                continue
            assert isinstance(start, ast.Assign | ast.AnnAssign)
            counted = _counted(site, loop, name)
            kind = _dict_kind(site, start.value)
            if counted is None or kind is None or (kind == "dict" and counted[1]):
                continue
            if not _loop_leaves_nothing(site, loop, name, counted[0]):
                continue
            counter, imports = found
            made = _made(site, start, loop, counted[0], counter, kind)
            target = start.targets[0] if isinstance(start, ast.Assign) else start.target
            head = site.module.segment(target)
            if isinstance(start, ast.AnnAssign):
                head += f": {site.module.segment(start.annotation)}"
            yield Change(
                line=loop.lineno,
                last_line=loop.end_lineno,
                hypothesis=f"`{name}` counts one element at a time; a Counter counts all of them "
                "in compiled code",
                edits=(Replace(loop, f"{head} = {made}"), Delete(start), *imports),
                risk=self.risk,
            )


def _dict_kind(site: Site, value: ast.expr | None) -> str | None:
    """Return `dict` or `defaultdict` when that is what a statement makes, empty."""
    if is_empty_container(site.module, value, "dict"):
        return "dict"
    if isinstance(value, ast.Call) and is_plain_call(value, arguments=1):
        is_default = site.module.qualified(value.func) == "collections.defaultdict"
        if is_default and site.module.qualified(value.args[0]) == "int":
            return "defaultdict"
    return None


def _made(
    site: Site,
    start: ast.Assign | ast.AnnAssign,
    loop: ast.For,
    key: ast.expr,
    counter: str,
    kind: str,
) -> str:
    iterable = site.module.segment(loop.iter, in_brackets=True)
    if is_just(loop.target, key):
        counted = iterable
    else:
        text = element_text(site, key)
        counted = f"{text} for {site.module.segment(loop.target)} in {iterable}"
    if kind == "dict":
        return f"dict({counter}({counted}))"
    assert isinstance(start.value, ast.Call)
    return f"{site.module.segment(start.value.func)}(int, {counter}({counted}))"


def _counted(site: Site, loop: ast.For, name: str) -> tuple[ast.expr, bool] | None:
    """Return what a loop counts, and whether it leans on a default value.

    Knows `d[k] = d.get(k, 0) + 1`, `d[k] += 1` and the `if k in d … else …` forms.
    """
    if len(loop.body) == 1:
        return _one_count(site, loop.body[0], name)
    test, then = loop.body[0], loop.body[-1]
    if len(loop.body) == 2 and isinstance(test, ast.If):
        # if k not in d: d[k] = 0; d[k] += 1
        counted = _one_count(site, then, name)
        if counted is None or not counted[1] or test.orelse or len(test.body) != 1:
            return None
        fills = _set_to(test.body[0], name, 0)
        tests = _tests_key(test.test, name, ast.NotIn)
        if (
            fills is not None
            and tests is not None
            and same(fills, tests)
            and same(fills, counted[0])
        ):
            return counted[0], False
    return None


def _one_count(site: Site, statement: ast.stmt, name: str) -> tuple[ast.expr, bool] | None:
    if isinstance(statement, ast.AugAssign):
        target = statement.target
        adds_one = isinstance(statement.op, ast.Add) and int_value(statement.value) == 1
        if adds_one and isinstance(target, ast.Subscript) and is_name(target.value, name):
            return target.slice, True
    elif isinstance(statement, ast.Assign):
        return _counted_by_get(statement, name)
    elif isinstance(statement, ast.If) and len(statement.body) == len(statement.orelse) == 1:
        first, second = statement.body[0], statement.orelse[0]
        present = _tests_key(statement.test, name, ast.In)
        absent = _tests_key(statement.test, name, ast.NotIn)
        if absent is not None:
            first, second, present = second, first, absent
        counted = _one_count(site, first, name) if present is not None else None
        fills = _set_to(second, name, 1)
        if present is None or counted is None or fills is None:
            return None
        if same(present, fills) and same(present, counted[0]):
            return present, False
    return None


def _counted_by_get(statement: ast.Assign, name: str) -> tuple[ast.expr, bool] | None:
    target, value = statement.targets[0], statement.value
    if len(statement.targets) != 1 or not isinstance(target, ast.Subscript):
        return None
    if not isinstance(value, ast.BinOp) or not isinstance(value.op, ast.Add):
        return None
    call = value.left
    if int_value(value.right) != 1 or not isinstance(call, ast.Call):
        return None
    is_get = isinstance(call.func, ast.Attribute) and call.func.attr == "get"
    if not is_get or not is_plain_call(call, arguments=2) or int_value(call.args[1]) != 0:
        return None
    assert isinstance(call.func, ast.Attribute)
    both = is_name(target.value, name) and is_name(call.func.value, name)
    return (target.slice, False) if both and same(target.slice, call.args[0]) else None


def _set_to(statement: ast.stmt, name: str, value: int) -> ast.expr | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        is_item = isinstance(target, ast.Subscript) and is_name(target.value, name)
        if is_item and int_value(statement.value) == value:
            return target.slice  # pyright: ignore[reportAttributeAccessIssue]
    return None


def _tests_key(test: ast.expr, name: str, operator: type[ast.cmpop]) -> ast.expr | None:
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], operator) and len(test.ops) == 1:
        return test.left if is_name(test.comparators[0], name) else None
    return None


def _loop_leaves_nothing(site: Site, loop: ast.For, name: str, key: ast.expr) -> bool:
    """Return whether the loop counts and does nothing else that could be noticed."""
    targets = target_names(loop.target)
    if name in names_read(key) | targets | names_read(loop.iter):
        return False
    if not is_pure_expression(site, key) or not binds_names_only(loop.target):
        return False
    if any(is_needed_after(site, loop, target) for target in targets):
        return False
    return not is_seen_on_failure(site, loop, name)
