"""Values: what expressions over elements give, and when that is certain."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from ..reading.syntax import int_value
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Site

ValueKind = Literal["bool", "int", "float", "element", "number"]
"""Of what type the value is: `element` as the arrays' elements, `number` one of several."""

FLOAT_FUNCTIONS = words(
    "sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh",
    "cbrt degrees radians deg2rad rad2deg hypot arctan2 floor ceil rint trunc",
)
_LOUD = FLOAT_FUNCTIONS - words("floor ceil rint trunc degrees radians deg2rad rad2deg arctan")
_LOUD_OPERATORS = (ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)


@dataclass(frozen=True)
class Value:
    """What an expression over elements gives."""

    kind: ValueKind
    native: bool = False
    """It may be one of Python's own numbers: those divide by zero with an exception."""
    settled: bool = True
    """False when its type differs from element to element."""
    varies: bool = True
    """False when it is the same for every element."""
    degree: int = 1
    """Of how many of Python's own integers it is a product: those never overflow."""


@dataclass(frozen=True)
class Element:
    """How an element is written over the whole arrays."""

    text: str
    value: Value = Value("element")
    exact: bool = True
    """False when its last bits may differ."""


def chosen_of(asked: Value, first: Value, second: Value) -> Value | None:
    """Return what choosing between two values gives, None when that is not certain."""
    if asked.kind != "bool" or not asked.varies:
        return None
    native = first.native or second.native
    if first.kind == second.kind == "bool":
        return Value("bool", native)
    if "bool" in (first.kind, second.kind):
        return None
    settled = first.kind == second.kind != "number" and first.settled and second.settled
    return Value(wider(first.kind, second.kind), native, settled=settled)


def settle(first: Value, second: Value) -> bool:
    """Return whether an operation's type is certain: one of numpy's numbers makes it so."""
    return (first.settled or not second.native) and (second.settled or not first.native)


def wider(first: ValueKind, second: ValueKind) -> ValueKind:
    """Return the kind of a number that two numbers make."""
    if "float" in (first, second):
        return "float"
    if "number" in (first, second):
        return "number"
    return "element" if "element" in (first, second) else "int"


def is_nonzero(node: ast.expr) -> bool:
    """Return whether an expression is a number other than 0, written out."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and bool(node.value)


def is_never_negative(node: ast.expr) -> bool:
    """Return whether an expression is a sum of squares by its form."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_never_negative(left) and is_never_negative(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return ast.dump(left) == ast.dump(right)
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=2)):
            return True
        case ast.Constant(value=int() | float() as value):
            return value >= 0
    return False


def is_quiet(site: Site, node: ast.AST) -> bool:
    """Return whether evaluating code for an element more neither warns nor fails."""
    called = [
        site.module.function_meant(each.func) for each in walk(node) if isinstance(each, ast.Call)
    ]
    pieces = [node, *(each for each in called if each is not None)]
    return not any(_is_loud(site, each) for piece in pieces for each in walk(piece))


def _is_loud(site: Site, node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, _LOUD_OPERATORS):
        if isinstance(node.op, ast.Pow):
            return (int_value(node.right) or 0) <= 0
        return not is_nonzero(node.right)
    if isinstance(node, ast.Call):
        name = (site.module.qualified(node.func) or "").rpartition(".")[2]
        return name in _LOUD and not (name == "sqrt" and is_never_negative(node.args[0]))
    return False


def bracketed(text: str) -> str:
    """Return an expression in brackets, unless it binds as closely as a name anyway."""
    node = ast.parse(f"({text})", mode="eval").body
    close = ast.Name | ast.Call | ast.Subscript | ast.Attribute | ast.Constant
    has_brackets = (node.lineno, node.col_offset) > (1, 1)
    return text if has_brackets or isinstance(node, close) else f"({text})"
