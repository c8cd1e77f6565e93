"""Queues: lists that lose or gain elements at their front."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import loops_around
from ..reading.syntax import (
    assigned_name,
    int_value,
    is_empty_container,
    is_name,
    is_plain_call,
    method_statement,
)
from ..reading.uses import Use, is_private_local, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Edit, InsertAfter, Replace

_SAME_ON_BOTH = frozenset(
    ("append", "extend", "clear", "count", "index", "remove", "reverse", "insert")
)


class DequeForList:
    """Makes a list that is used as a queue a `collections.deque`."""

    name = "deque-for-list"
    summary = "A list whose front is popped or pushed in a loop becomes a collections.deque."
    why_right = (
        "The function uses the list only in ways that a deque answers alike, and nobody else gets "
        "hold of it."
    )
    risk: Risk = "low"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each local list used as a queue."""
        for name, bound in site.scope.bindings.items():
            if not is_private_local(site, name):
                continue
            starts = [binding.node for binding in bound if binding.value is not None]
            if len(starts) != len(bound) or len(starts) != 1:
                continue
            start = starts[0]
            if isinstance(start, ast.Assign | ast.AnnAssign) and assigned_name(start) == name:
                change = _as_deque(site, name, start)
                if change is not None:
                    yield change


def _as_deque(site: Site, name: str, start: ast.Assign | ast.AnnAssign) -> Change | None:
    assert start.value is not None
    if not _makes_list(site, start.value):
        return None
    edits: list[Edit] = []
    fronts: list[Use] = []
    for use in uses_of(site, name):
        edit = _front_edit(site, use)
        if edit is not None:
            edits.append(edit)
            if loops_around(site, use.node):
                fronts.append(use)
        elif not _works_on_deque(site, use, start):
            return None
    found = site.module.reference("collections.deque")
    if not fronts or found is None or _changes_while_iterated(site, name):
        return None
    deque, imports = found
    made = "" if is_empty_container(site.module, start.value, "list") else _contents(site, start)
    edits.append(Replace(start.value, f"{deque}({made})"))
    if isinstance(start, ast.AnnAssign):
        named = (
            start.annotation.value
            if isinstance(start.annotation, ast.Subscript)
            else start.annotation
        )
        edits.append(Replace(named, deque))
    return Change(
        line=fronts[0].node.lineno,
        hypothesis=f"taking from the front of the list `{name}` moves every other element; a deque "
        "moves none",
        edits=(*edits, *imports),
        risk="low",
    )


def _makes_list(site: Site, value: ast.expr) -> bool:
    if isinstance(value, ast.List | ast.ListComp):
        return True
    return isinstance(value, ast.Call) and site.module.qualified(value.func) in ("list", "sorted")


def _contents(site: Site, start: ast.Assign | ast.AnnAssign) -> str:
    value = start.value
    assert value is not None
    if isinstance(value, ast.Call) and site.module.qualified(value.func) == "list":
        value = value.args[0] if is_plain_call(value, arguments=1) else value
    return site.module.segment(value)


def _front_edit(site: Site, use: Use) -> Edit | None:
    """Return the edit for `pop(0)`, `del q[0]` and `insert(0, x)`, None for any other use."""
    if use.kind == "delete item" and isinstance(use.parent, ast.Subscript):
        statement = site.module.statement(use.node)
        is_all = isinstance(statement, ast.Delete) and len(statement.targets) == 1
        is_front = is_all and int_value(use.parent.slice) == 0
        return Replace(statement, f"{use.node.id}.popleft()") if is_front else None
    if use.kind != "method":
        return None
    call = use.call
    name = use.node.id
    if use.name == "pop" and is_plain_call(call, arguments=1) and int_value(call.args[0]) == 0:
        return Replace(call, f"{name}.popleft()")
    if use.name == "insert" and is_plain_call(call, arguments=2) and int_value(call.args[0]) == 0:
        return Replace(call, f"{name}.appendleft({site.module.segment(call.args[1])})")
    return None


def _works_on_deque(site: Site, use: Use, start: ast.stmt) -> bool:
    match use.kind:
        case "method":
            return use.name in _SAME_ON_BOTH or (use.name == "pop" and not use.call.args)
        case "bind":
            return site.module.statement(use.node) is start
        case "truth" | "membership" | "iterate" | "set item" | "delete item":
            return not isinstance(getattr(use.parent, "slice", None), ast.Slice)
        case "index":
            # A deque is slow in its middle, so only the ends count.
            return isinstance(use.parent, ast.Subscript) and int_value(use.parent.slice) in (0, -1)
        case "argument":
            return use.name in (
                "len",
                "list",
                "sorted",
                "set",
                "tuple",
                "sum",
                "min",
                "max",
                "bool",
            )
        case "augment":
            return isinstance(use.parent, ast.AugAssign) and isinstance(use.parent.op, ast.Add)
    return False


def _changes_while_iterated(site: Site, name: str) -> bool:
    """Return whether the list changes in a loop over itself, which a deque refuses."""
    for use in uses_of(site, name):
        if use.kind != "iterate":
            continue
        around = use.parent
        body = around.body if isinstance(around, ast.For) else [around]
        for other in uses_of(site, name):
            changes = other.kind in ("method", "augment", "set item", "delete item")
            if changes and within(site, other.node, body):
                return True
    return False


class AppendThenReverse:
    """Builds a list backwards with `append`, and reverses it once."""

    name = "append-then-reverse"
    summary = "A list that a loop builds with `insert(0, x)` is appended to and reversed after it."
    why_right = (
        "The loop does nothing else with the list, which starts empty: the order is the same."
    )
    risk: Risk = "low"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list and loop."""
        for loop in [*site.scope.of_type(ast.For), *site.scope.of_type(ast.While)]:
            block = site.module.block(loop)
            if block is None or loop.orelse:
                continue
            for name in sorted(site.scope.bindings):
                if is_private_local(site, name):
                    change = _reversed_build(site, block, loop, name)
                    if change is not None:
                        yield change


def _reversed_build(
    site: Site, block: list[ast.stmt], loop: ast.For | ast.While, name: str
) -> Change | None:
    inside = [use for use in uses_of(site, name) if within(site, use.node, [loop])]
    start = next(
        (
            each
            for each in reversed(block[: block.index(loop)])
            if any(within(site, use.node, [each]) for use in uses_of(site, name))
        ),
        None,
    )
    if start is None or assigned_name(start) != name or not inside:
        return None
    assert isinstance(start, ast.Assign | ast.AnnAssign)
    if not is_empty_container(site.module, start.value, "list"):
        return None
    edits: list[Edit] = []
    for use in inside:
        call = method_statement(site.module.statement(use.node), "insert")
        if call is None or call is not use.parent or not is_plain_call(call, arguments=2):
            return None
        if int_value(call.args[0]) != 0 or any(is_name(each, name) for each in walk(call.args[1])):
            return None
        edits.append(Replace(call, f"{name}.append({site.module.segment(call.args[1])})"))
    for around in site.module.ancestors(loop):
        if isinstance(around, ast.Try):
            return None
    return Change(
        line=inside[0].node.lineno,
        hypothesis=f"`{name}.insert(0, …)` moves every element of the list each time; appending "
        "and reversing once gives the same list",
        edits=(*edits, InsertAfter(loop, f"{name}.reverse()")),
        risk="low",
    )
