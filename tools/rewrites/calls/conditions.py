"""Conditions: cheap tests that wait behind expensive ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ....profiles.facts.facts import Need
from ..reading.loops import is_pure_expression
from ..reading.scopes import COMPREHENSIONS
from ..reading.syntax import is_constant, operand_text
from ..reading.uses import may_be_caught
from ..reading.walks import walk
from ..rewrite import Change, Risk, Site
from ..writing.edit import Replace

_COMPARED_BY_VALUE = ("str", "int", "float", "bool", "number", "bytes", "NoneType")
_GOES_THROUGH = ("sorted", "sum", "min", "max", "any", "all")


class CheapTestFirst:
    """Asks what costs nothing before what costs a call."""

    name = "cheap-test-first"
    summary = '`expensive(x) and mode == "fast"` asks for the mode first; `or` likewise.'
    why_right = (
        "Neither test changes anything, the cheap one cannot fail, and only whether both hold is "
        "used; where the cheap one decides, an exception that the other would raise no longer is."
    )
    risk: Risk = "medium"
    promise = 0.3
    needs: tuple[Need, ...] = ("calls",)

    def propose(self, site: Site) -> Iterator[Change]:
        """Yield one change for each condition in a better order."""
        for node in site.scope.of_type(ast.BoolOp):
            ordered = _ordered(site, node)
            if ordered is None or not _is_only_truth(site, node) or may_be_caught(site, node):
                continue
            yield Change(
                line=node.lineno,
                last_line=node.end_lineno,
                hypothesis="a call is made before a comparison that may make it needless",
                edits=(Replace(node, _joined(site, node, ordered)),),
                risk=self.risk,
            )


def _ordered(site: Site, node: ast.BoolOp) -> list[ast.expr] | None:
    """Return the operands with those that cost nothing before the first that costs much."""
    at = next((i for i, each in enumerate(node.values) if _is_expensive(site, each)), None)
    if at is None:
        return None
    before, after = node.values[:at], node.values[at:]
    cheap = [each for each in after if _is_certain(site, each)]
    if not cheap:
        return None
    passed = after[: after.index(cheap[-1])]
    if not all(each in cheap or is_pure_expression(site, each) for each in passed):
        return None
    return [*before, *cheap, *(each for each in after if each not in cheap)]


def _joined(site: Site, node: ast.BoolOp, ordered: list[ast.expr]) -> str:
    """Return the condition in its new order, on as many lines as it was on."""
    operator = "and" if isinstance(node.op, ast.And) else "or"
    texts = [operand_text(site.module, each) for each in ordered]
    if node.end_lineno == node.lineno:
        return f" {operator} ".join(texts)
    return "(\n    " + f"\n    {operator} ".join(texts) + "\n)"


def _is_expensive(site: Site, node: ast.expr) -> bool:
    """Return whether a test without side effects calls a function of the module, or loops."""
    costs = any(
        isinstance(each, COMPREHENSIONS) or (isinstance(each, ast.Call) and _is_work(site, each))
        for each in walk(node)
    )
    return costs and is_pure_expression(site, node)


def _is_work(site: Site, call: ast.Call) -> bool:
    if site.module.function_meant(call.func) is not None:
        return True
    if isinstance(call.func, ast.Attribute):
        is_match = site.kinds.is_a(call.func.value, "pattern")
        return is_match or site.effects.method_called(call.func) is not None
    return site.module.qualified(call.func) in _GOES_THROUGH


def _is_certain(site: Site, node: ast.expr) -> bool:
    """Return whether a test costs nothing and cannot fail, whatever the tests before it say."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_certain(site, operand)
        case ast.Name():
            return site.kinds.is_a(node, "bool")
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()], comparators=[right]):
            return _is_variable(site, left) and _is_variable(site, right)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            # A kind may leave out None, which compares as unequal but has no order.
            return _is_value(site, left) and _is_value(site, right)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[right]):
            is_listed = isinstance(right, ast.Tuple | ast.List | ast.Set)
            return is_listed and all(map(is_constant, right.elts)) and _is_value(site, left)
    return False


def _is_value(site: Site, node: ast.expr) -> bool:
    return _is_variable(site, node) and site.kinds.is_a(node, *_COMPARED_BY_VALUE)


def _is_variable(site: Site, node: ast.expr) -> bool:
    """Return whether an expression is a constant, a variable or an attribute of `self`."""
    if isinstance(node, ast.Attribute):
        is_own = isinstance(node.value, ast.Name) and node.value.id == "self"
        # A property is a call as well.
        return is_own and node.attr not in site.module.methods and site.kinds.of(node) is not None
    return isinstance(node, ast.Name | ast.Constant)


def _is_only_truth(site: Site, node: ast.BoolOp) -> bool:
    """Return whether only the truth of a condition is used, or it is nothing but True or False."""
    if all(site.kinds.is_a(each, "bool") for each in node.values):
        return True
    outer: ast.AST = node
    parent = site.module.parents[outer]
    while isinstance(parent, ast.BoolOp):
        outer, parent = parent, site.module.parents[parent]
    match parent:
        case ast.If() | ast.While() | ast.IfExp() | ast.Assert():
            return parent.test is outer
        case ast.comprehension():
            return outer in parent.ifs
        case ast.UnaryOp():
            return isinstance(parent.op, ast.Not)
    return False
