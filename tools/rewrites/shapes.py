"""Shapes: what kind of work a function is, as far as its own code tells."""

from __future__ import annotations

import ast
from typing import Literal

from .reading.module_source import ModuleSource
from .reading.scopes import COMPREHENSIONS
from .writing.edit import FunctionNode

Shape = Literal["recursive", "loop", "method", "leaf"]
"""The first that fits: it calls itself; it goes over something; it is a method; none of these."""

_LOOPS = (ast.For, ast.AsyncFor, ast.While, *COMPREHENSIONS)


def shape_of(module: ModuleSource, function: FunctionNode) -> Shape:
    """Return a function's shape."""
    nodes = module.scope(function).nodes
    if any(isinstance(node, ast.Call) and _calls(node, function.name) for node in nodes):
        return "recursive"
    if any(isinstance(node, _LOOPS) for node in nodes):
        return "loop"
    return "method" if module.owner(function) is not None else "leaf"


def shape_in(text: str, qualname: str) -> Shape | None:
    """Return the shape of a module's function, None when the text has no such one."""
    module = ModuleSource.parse("", text)
    found = [each for name, each in module.functions if name == qualname] if module else []
    return shape_of(module, found[0]) if module and found else None


def _calls(call: ast.Call, name: str) -> bool:
    """Return whether a call is of `name(…)` or `self.name(…)`."""
    match call.func:
        case ast.Name(id=called):
            return called == name
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=called):
            return called == name
    return False
