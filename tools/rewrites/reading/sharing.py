"""Sharing: which names may hold the same object."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..kinds.kinds import Kinds
from ..kinds.known_arrays import answers_anew
from ..writing.edit import FunctionNode
from .module_source import OWN, ModuleSource
from .words import words

_FRESH_CALLS = words(
    "list dict set tuple frozenset sorted str int float bool bytes bytearray len sum",
    "repr range collections.Counter collections.deque collections.defaultdict",
    "collections.OrderedDict copy.copy copy.deepcopy dict.fromkeys",
)
_COPYING_METHODS = frozenset(("copy", "union", "intersection", "difference", "split", "join"))


class Sharing:
    """Follows objects from name to name inside one function."""

    def __init__(self, module: ModuleSource, kinds: Kinds) -> None:
        self._module = module
        self._kinds = kinds

    def origins(self, function: FunctionNode, name: str) -> set[str]:
        """Return the parameters and outer names whose objects a local name may share.

        Empty for a name that only ever holds objects made in the function itself.
        """
        scope = self._module.scope(function)
        found: set[str] = set()
        seen: set[str] = set()
        todo = [name]
        while todo:
            each = todo.pop()
            if each in seen:
                continue
            seen.add(each)
            bound = scope.bindings.get(each)
            if bound is None or each in scope.parameters:
                found.add(each)
            for binding in bound or []:
                todo.extend(self._binding_roots(binding.node, binding.value))
        return found

    def _binding_roots(self, node: ast.AST, value: ast.expr | None) -> Iterator[str]:
        if value is not None:
            yield from self.roots(value)
        elif isinstance(node, ast.Assign):
            yield from self.roots(node.value)
        elif isinstance(node, ast.For | ast.AsyncFor):
            yield from self.roots(node.iter)
        elif isinstance(node, ast.withitem):
            yield from self.roots(node.context_expr)

    def roots(self, node: ast.AST) -> Iterator[str]:
        """Yield the names whose objects an expression's value may share."""
        if isinstance(node, ast.expr) and self._kinds.is_immutable(node):
            return
        match node:
            case ast.Name(id=name):
                yield name
            case ast.Attribute(value=value) | ast.Subscript(value=value):
                yield from self.roots(value)
            case ast.Starred(value=value) | ast.NamedExpr(value=value):
                yield from self.roots(value)
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.roots(body)
                yield from self.roots(orelse)
            case ast.BoolOp(values=parts) | ast.Tuple(elts=parts):
                for each in parts:
                    yield from self.roots(each)
            case ast.Call():
                yield from self._roots_of_call(node)

    def _roots_of_call(self, node: ast.Call) -> Iterator[str]:
        name = self._module.qualified(node.func)
        if name in _FRESH_CALLS or (name or "").removeprefix(OWN) in self._module.classes:
            return
        if name is not None and answers_anew(name):
            return
        is_method = name is None or name.startswith(OWN)
        if isinstance(node.func, ast.Attribute) and is_method:
            if node.func.attr in _COPYING_METHODS:
                return
            yield from self.roots(node.func.value)
        for each in node.args:
            yield from self.roots(each)
