"""Invariants: work that gives the same answer in every iteration, done once before the loop."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from ....profiles.facts.facts import Need
from ..kinds.known_arrays import REDUCING, answers_anew
from ..kinds.variables import default_of
from ..reading.loops import (
    Invariance,
    anchor,
    enclosing_try,
    is_certain_to_run,
    is_pure_expression,
    loops_around,
    names_read,
    outermost_invariant,
)
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import assigned_name, describe, same
from ..reading.uses import SAFE_READS, Use, is_private_local, uses_of, within
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Change, Risk, Site
from ..writing.edit import Delete, Edit, InsertBefore, Replace

_CHEAP = words(
    "len range isinstance issubclass type bool int float str abs ord chr super iter",
    "zip getattr hasattr enumerate reversed slice object callable repr divmod round",
    "typing.cast",
)
_CHEAP_METHODS = ("items", "keys", "values", "get")
_TOTAL = words("len sorted set frozenset list tuple dict sum str repr bool abs")
_READING = words(
    "get index count items keys values match search sub findall finditer fullmatch split issubset",
    "issuperset isdisjoint intersection union difference join",
)
_READERS = words(
    "len sum min max any all sorted set frozenset list tuple dict enumerate zip range", "str"
)


class HoistedCall:
    """Moves a pure call with unchanging arguments out of the loops around it."""

    name = "hoist-call"
    summary = "A pure call whose arguments a loop does not change is made once, before the loop."
    why_right = (
        "The call changes nothing, and neither its arguments nor anything it reads changes during "
        "the loop, so each iteration got the same answer; the answer is only read. The call now "
        "also happens when the loop runs no iteration."
    )
    risk: Risk = "medium"
    promise = 0.8
    needs: tuple[Need, ...] = ("writes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each invariant expression."""
        taken: set[ast.AST] = set()
        for call in site.scope.of_type(ast.Call):
            if call in taken or not loops_around(site, call):
                continue
            found = _hoistable(site, call)
            if found is None:
                continue
            expression, invariance = found
            together = [
                each
                for each in site.scope.of_type(type(expression))
                if same(each, expression) and is_inside(site, each, invariance)
            ]
            for each in together:
                taken.update(walk(each))
            change = hoisted(site, expression, invariance, together)
            if change is not None:
                yield change


def is_inside(site: Site, node: ast.AST, invariance: Invariance) -> bool:
    """Return whether a node runs again in each turn of a loop."""
    return any(loop.node is invariance.loop.node for loop in loops_around(site, node))


def _hoistable(site: Site, call: ast.Call) -> tuple[ast.expr, Invariance] | None:
    """Return the largest invariant expression around a call, with its outermost loop."""
    if not is_pure_expression(site, call):
        return None
    invariance = outermost_invariant(site, call)
    if invariance is None:
        return None
    best: ast.expr = call
    parent = site.module.parents[best]
    while isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(parent, ast.Attribute):
            outer = site.module.parents[parent]
            if not (isinstance(outer, ast.Call) and outer.func is parent):
                break
            parent = outer
        if not is_pure_expression(site, parent):
            break
        wider = outermost_invariant(site, parent)
        if wider is None or wider.loop.node is not invariance.loop.node:
            break
        best, parent = parent, site.module.parents[parent]
    return None if is_cheap(site, best) else (best, invariance)


def is_cheap(site: Site, expression: ast.expr) -> bool:
    """Return whether looking up a variable would hardly be faster."""
    for node in walk(expression):
        if isinstance(node, COMPREHENSIONS):
            return False
        if isinstance(node, ast.Call) and site.module.qualified(node.func) not in _CHEAP:
            func = node.func
            if not isinstance(func, ast.Attribute) or func.attr not in _CHEAP_METHODS:
                return False
    return True


def hoisted(
    site: Site, expression: ast.expr, invariance: Invariance, together: Sequence[ast.expr]
) -> Change | None:
    """Return the change that evaluates an expression once before a loop, None where it may differ.

    Args:
        site: where the loop stands.
        expression: pure, and the same in every turn of the loop.
        invariance: of the loop.
        together: all places in the loop where the expression stands.
    """
    loop = invariance.loop
    if not all(is_only_read(site, each) for each in together):
        return None
    total = _cannot_raise(site, expression)
    if not total and any(enclosing_try(site, each, loop) for each in together):
        return None
    where = anchor(site, loop)
    if isinstance(where, ast.While) and loop.node is not where:
        # A comprehension in the test of a `while` runs again each time round.
        return None
    text = site.module.segment(expression)
    moved = _moved_assignment(site, expression, where) if len(together) == 1 else None
    if moved is None:
        name = site.fresh_name(_name_for(site, expression))
        moved = (
            InsertBefore(where, f"{name} = {text}"),
            *(Replace(each, name) for each in together),
        )
    certain = any(is_certain_to_run(site, each, loop) for each in together)
    risk: Risk = "medium"
    if total and site.kinds.is_immutable(expression):
        risk = "low"
    elif not total and not certain:
        if _may_be_none(site, expression):
            return None
        risk = "high"
    return Change(
        line=expression.lineno,
        hypothesis=f"`{_shortened(text)}` gives the same answer in every iteration of the loop at "
        f"line {loop.node.lineno}; once before the loop is enough",
        edits=moved,
        risk=risk,
    )


def _may_be_none(site: Site, expression: ast.expr) -> bool:
    """Return whether an expression reads a parameter whose default is None."""
    defaults = (default_of(site.function, name) for name in names_read(expression))
    return any(isinstance(each, ast.Constant) and each.value is None for each in defaults)


def _moved_assignment(site: Site, expression: ast.expr, where: ast.stmt) -> tuple[Edit, ...] | None:
    """Return edits that move `name = expression` before the loop as it is, where that is right."""
    statement = site.module.parents[expression]
    name = assigned_name(statement)
    if name is None or not is_private_local(site, name) or len(site.scope.bindings[name]) != 1:
        return None
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    inside = all(within(site, use.node, [where]) for use in uses_of(site, name))
    if not inside or len(site.module.block(statement) or ()) < 2:
        return None
    text = site.module.segment(statement)
    return InsertBefore(where, text), Delete(statement, text)


def _name_for(site: Site, expression: ast.expr) -> str:
    name = describe(expression)
    return f"{name}_once" if name in names_read(expression) else name


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}..."


def _cannot_raise(site: Site, expression: ast.expr) -> bool:
    """Return whether an expression of known kinds is one that cannot fail."""
    for node in walk(expression):
        if isinstance(node, ast.Call):
            name = site.module.qualified(node.func)
            if name in _TOTAL and all(_is_sortable(site, each) for each in node.args):
                continue
            is_method = isinstance(node.func, ast.Attribute)
            if is_method and site.kinds.is_a(node.func.value, "str") and not node.args:  # pyright: ignore[reportAttributeAccessIssue]
                continue
            return False
        if isinstance(node, ast.BinOp | ast.Subscript):
            return False
    return True


def _is_sortable(site: Site, node: ast.expr) -> bool:
    kind = site.kinds.of(node)
    return kind is not None and (
        kind.name in ("str", "int", "float")
        or (kind.element is not None and kind.element.name in ("str", "int", "float"))
    )


def is_only_read(site: Site, node: ast.expr) -> bool:
    """Return whether the one shared answer cannot be changed or kept where it is used."""
    if site.kinds.is_immutable(node) or site.kinds.is_a(node, "iterator", "defaultdict"):
        # A defaultdict grows by being looked into.
        return not site.kinds.is_a(node, "iterator", "defaultdict")
    parent = site.module.parents[node]
    match parent:
        case ast.For() | ast.comprehension():
            return parent.iter is node and _has_plain_elements(site, node)
        case ast.Compare() | ast.BinOp() | ast.UnaryOp() | ast.FormattedValue():
            return True
        case ast.Subscript():
            return parent.value is node and is_only_read(site, parent)
        case ast.Call() if node in parent.args:
            reader = site.module.qualified(parent.func) or ""
            return reader in _READERS or answers_anew(reader)
        case ast.Attribute():
            call = site.module.parents[parent]
            reads = _READING | REDUCING if site.kinds.is_a(node, "ndarray") else _READING
            return isinstance(call, ast.Call) and parent.attr in reads
        case ast.Assign(targets=[ast.Name(id=name)]):
            return is_private_local(site, name) and all(
                is_reading(site, node, use) for use in uses_of(site, name)
            )
    return False


def is_reading(site: Site, value: ast.expr, use: Use) -> bool:
    """Return whether a use of a variable leaves the value, and what is in it, as it was."""
    if use.kind == "method":
        return use.name in _READING
    if use.kind in ("index", "slice"):
        return isinstance(use.parent, ast.expr) and is_only_read(site, use.parent)
    if use.kind == "iterate":
        return _has_plain_elements(site, value)
    return use.kind in SAFE_READS or use.kind == "bind"


def _has_plain_elements(site: Site, node: ast.expr) -> bool:
    """Return whether going over a value meets objects that were there before, or cannot change.

    What a builtin like sorted() gathers was there before; a function of the module may have made
    its elements anew for every call.
    """
    builtin = isinstance(node, ast.Call) and site.module.qualified(node.func) in _READERS
    return builtin or site.kinds.kind_is_immutable(site.kinds.element(node))


class HoistedAttribute:
    """Moves a chain of attributes that a loop looks up again and again out of it."""

    name = "hoist-attribute"
    summary = (
        "A chain such as `self.options.limit`, read in a nested loop, is looked up once before it."
    )
    why_right = (
        "Nothing in the loop assigns one of the attributes, nor gives their owner to code that "
        "could; a property that counts its reads or changes by itself would tell the difference."
    )
    risk: Risk = "medium"
    promise = 0.08
    needs: tuple[Need, ...] = ("writes",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each chain of two or more attributes."""
        taken: set[ast.AST] = set()
        for node in site.scope.of_type(ast.Attribute):
            if node in taken or not is_chain(site, node) or len(loops_around(site, node)) < 1:
                continue
            taken.update(walk(node))
            invariance = outermost_invariant(site, node)
            if invariance is None or invariance.effects.unknown:
                continue
            together = [
                each
                for each in site.scope.of_type(ast.Attribute)
                if same(each, node) and is_inside(site, each, invariance)
            ]
            taken.update(part for each in together for part in walk(each))
            depth = max(len(loops_around(site, each)) for each in together)
            if depth + len(together) < 3 or not is_read_early(site, together, invariance):
                continue
            name = site.fresh_name(describe(node))
            text = site.module.segment(node)
            yield Change(
                line=node.lineno,
                hypothesis=f"`{text}` is looked up again in every iteration of the loop at line "
                f"{invariance.loop.node.lineno} and stays the same",
                edits=(
                    InsertBefore(anchor(site, invariance.loop), f"{name} = {text}"),
                    *(Replace(each, name) for each in together),
                ),
                risk=self.risk,
            )


def is_read_early(site: Site, together: Sequence[ast.Attribute], invariance: Invariance) -> bool:
    """Return whether a loop's first turn surely looks one of some attributes up."""
    where = anchor(site, invariance.loop)
    if isinstance(where, ast.While) and invariance.loop.node is not where:
        return False
    return any(
        is_certain_to_run(site, each, invariance.loop, through_loops=True) for each in together
    )


def is_chain(site: Site, node: ast.Attribute) -> bool:
    """Return whether a node reads `name.first.second…` of a variable, and is no call's method."""
    if not isinstance(node.ctx, ast.Load) or not isinstance(node.value, ast.Attribute):
        return False
    parent = site.module.parents[node]
    if isinstance(parent, ast.Call) and parent.func is node:
        return False
    if isinstance(parent, ast.Attribute):
        return False
    base: ast.expr = node
    while isinstance(base, ast.Attribute):
        base = base.value
    return isinstance(base, ast.Name) and site.module.is_local(base)
