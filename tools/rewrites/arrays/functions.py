"""Functions: small functions of the module, read as the expressions that they answer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..reading.loops import names_read
from ..reading.scopes import all_arguments
from ..reading.syntax import body_without_docstring, is_name
from ..reading.walks import walk
from ..rewrite import Site
from ..writing.edit import FunctionNode
from .values import Element, Value, bracketed

if TYPE_CHECKING:
    from .elementwise import Elementwise

_LONGEST_BODY = 4


def read_call(
    reader: Elementwise, node: ast.Call, function: FunctionNode
) -> tuple[Value, str] | None:
    """Return what a call of a function gives, and how it is written with its arguments."""
    names = [each.arg for each in function.args.args]
    if len(names) != len(node.args):
        return None
    given: dict[str, Element] = {}
    for name, argument in zip(names, node.args, strict=True):
        value = reader.read(argument)
        often = sum(is_name(each, name) for each in walk(function)) > 1
        costs = not isinstance(argument, ast.Name | ast.Subscript | ast.Constant)
        if value is None or (often and costs):
            return None
        given[name] = Element(bracketed(reader.text(argument)), value)
    return reader.read_function(function, given)


def read_body(
    reader: Elementwise, site: Site, function: FunctionNode | ast.Lambda, given: set[str]
) -> tuple[Value, str] | None:
    """Return what a function answers, None when it does more than to work out an answer."""
    names = {each.arg for each in all_arguments(function.args)}
    if names != given:
        return None
    if isinstance(function, ast.Lambda):
        return _read(reader, [ast.Return(function.body)])
    # What else it reads must mean the same there as here.
    hidden = (names_read(function) - names) & set(site.scope.bindings)
    if hidden or function.decorator_list or not isinstance(function, ast.FunctionDef):
        return None
    return _read(reader, body_without_docstring(function))


def _read(reader: Elementwise, body: list[ast.stmt]) -> tuple[Value, str] | None:
    """Read statements that choose what to return."""
    match body:
        case [ast.Return(value=ast.expr() as returned), *_]:
            value = reader.read(returned)
            return None if value is None else (value, reader.text(returned))
        case [ast.If(test=test, body=chosen, orelse=others), *rest] if len(rest) < _LONGEST_BODY:
            asked = reader.read(test)
            first, second = _read(reader, [*chosen, *rest]), _read(reader, [*others, *rest])
            if asked is None or first is None or second is None:
                return None
            branches = [*chosen, *others, *rest]
            return reader.choose((asked, reader.text(test)), first, second, branches)
    return None
