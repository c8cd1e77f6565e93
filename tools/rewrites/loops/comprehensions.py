"""Comprehensions: loops that only fill a container, written so that compiled code fills it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression
from ..reading.scopes import COMPREHENSIONS, target_names
from ..reading.syntax import (
    assigned_name,
    is_empty_container,
    is_name,
    is_plain_call,
    laid_out,
    method_statement,
)
from ..reading.uses import is_seen_on_failure, uses_of, within
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, Replace


@dataclass(frozen=True)
class _Filling:
    """A nest of loops and tests around one statement that fills a container."""

    clauses: tuple[str, ...]
    """`for … in …` and `if …`, outermost first."""
    statement: ast.stmt
    targets: frozenset[str]


class FilledByComprehension:
    """Turns an append loop into a comprehension."""

    name = "fill-by-comprehension"
    summary = "A loop that only fills a new list, set or dict becomes a comprehension."
    why_right = (
        "The container is new and empty just before the loop, the loop does nothing else, and the "
        "loop variable is not used afterwards, so the comprehension gives the same container."
    )
    risk: Risk = "low"
    promise = 0.2
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such loop."""
        for loop in site.scope.of_type(ast.For):
            block = site.module.block(loop)
            if block is None or block.index(loop) == 0:
                continue
            start = block[block.index(loop) - 1]
            name = assigned_name(start)
            if name is None or not is_plain_local(site, name):
                continue
            filling = _filling(site, loop)
            if filling is None or not _is_contained(site, filling, loop, name):
                continue
            assert isinstance(start, ast.Assign | ast.AnnAssign)
            made = _comprehension(site, start, filling, name)
            if made is None:
                continue
            text = _assignment(site, start, made, filling)
            edits: tuple[Edit, ...] = (Replace(loop, text), Delete(start))
            yield Change(
                line=loop.lineno,
                last_line=loop.end_lineno,
                hypothesis=f"the loop fills `{name}` one call at a time; a comprehension fills it "
                "without looking up and calling a method for each element",
                edits=edits,
                risk=self.risk,
            )


def is_plain_local(site: Site, name: str) -> bool:
    """Return whether a name is a local that no nested function mentions."""
    scope = site.scope
    return name in scope.bindings and name not in scope.names_inside_nested


def _filling(site: Site, loop: ast.For) -> _Filling | None:
    """Return the one statement that nested loops and tests lead to."""
    clauses: list[str] = []
    targets: set[str] = set()
    node: ast.stmt = loop
    while isinstance(node, ast.For | ast.If):
        if node.orelse or len(node.body) != 1:
            return None
        if isinstance(node, ast.For):
            targets |= target_names(node.target)
            if not binds_names_only(node.target):
                return None
            target = site.module.segment(node.target)
            clauses.append(f"for {target} in {clause_text(site, node.iter)}")
        else:
            clauses.append(f"if {clause_text(site, node.test)}")
        node = node.body[0]
    return _Filling(tuple(clauses), node, frozenset(targets))


def clause_text(site: Site, node: ast.expr) -> str:
    """Return an expression's text as it may stand in a comprehension's clause."""
    text = site.module.segment(node, in_brackets=True)
    loose = isinstance(node, ast.IfExp | ast.Lambda | ast.Tuple | ast.NamedExpr)
    return f"({text})" if loose and not text.startswith("(") else text


def binds_names_only(target: ast.expr) -> bool:
    """Return whether a loop's target is made of plain names."""
    return not any(isinstance(each, ast.Attribute | ast.Subscript) for each in walk(target))


def _is_contained(site: Site, filling: _Filling, loop: ast.For, name: str) -> bool:
    """Return whether nothing outside the loop could tell it from a comprehension."""
    forbidden = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda)
    if any(isinstance(each, forbidden) for each in walk(loop)):
        return False
    mentions = [each for each in walk(loop) if is_name(each, name)]
    if len(mentions) != 1 or name in filling.targets:
        return False
    if any(is_needed_after(site, loop, target) for target in filling.targets):
        return False
    return not is_seen_on_failure(site, loop, name)


def is_needed_after(site: Site, loop: ast.For, target: str) -> bool:
    """Return whether anything but the loop may read the value it leaves in its variable."""
    if target in site.scope.declared_elsewhere or target in site.scope.names_inside_nested:
        return True
    # Another loop that binds the same name again does not see what this one leaves behind.
    return any(
        use.kind != "bind" and not _is_bound_again(site, use.node, target)
        for use in uses_of(site, target)
        if not within(site, use.node, [loop])
    )


def _is_bound_again(site: Site, node: ast.AST, target: str) -> bool:
    """Return whether a loop around a mention gives the name a value of its own."""
    for around in site.module.ancestors(node):
        if isinstance(around, ast.For):
            inside = within(site, node, around.body)
            bound = target_names(around.target) if inside else set()
        elif isinstance(around, COMPREHENSIONS):
            bound = {name for each in around.generators for name in target_names(each.target)}
        else:
            continue
        if target in bound:
            return True
    return False


def _comprehension(
    site: Site, start: ast.Assign | ast.AnnAssign, filling: _Filling, name: str
) -> tuple[str, str] | None:
    """Return the brackets and the element of the comprehension that fills alike."""
    statement, module = filling.statement, site.module
    append = method_statement(statement, "append") or method_statement(statement, "add")
    if append is not None and is_plain_call(append, arguments=1):
        assert isinstance(append.func, ast.Attribute)
        if not is_name(append.func.value, name):
            return None
        kind = "list" if append.func.attr == "append" else "set"
        if not is_empty_container(module, start.value, kind):
            return None
        return ("[]" if kind == "list" else "{}"), element_text(site, append.args[0])
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if not isinstance(target, ast.Subscript) or not is_name(target.value, name):
            return None
        if not is_empty_container(module, start.value, "dict"):
            return None
        # A comprehension works out the key first, the statement the value.
        if not _order_is_free(site, target.slice, statement.value):
            return None
        key, value = element_text(site, target.slice), element_text(site, statement.value)
        return "{}", f"{key}: {value}"
    return None


def _order_is_free(site: Site, first: ast.expr, second: ast.expr) -> bool:
    return is_pure_expression(site, first) or is_pure_expression(site, second)


def element_text(site: Site, node: ast.expr) -> str:
    """Return an expression's text as it may stand as a comprehension's element."""
    text = site.module.segment(node, in_brackets=True)
    loose = isinstance(node, ast.Tuple | ast.Starred | ast.Slice)
    return f"({text})" if loose and not text.startswith("(") else text


def _assignment(
    site: Site, start: ast.Assign | ast.AnnAssign, made: tuple[str, str], filling: _Filling
) -> str:
    target = start.targets[0] if isinstance(start, ast.Assign) else start.target
    head = site.module.segment(target)
    if isinstance(start, ast.AnnAssign):
        head += f": {site.module.segment(start.annotation)}"
    return f"{head} = {_shown(site, made, filling, start.col_offset + len(head) + 3)}"


def _shown(site: Site, made: tuple[str, str], filling: _Filling, column: int) -> str:
    brackets, element = made
    parts = [element, *filling.clauses]
    return laid_out(brackets, parts, column=column, indent=site.module.indent)


class ExtendedAtOnce:
    """Extends a list with one call instead of appending in a loop."""

    name = "extend-at-once"
    summary = "A loop that only appends to an existing list becomes one `extend`."
    why_right = (
        "The loop does nothing but append, in the same order; only if it failed half way would the "
        "list hold the elements before the failure."
    )
    risk: Risk = "medium"
    promise = 0.2
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such loop."""
        for loop in site.scope.of_type(ast.For):
            filling = _filling(site, loop)
            append = None if filling is None else method_statement(filling.statement, "append")
            if filling is None or append is None or not is_plain_call(append, arguments=1):
                continue
            assert isinstance(append.func, ast.Attribute)
            holder = append.func.value
            if not isinstance(holder, ast.Name) or not site.kinds.is_a(holder, "list"):
                continue
            name = holder.id
            if not is_plain_local(site, name) or not _is_contained(site, filling, loop, name):
                continue
            block = site.module.block(loop)
            before = block[block.index(loop) - 1] if block and block.index(loop) else None
            is_new = before is not None and assigned_name(before) == name
            if block is None or is_new:
                continue
            is_copy = is_just(loop.target, append.args[0]) and isinstance(loop.body[0], ast.Expr)
            made = ("[]", element_text(site, append.args[0]))
            column = loop.col_offset + len(name) + len(".extend()")
            text = site.module.segment(loop.iter, in_brackets=True)
            if not is_copy:
                text = _shown(site, made, filling, column)
            yield Change(
                line=loop.lineno,
                last_line=loop.end_lineno,
                hypothesis=f"the loop calls `{name}.append` for each element; one extend adds them "
                "all in compiled code",
                edits=(Replace(loop, f"{name}.extend({text})"),),
                risk="low" if is_copy else self.risk,
            )


def is_just(target: ast.expr, element: ast.expr) -> bool:
    """Return whether an element is just the loop's own variable."""
    return isinstance(target, ast.Name) and is_name(element, target.id)
