"""Sinks: places where nobody can tell one of numpy's numbers from Python's own."""

from __future__ import annotations

import ast

from ..kinds.kind import NUMBERS
from ..reading.syntax import assigned_name, int_value
from ..reading.uses import is_private_local, uses_of
from ..rewrite import Site
from .evidence import is_array
from .values import is_nonzero

_EXACT = (ast.Add, ast.Sub, ast.Mult)
_DIVIDING = (ast.Div, ast.FloorDiv, ast.Mod)
_TAKES_ANY = ("range", "int", "float", "bool", "math.isnan", "math.isfinite", "math.isinf")
_KEEPS = ("abs", "min", "max")
_LOOKED_UP = ("list", "dict", "tuple", "ndarray", "defaultdict", "Counter", "str")
_SEARCHED = ("set", "frozenset", "dict", "list", "tuple")
_LONGEST_WAY = 6


def loses_type(site: Site, node: ast.expr, passed: int = 0) -> bool:  # noqa: PLR0911 - a table
    """Return whether all that becomes of a number is the same for one of another type.

    That is so for what is compared in a test, looked up, counted to, put into an array, or
    computed with on its way there. Overflow of integers and division by zero are left out of
    account but for numbers that are written out.
    """
    if passed > _LONGEST_WAY:
        return False
    if is_tested(site, node):
        return True
    parent = site.module.parents[node]
    match parent:
        case ast.Compare():
            return _is_tested_number(site, parent, node)
        case ast.Subscript(value=whole, slice=index) if index is node:
            return _is_looked_up(site, parent, whole)
        case ast.BinOp():
            return _is_computed(site, parent, node) and loses_type(site, parent, passed + 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return loses_type(site, parent, passed + 1)
        case ast.Call(func=func, args=arguments, keywords=[]) if node in arguments:
            name = site.module.qualified(func)
            if name in _KEEPS and all(_is_number(site, each, node) for each in arguments):
                return loses_type(site, parent, passed + 1)
            return name in _TAKES_ANY
        case ast.Assign() | ast.AugAssign():
            return _is_stored(site, parent, node, passed)
        case ast.FormattedValue(format_spec=ast.JoinedStr()):
            return True
    return False


def is_tested(site: Site, node: ast.expr) -> bool:
    """Return whether all that is done with a value is to test its truth."""
    parent = site.module.parents[node]
    while isinstance(parent, ast.BoolOp):
        node, parent = parent, site.module.parents[parent]
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.Assert):
        return parent.test is node
    if isinstance(parent, ast.comprehension):
        return node in parent.ifs
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)


def _is_tested_number(site: Site, comparison: ast.Compare, node: ast.expr) -> bool:
    """Return whether a number is only compared with numbers, or searched for, in a test."""
    if not is_tested(site, comparison):
        return False
    if isinstance(comparison.ops[0], ast.In | ast.NotIn):
        container = comparison.comparators[0]
        return node is comparison.left and site.kinds.is_a(container, *_SEARCHED)
    others = [each for each in (comparison.left, *comparison.comparators) if each is not node]
    return all(_is_number(site, each, node) for each in others)


def _is_number(site: Site, node: ast.expr, beside: ast.expr) -> bool:
    """Return whether an expression is known as one number, not as an array."""
    if node is beside or site.kinds.is_a(node, *NUMBERS):
        return True
    match node:
        case ast.Subscript(value=array, slice=index):
            return is_array(site, array) and site.kinds.is_a(index, *NUMBERS)
        case ast.BinOp(left=left, right=right):
            return _is_number(site, left, beside) and _is_number(site, right, beside)
        case ast.UnaryOp(operand=operand):
            return _is_number(site, operand, beside)
        case ast.Call(func=ast.Name(id="abs"), args=[only]):
            return _is_number(site, only, beside)
    return False


def _is_looked_up(site: Site, item: ast.Subscript, whole: ast.expr) -> bool:
    if isinstance(item.ctx, ast.Load):
        return site.kinds.is_a(whole, *_LOOKED_UP)
    # A dict would keep the number as its key.
    return is_array(site, whole) or site.kinds.is_a(whole, "list")


def _is_computed(site: Site, operation: ast.BinOp, node: ast.expr) -> bool:
    other = operation.right if operation.left is node else operation.left
    if isinstance(operation.op, _DIVIDING):
        return operation.left is node and is_nonzero(operation.right)
    if isinstance(operation.op, ast.Pow):
        return operation.left is node and (int_value(operation.right) or 0) in (1, 2, 3)
    return isinstance(operation.op, _EXACT) and _is_number(site, other, node)


def _is_stored(
    site: Site, statement: ast.Assign | ast.AugAssign, node: ast.expr, passed: int
) -> bool:
    """Return whether a number goes into an array, or into a variable whose uses lose its type."""
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
    if isinstance(statement, ast.Assign) and len(statement.targets) != 1:
        return False
    if isinstance(target, ast.Subscript):
        return is_array(site, target.value)
    name = assigned_name(statement)
    if name is None or not is_private_local(site, name):
        return False
    bound = site.scope.bindings[name]
    return len(bound) == 1 and all(
        use.kind == "bind" or loses_type(site, use.node, passed + 1) for use in uses_of(site, name)
    )
