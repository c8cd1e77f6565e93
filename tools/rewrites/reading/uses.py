"""Uses: what a function does with one of its variables, one entry a mention."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..kinds.known_calls import is_pure
from ..rewrite import Site
from .module_source import OWN

UseKind = Literal[
    "bind",
    "augment",
    "delete",
    "method",
    "attribute",
    "index",
    "slice",
    "set item",
    "delete item",
    "membership",
    "compare",
    "iterate",
    "argument",
    "pass",
    "return",
    "truth",
    "operand",
    "format",
    "other",
]
"""`argument` is handed to a well-known pure function, `pass` to anything else; `other` may share
the object with another name or container."""


@dataclass(frozen=True)
class Use:
    """One mention of a variable."""

    node: ast.Name
    kind: UseKind
    parent: ast.AST
    name: str = ""
    """The method's or attribute's name, or the called function's qualified name."""

    @property
    def call(self) -> ast.Call:
        """The call of a `method`, `argument` or `pass` use."""
        assert isinstance(self.parent, ast.Call)
        return self.parent


SAFE_READS: frozenset[UseKind] = frozenset(
    ("index", "slice", "membership", "compare", "iterate", "argument", "truth", "format")
)
"""Uses that neither change the object nor let anybody else keep it."""


def uses_of(site: Site, name: str) -> list[Use]:
    """Return every mention of a local variable in the function's own code, in source order."""
    key = ("uses", name)
    known = site.answers.get(key)
    if not isinstance(known, list):
        known = [
            _classify(site, node)
            for node in site.scope.nodes
            if isinstance(node, ast.Name) and node.id == name
        ]
        site.answers[key] = known
    return known


def is_private_local(site: Site, name: str) -> bool:
    """Return whether a name is a plain local that no nested function and no parameter shares."""
    scope = site.scope
    return (
        name in scope.bindings
        and name not in scope.parameters
        and name not in scope.declared_elsewhere
        and name not in scope.names_inside_nested
    )


def within(site: Site, node: ast.AST, roots: Iterable[ast.AST]) -> bool:
    """Return whether a node is one of the roots or inside one."""
    wanted = set(roots)
    return node in wanted or any(each in wanted for each in site.module.ancestors(node))


def is_seen_on_failure(site: Site, statement: ast.stmt, name: str) -> bool:
    """Return whether an exception handler may see a variable that a statement left half done."""
    for around in site.module.ancestors(statement):
        if around is site.function:
            return False
        if isinstance(around, ast.Try):
            outside = [*around.handlers, *around.finalbody]
            if any(within(site, use.node, outside) for use in uses_of(site, name)):
                return True
            # After a handler that goes on, whatever follows sees it too.
            last = around.end_lineno or around.lineno
            goes_on = any(not _leaves(each.body[-1]) for each in around.handlers)
            if goes_on and any(use.node.lineno > last for use in uses_of(site, name)):
                return True
    return False


def may_be_caught(site: Site, node: ast.AST) -> bool:
    """Return whether code of the same function may go on after an exception of a node.

    A `with` may swallow one too, unless all it does is to open files.
    """
    for around in site.module.ancestors(node):
        if around is site.function:
            return False
        if isinstance(around, ast.Try):
            return True
        if isinstance(around, ast.With) and not all(
            isinstance(each.context_expr, ast.Call)
            and site.module.qualified(each.context_expr.func) == "open"
            for each in around.items
        ):
            return True
    return False


def _leaves(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Raise | ast.Return | ast.Continue | ast.Break)


def _classify(site: Site, node: ast.Name) -> Use:
    parent = site.module.parents[node]
    if isinstance(node.ctx, ast.Del):
        return Use(node, "delete", parent)
    if isinstance(node.ctx, ast.Store):
        return Use(node, "augment" if isinstance(parent, ast.AugAssign) else "bind", parent)
    if isinstance(parent, ast.Attribute):
        call = site.module.parents[parent]
        if isinstance(call, ast.Call) and call.func is parent:
            return Use(node, "method", call, parent.attr)
        return Use(node, "attribute", parent, parent.attr)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return Use(node, _item_use(parent), parent)
    if isinstance(parent, ast.Call) and parent.func is not node:
        name = site.module.qualified(parent.func) or ""
        known = not name.startswith(OWN) and is_pure(name) and name not in ("iter", "map", "filter")
        return Use(node, "argument" if known else "pass", parent, name)
    return Use(node, _plain_use(site, node, parent), parent)


def _item_use(parent: ast.Subscript) -> UseKind:
    if isinstance(parent.ctx, ast.Store):
        return "set item"
    if isinstance(parent.ctx, ast.Del):
        return "delete item"
    return "slice" if isinstance(parent.slice, ast.Slice) else "index"


def _plain_use(site: Site, node: ast.Name, parent: ast.AST) -> UseKind:  # noqa: PLR0911 - a table
    match parent:
        case ast.Compare():
            operator = None
            if node in parent.comparators:
                operator = parent.ops[parent.comparators.index(node)]
            return "membership" if isinstance(operator, ast.In | ast.NotIn) else "compare"
        case ast.For() | ast.comprehension() if parent.iter is node:
            return "iterate"
        case ast.If() | ast.While() | ast.IfExp() if parent.test is node:
            return "truth"
        case ast.UnaryOp(op=ast.Not()):
            return "truth"
        case ast.BoolOp():
            outer = site.module.parents[parent]
            while isinstance(outer, ast.BoolOp):
                parent, outer = outer, site.module.parents[outer]
            is_test = isinstance(outer, ast.If | ast.While | ast.IfExp) and outer.test is parent
            return "truth" if is_test or isinstance(outer, ast.UnaryOp) else "other"
        case ast.BinOp():
            return "operand"
        case ast.Return():
            return "return"
        case ast.FormattedValue():
            return "format"
    return "other"
