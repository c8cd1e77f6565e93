"""Pairs: work on one element of a pair, repeated for every partner it meets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..kinds.kind import ARRAYS, UNHASHABLE, Kind
from ..reading.loops import (
    Loop,
    anchor,
    enclosing_try,
    for_loop,
    invariance_in,
    is_certain_to_run,
    is_pure_expression,
    loops_around,
    names_read,
)
from ..reading.scopes import target_names
from ..reading.syntax import assigned_name, describe, laid_out, same
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Constant, Delete, Edit, InsertBefore, Replace
from .invariants import is_cheap

_REPEATABLE = ("list", "tuple", "range", "set", "frozenset", "dict", "str", "view")


class OncePerElement:
    """Computes what depends on the inner loop's element alone once for each element."""

    name = "once-per-element"
    summary = "A pure call on an inner loop's element alone is made once, before the outer loop."
    why_right = (
        "The inner sequence stays the same during the outer loop and the call changes nothing, so "
        "each element's answer is the same every time it comes round."
    )
    risk: Risk = "medium"
    promise = 0.8
    needs: tuple[Need, ...] = ("sizes", "growth")

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call in a nested loop."""
        taken: set[ast.AST] = set()
        for call in site.scope.of_type(ast.Call):
            if call in taken:
                continue
            found = _inner_and_outer(site, call)
            if found is None:
                continue
            taken.update(walk(call))
            inner, outer = found
            together = [
                each
                for each in site.scope.of_type(ast.Call)
                if same(each, call) and any(x.node is inner for x in loops_around(site, each))
            ]
            taken.update(part for each in together for part in walk(each))
            yield _zipped(site, call, inner, outer, together)


def _inner_and_outer(site: Site, call: ast.Call) -> tuple[ast.For, Loop] | None:
    """Return the inner `for` whose variable a call depends on, and the outermost loop around it."""
    loops = loops_around(site, call)
    if len(loops) < 2 or not isinstance(loops[0].node, ast.For):
        return None
    if is_cheap(site, call) or not is_pure_expression(site, call):
        return None
    inner = loops[0].node
    if not isinstance(inner.target, ast.Name) or inner.target.id not in names_read(call):
        return None
    if not isinstance(inner.iter, ast.Name | ast.Attribute):
        return None
    if not site.kinds.is_a(inner.iter, *_REPEATABLE):
        return None
    body = invariance_in(site, for_loop(inner))
    name = inner.target.id
    if name in body.effects.bound or name in body.changed:
        return None
    if not _is_shareable(site, call) or enclosing_try(site, call, loops[0]):
        return None
    outer = _outermost(site, call, inner, loops[1:])
    return None if outer is None else (inner, outer)


def _outermost(site: Site, call: ast.Call, inner: ast.For, loops: list[Loop]) -> Loop | None:
    assert isinstance(inner.target, ast.Name)
    free = names_read(call) - {inner.target.id}
    best: Loop | None = None
    for loop in loops:
        if not isinstance(loop.node, ast.For | ast.While):
            break
        invariance = invariance_in(site, loop)
        # The inner variable itself is bound in the outer loop; everything else must stay.
        blocked = free & (
            invariance.bound | invariance.changed | invariance.effects.globals_written
        )
        if blocked or not invariance.holds(inner.iter):
            break
        if _attributes(site, call) & invariance.effects.attribute_names:
            break
        if inner.target.id in invariance.changed:
            break
        best = loop
    return best


def _attributes(site: Site, call: ast.Call) -> set[str]:
    read = {each.attr for each in walk(call) if isinstance(each, ast.Attribute)}
    return read | site.effects.of([call]).attributes_read


def _is_shareable(site: Site, call: ast.Call) -> bool:
    """Return whether one answer may be used many times where the call stands."""
    if site.kinds.is_immutable(call):
        return True
    if site.kinds.is_a(call, "iterator"):
        return False
    parent = site.module.parents[call]
    if isinstance(parent, ast.BinOp | ast.Compare | ast.UnaryOp):
        return True
    if isinstance(parent, ast.Call) and call in parent.args:
        return is_pure_expression(site, parent)
    return (
        isinstance(parent, ast.Assign)
        and site.kinds.of(call) is not None
        and not _is_container(site.kinds.of(call))
    )


def _is_container(kind: Kind | None) -> bool:
    return kind is None or kind.name in UNHASHABLE | ARRAYS


def _zipped(
    site: Site, call: ast.Call, inner: ast.For, outer: Loop, together: list[ast.Call]
) -> Change:
    assert isinstance(inner.target, ast.Name)
    name = inner.target.id
    text, iterable = site.module.segment(call), site.module.segment(inner.iter)
    single = site.fresh_name(describe(call))
    several = site.fresh_name(f"{single}_each")
    edits: list[Edit] = [
        InsertBefore(anchor(site, outer), f"{several} = [{text} for {name} in {iterable}]"),
        Replace(inner.target, f"{name}, {single}"),
        Replace(inner.iter, f"zip({iterable}, {several})"),
    ]
    edits.extend(Replace(each, single) for each in together)
    certain = is_certain_to_run(site, call, for_loop(inner))
    return Change(
        line=call.lineno,
        hypothesis=f"`{text}` depends on the inner loop's element alone, yet is worked out again "
        "each time round the outer loop; once an element is enough",
        edits=tuple(edits),
        risk="medium" if certain else "high",
    )


class OncePerConstant:
    """Computes what depends on the entries of a module's constant alone once for the module."""

    name = "once-per-constant"
    summary = (
        "A pure call on each entry of a module's constant is made when the module is imported."
    )
    why_right = (
        "The constant is never changed in the module and the call depends on nothing else, so it "
        "gives the same answers in every call of the function."
    )
    risk: Risk = "medium"
    promise = 0.8
    needs: tuple[Need, ...] = ("sizes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each such call in a loop over a constant."""
        for loop in site.scope.of_type(ast.For):
            if loop.orelse or not _is_constant_iterable(site, loop.iter):
                continue
            targets = target_names(loop.target)
            if targets & invariance_in(site, for_loop(loop)).effects.bound:
                continue
            call = next(
                (each for each in _calls_in(site, loop) if _needs_only(site, each, targets)), None
            )
            if call is not None:
                yield _tabled(site, call, loop)


def _calls_in(site: Site, loop: ast.For) -> Iterator[ast.Call]:
    for call in site.scope.of_type(ast.Call):
        around = loops_around(site, call)
        if around and around[0].node is loop:
            yield call


def _is_constant_iterable(site: Site, node: ast.expr) -> bool:
    """Return whether a loop goes over a module-level constant defined above the function."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        if node.func.attr not in ("items", "keys", "values"):
            return False
        node = node.func.value
    if not isinstance(node, ast.Name) or not site.kinds.is_a(node, *_REPEATABLE):
        return False
    return not site.module.is_local(node) and _is_ready(site, node.id)


def _is_ready(site: Site, name: str) -> bool:
    """Return whether a module-level name has its one value before the function is defined."""
    bound = site.module.bindings.get(name, [])
    if len(bound) != 1 or not site.effects.is_stable_global(name):
        return False
    node = bound[0].node
    top = site.module.top_level(site.function)
    first = min([top.lineno, *(each.lineno for each in getattr(top, "decorator_list", []))])
    return node in site.module.tree.body and (getattr(node, "end_lineno", None) or first) < first


def _needs_only(site: Site, call: ast.Call, targets: set[str]) -> bool:
    """Return whether a call is worth sharing and reads nothing but the loop's own variables."""
    read = names_read(call)
    if not read & targets or not is_pure_expression(site, call) or is_cheap(site, call):
        return False
    if not _is_shareable(site, call):
        return False
    return all(
        name in targets
        or (_is_ready(site, name) and name not in site.scope.bindings)
        or (name not in site.module.bindings and name not in site.scope.bindings)
        for name in read
    )


def _tabled(site: Site, call: ast.Call, loop: ast.For) -> Change:
    target, iterable = site.module.segment(loop.target), site.module.segment(loop.iter)
    inner = f"({target})" if isinstance(loop.target, ast.Tuple) and target[0] != "(" else target
    text = site.module.segment(call)
    statement = site.module.parents[call]
    name = assigned_name(statement)
    edits: list[Edit] = []
    if name and len(site.scope.bindings[name]) == 1 and len(site.module.block(statement) or ()) > 1:  # pyright: ignore[reportArgumentType]
        assert isinstance(statement, ast.stmt)
        edits.append(Delete(statement, text))
    else:
        name = site.fresh_name(describe(call))
        edits.append(Replace(call, name))
    table = site.fresh_name(f"_{site.function.name.strip('_')}_{name}s".upper())
    parts = [text, f"for {target} in {iterable}"]
    built = laid_out("[]", parts, column=len(table) + 3, indent=site.module.indent)
    edits += [
        Constant(table, built, site.module.top_level(site.function)),
        Replace(loop.target, f"{inner}, {name}"),
        Replace(loop.iter, f"zip({iterable}, {table})"),
    ]
    return Change(
        line=call.lineno,
        hypothesis=f"`{' '.join(text.split())[:60]}` depends on a constant's entries alone, yet is "
        f"worked out again in every call of {site.qualname}; once for the module is enough",
        edits=tuple(edits),
        risk="medium",
    )
