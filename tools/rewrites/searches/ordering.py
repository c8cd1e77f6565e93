"""Ordering: sorting everything where only the ends, or one new element's place, are wanted."""

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
from ..reading.uses import is_private_local, uses_of, within
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, Replace


class EndsOfSorted:
    """Takes the smallest or largest directly instead of sorting everything."""

    name = "ends-of-sorted"
    summary = "`sorted(x)[0]` becomes `min(x)`, `sorted(x)[:k]` becomes `heapq.nsmallest(k, x)`."
    why_right = (
        "heapq documents nsmallest and nlargest as equal to the slice of the sorted list, ties "
        "included, and min and max keep the first of equals, as a stable sort does at its front. "
        "An empty input raises ValueError in place of IndexError."
    )
    risk: Risk = "medium"
    promise = 0.6
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each sort whose ends alone are used."""
        for node in site.scope.of_type(ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                continue
            if _is_sorted(site, node.value):
                assert isinstance(node.value, ast.Call)
                yield from self._change(site, node, node.value, [])
            elif isinstance(node.value, ast.Name):
                yield from self._through_variable(site, node, node.value.id)

    def _through_variable(self, site: Site, node: ast.Subscript, name: str) -> Iterator[Change]:
        """Handle `ranked = sorted(x)` whose only other use is `ranked[:k]`."""
        bound = site.scope.bindings.get(name, [])
        if len(bound) != 1 or not is_private_local(site, name) or len(uses_of(site, name)) != 2:
            return
        value, statement = bound[0].value, bound[0].node
        if value is None or not isinstance(statement, ast.Assign) or not _is_sorted(site, value):
            return
        block = site.module.block(statement)
        user = site.module.statement(node)
        # The two must stand together, or what is sorted may change in between.
        if block is None or user not in block or block.index(user) != block.index(statement) + 1:
            return
        if isinstance(user, ast.For | ast.While) and within(site, node, user.body):
            return
        assert isinstance(value, ast.Call)
        yield from self._change(site, node, value, [Delete(statement, site.module.segment(value))])

    def _change(
        self, site: Site, node: ast.Subscript, call: ast.Call, more: list[Edit]
    ) -> Iterator[Change]:
        reverse = _reverse(call)
        if reverse is None or len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
            return
        found = _first_ones(site, node, call, reverse) or _end(site, node, call, reverse)
        if found is None:
            return
        edits, risk, said = found
        yield Change(
            line=call.lineno,
            hypothesis=f"everything is sorted where {said} would do, which takes one pass",
            edits=(*edits, *more),
            risk=risk,
        )


def _is_sorted(site: Site, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and site.module.qualified(node.func) == "sorted"


def _reverse(call: ast.Call) -> bool | None:
    """Return the value of `reverse`, None when it is no constant."""
    for keyword in call.keywords:
        if keyword.arg == "reverse":
            is_known = isinstance(keyword.value, ast.Constant)
            return bool(keyword.value.value) if is_known else None  # pyright: ignore[reportAttributeAccessIssue]
        if keyword.arg is None:
            return None
    return False


def _key(site: Site, call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg == "key":
            return f", key={site.module.segment(keyword.value)}"
    return ""


def _end(
    site: Site, node: ast.Subscript, call: ast.Call, reverse: bool
) -> tuple[list[Edit], Risk, str] | None:
    index = int_value(node.slice)
    if index not in (0, -1):
        return None
    key, text = _key(site, call), site.module.segment(call.args[0])
    wants_least = (index == 0) != reverse
    name = "min" if wants_least else "max"
    risk: Risk = "medium"
    if index == -1:
        element = site.kinds.element(call.args[0])
        same_if_equal = not key and element is not None and element.name in ("str", "int", "bytes")
        if not same_if_equal:
            # The last of equals stands at the end; min and max give the first.
            if not site.kinds.is_a(call.args[0], "list", "tuple"):
                return None
            text = f"reversed({text})"
    return [Replace(node, f"{name}({text}{key})")], risk, name


def _first_ones(
    site: Site, node: ast.Subscript, call: ast.Call, reverse: bool
) -> tuple[list[Edit], Risk, str] | None:
    part = node.slice
    if not isinstance(part, ast.Slice) or part.lower or part.step or part.upper is None:
        return None
    count = int_value(part.upper)
    if (count is not None and count < 1) or _is_negative(part.upper):
        return None
    name = "nlargest" if reverse else "nsmallest"
    found = site.module.reference(f"heapq.{name}")
    if found is None:
        return None
    function, imports = found
    text = site.module.segment(call.args[0])
    size = site.module.segment(part.upper)
    # A negative or missing bound means something else to a slice.
    risk: Risk = "low" if count is not None else "medium"
    replaced = f"{function}({size}, {text}{_key(site, call)})"
    return [Replace(node, replaced), *imports], risk, f"heapq.{name}"


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


class SortedInsert:
    """Inserts into a sorted list instead of sorting it again."""

    name = "sorted-insert"
    summary = "`a.append(x); a.sort()` in a loop becomes `bisect.insort(a, x)`."
    why_right = (
        "The list is sorted before the loop and only changes in ways that keep it so; insort puts "
        "the new element behind its equals, as a stable sort does."
    )
    risk: Risk = "medium"
    promise = 0.7
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each list that is sorted again after every append."""
        for name in sorted(site.scope.bindings):
            if not is_private_local(site, name) or len(site.scope.bindings[name]) != 1:
                continue
            pairs = _append_and_sort(site, name)
            start = site.scope.bindings[name][0]
            found = site.module.reference("bisect.insort")
            if not pairs or found is None or not _starts_sorted(site, start.value):
                continue
            if not _stays_sorted(site, name, pairs):
                continue
            insort, imports = found
            edits: list[Edit] = []
            for append, sort in pairs:
                value = site.module.segment(append.args[0])
                edits.append(Replace(append, f"{insort}({name}, {value})"))
                edits.append(Delete(site.module.statement(sort)))
            yield Change(
                line=pairs[0][1].lineno,
                hypothesis=f"`{name}` is sorted anew after each append; bisect.insort finds the "
                "one new element's place",
                edits=(*edits, *imports),
                risk=self.risk,
            )


def _append_and_sort(site: Site, name: str) -> list[tuple[ast.Call, ast.Call]]:
    """Return each `append` in a loop with the `sort` that follows it at once."""
    pairs: list[tuple[ast.Call, ast.Call]] = []
    for use in uses_of(site, name):
        if use.kind != "method" or use.name != "append" or not loops_around(site, use.node):
            continue
        statement = site.module.statement(use.node)
        block = site.module.block(statement)
        append = method_statement(statement, "append")
        if block is None or append is None or not is_plain_call(append, arguments=1):
            continue
        following = block[block.index(statement) + 1 :]
        sort = method_statement(following[0], "sort") if following else None
        if sort is None or sort.args or sort.keywords:
            continue
        assert isinstance(sort.func, ast.Attribute)
        if is_name(sort.func.value, name):
            pairs.append((append, sort))
    return pairs


def _starts_sorted(site: Site, value: ast.expr | None) -> bool:
    if value is None:
        return False
    if isinstance(value, ast.List) and len(value.elts) == 1:
        return True
    plain = isinstance(value, ast.Call) and not value.keywords and _is_sorted(site, value)
    return plain or is_empty_container(site.module, value, "list")


def _stays_sorted(site: Site, name: str, pairs: list[tuple[ast.Call, ast.Call]]) -> bool:
    calls = {each for pair in pairs for each in pair}
    for use in uses_of(site, name):
        if use.kind in ("bind", "index", "slice", "truth", "membership", "argument", "iterate"):
            continue
        if use.kind in ("return", "format", "compare", "operand", "delete item"):
            continue
        if use.kind == "method" and (
            use.parent in calls or use.name in ("pop", "remove", "index", "count", "copy", "clear")
        ):
            continue
        return False
    return True


class HeapForSortedQueue:
    """Takes the smallest from a heap instead of sorting the queue first."""

    name = "heap-for-sorted-queue"
    summary = "`queue.sort(); x = queue.pop(0)` in a loop becomes `x = heapq.heappop(queue)`."
    why_right = (
        "The function only adds to the list and takes its smallest element, so each takes the same "
        "one from a heap; elements that compare equal but differ might come in another order."
    )
    risk: Risk = "medium"
    promise = 0.85
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each priority queue kept by sorting."""
        for name in sorted(site.scope.bindings):
            bound = site.scope.bindings[name]
            if len(bound) != 1 or not is_private_local(site, name):
                continue
            value = bound[0].value
            if not isinstance(value, ast.List) or len(value.elts) > 1:
                continue
            edits = _heap_edits(site, name)
            if edits is not None:
                found = next(use for use in uses_of(site, name) if use.name == "sort")
                yield Change(
                    line=found.node.lineno,
                    hypothesis=f"`{name}` is sorted to take its smallest element each time; a heap "
                    "keeps the smallest at hand",
                    edits=tuple(edits),
                    risk=self.risk,
                )


def _heap_edits(site: Site, name: str) -> list[Edit] | None:
    push, pop = site.module.reference("heapq.heappush"), site.module.reference("heapq.heappop")
    if push is None or pop is None:
        return None
    edits: list[Edit] = [*push[1], *pop[1]]
    pops: set[ast.AST] = set()
    sorts: set[ast.AST] = set()
    for use in uses_of(site, name):
        if use.kind in ("bind", "truth") or (
            use.kind == "argument" and use.name in ("len", "bool")
        ):
            continue
        if use.kind != "method":
            return None
        call, statement = use.call, site.module.statement(use.node)
        if use.name == "append" and is_plain_call(call, arguments=1):
            edits.append(Replace(call, f"{push[0]}({name}, {site.module.segment(call.args[0])})"))
        elif use.name == "sort" and not call.args and not call.keywords:
            sorts.add(statement)
            edits.append(Delete(statement))
        elif (
            use.name == "pop" and is_plain_call(call, arguments=1) and int_value(call.args[0]) == 0
        ):
            pops.add(statement)
            edits.append(Replace(call, f"{pop[0]}({name})"))
        else:
            return None
    return edits if _sort_before_each_pop(site, sorts, pops) else None


def _sort_before_each_pop(site: Site, sorts: set[ast.AST], pops: set[ast.AST]) -> bool:
    """Return whether each `pop(0)` directly follows a `sort`, in a loop, and no sort is left."""
    if not pops or len(sorts) != len(pops):
        return False
    for statement in pops:
        assert isinstance(statement, ast.stmt)
        block = site.module.block(statement)
        at = block.index(statement) if block else 0
        if not block or at == 0 or block[at - 1] not in sorts or not loops_around(site, statement):
            return False
        if assigned_name(statement) is None and not isinstance(statement, ast.Assign | ast.Expr):
            return False
    return True
