"""Elementwise: an expression over one element, written as an expression over whole arrays.

Written so, it answers what the loop over the elements answers, to the last bit, as long as the
arrays hold 64-bit floats or integers: numpy does the same operation on each element. Powers are the
exception: of whole arrays numpy computes some of them another way.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from ..kinds.kind import NUMBERS
from ..reading.loops import is_pure_expression
from ..reading.syntax import int_value
from ..reading.words import words
from ..rewrite import Site
from ..writing.edit import FunctionNode
from .functions import read_body, read_call
from .values import (
    FLOAT_FUNCTIONS,
    Element,
    Value,
    bracketed,
    chosen_of,
    is_never_negative,
    is_nonzero,
    is_quiet,
    settle,
    wider,
)

_SAME_FUNCTIONS = words("abs absolute fabs square sign negative")
_OF_TWO = ("hypot", "arctan2", "minimum", "maximum")
_TESTS = words("isnan isinf isfinite")
_EXACT = (ast.Add, ast.Sub, ast.Mult)
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_LARGEST_POWER = 4
_HIGHEST_DEGREE = 3
_LONGEST_BODY = 4
_LIMITS = {2: "2**30", 3: "2**20"}
"""What integers must stay below so that sums of products of so many of them fit into 64 bits."""


class Elementwise:
    """Reads expressions over elements; what it met is kept for the guard of the new code.

    Attributes:
        scalars: Texts of the outer values met, which must be numbers.
        exact: False when the last bit may differ.
        integral: False when an answer may be a float though all elements are integers.
        chooses: True when values are chosen between: what is chosen may be of either's type.
        degree: Of how many outer integers, or numbers counted through, products are made.
        divisors: Texts of what Python's own numbers are divided by, which must not be 0.
        shared: Texts of arrays of which single elements are read.
    """

    def __init__(
        self,
        site: Site,
        np: str,
        element: Callable[[ast.expr], Element | None],
        is_outer: Callable[[ast.expr], bool],
        *,
        may_ask: bool = False,
    ) -> None:
        """Read for a site.

        Args:
            site: where the expressions stand.
            np: how numpy is written there.
            element: tells which expression is an element, None for any other.
            is_outer: tells whether an expression has the same value for every element.
            may_ask: True when the guard of the new code asks about `divisors`.
        """
        self._site = site
        self._np = np
        self._element = element
        self._is_outer = is_outer
        self._may_ask = may_ask
        self._is_inside = False
        self._inner: dict[ast.expr, str] = {}
        self.scalars: dict[str, None] = {}
        self.exact = True
        self.integral = True
        self.degree = 1
        self.chooses = False
        self.shared: dict[str, None] = {}
        self.divisors: dict[str, None] = {}

    @property
    def limit(self) -> str:
        """What those integers must stay below; empty when they are not multiplied."""
        return _LIMITS.get(self.degree, "")

    def text(self, node: ast.expr) -> str:
        """Return how an expression that was read is written over whole arrays."""
        return self._site.module.segment_with(node, self._inner)

    def read(self, node: ast.expr) -> Value | None:  # noqa: PLR0911 - one arm a node type
        """Return what an expression gives, None when it cannot be written over whole arrays."""
        found = self._element(node)
        if found is not None:
            self._inner[node] = found.text
            self.exact = self.exact and found.exact
            return found.value
        match node:
            case ast.Constant(value=value):
                return self._constant(value)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._scalar(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare():
                return self._comparison(node)
            case ast.BoolOp():
                return self._boolean(node)
            case ast.IfExp():
                return self._choice(node)
            case ast.Call():
                return self._call(node)
        return None

    # -- one node -----------------------------------------------------------------------------

    def _constant(self, value: object) -> Value | None:
        if isinstance(value, bool):
            return Value("bool", native=True, varies=False)
        if isinstance(value, int):
            degree = 1 if abs(value) < 2**20 else _HIGHEST_DEGREE
            return Value("int", native=True, varies=False, degree=degree)
        if isinstance(value, float):
            self.integral = False
            return Value("float", native=True, varies=False)
        return None

    def _scalar(self, node: ast.Name | ast.Attribute | ast.Subscript) -> Value | None:
        if self._site.module.qualified(node) in ("math.pi", "math.e", "numpy.pi", "numpy.e"):
            self.integral = False
            return Value("float", native=True, varies=False)
        if not self._is_outer(node) or not is_pure_expression(self._site, node):
            return None
        if isinstance(node, ast.Subscript) and not self._is_plain_item(node):
            return None
        kind = self._site.kinds.of(node)
        if kind is not None and kind.name not in NUMBERS:
            return None
        self.scalars[self._site.module.segment(node)] = None
        is_int = kind is not None and kind.name == "int"
        self.integral = self.integral and is_int
        return Value("int" if is_int else "number", native=True, varies=False)

    def _is_plain_item(self, node: ast.Subscript) -> bool:
        """Return whether an outer item belongs to something known; arrays may share memory."""
        whole = self._site.kinds.of(node.value)
        if whole is not None and whole.name == "ndarray":
            self.shared[self._site.module.segment(node.value)] = None
        return whole is not None and whole.name in ("list", "tuple", "dict", "ndarray")

    def _unary(self, node: ast.UnaryOp) -> Value | None:
        value = self.read(node.operand)
        if value is None or not value.settled:
            return None
        if isinstance(node.op, ast.Not):
            if value.kind != "bool":
                return None
            self._inner[node] = f"{self._np}.logical_not({self.text(node.operand)})"
            return Value("bool", native=True)
        if value.kind == "bool" or isinstance(node.op, ast.Invert):
            return None
        return value

    def _binary(self, node: ast.BinOp) -> Value | None:
        left, right = self.read(node.left), self.read(node.right)
        if left is None or right is None or not settle(left, right):
            return None
        native, varies = left.native and right.native, left.varies or right.varies
        if isinstance(node.op, _BITS) and left.kind == right.kind == "bool":
            return Value("bool", native, varies=varies)
        if "bool" in (left.kind, right.kind):
            return None
        kind = wider(left.kind, right.kind)
        degree = self._degree(node, left, right) if native and varies and kind != "float" else 1
        if isinstance(node.op, ast.Div):
            self.integral, kind = False, "float"
        fits = isinstance(node.op, _EXACT)
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
            # Python's own numbers raise where numpy's answer inf or nan.
            fits = not native or is_nonzero(node.right) or self._may_ask
            if native and not is_nonzero(node.right):
                self.divisors[self.text(node.right)] = None
        elif isinstance(node.op, ast.Pow):
            fits = self._is_power(node, left, native=native)
        fits = fits and degree <= _HIGHEST_DEGREE
        return Value(kind, native, varies=varies, degree=degree) if fits else None

    def _degree(self, node: ast.BinOp, left: Value, right: Value) -> int:
        """Return of how many integers a product is made."""
        degree = max(left.degree, right.degree)
        if isinstance(node.op, ast.Mult):
            degree = left.degree + right.degree
        elif isinstance(node.op, ast.Pow):
            degree = left.degree * (int_value(node.right) or 1)
        self.degree = max(self.degree, degree)
        return degree

    def _is_power(self, node: ast.BinOp, base: Value, *, native: bool) -> bool:
        exponent = int_value(node.right)
        if exponent is not None and 0 <= exponent <= _LARGEST_POWER:
            self.exact = self.exact and base.kind == "int"
            return True
        self.exact = False
        return not native and isinstance(node.right, ast.Constant)

    def _comparison(self, node: ast.Compare) -> Value | None:
        operands = [node.left, *node.comparators]
        values = [self.read(each) for each in operands]
        if not all(isinstance(each, _COMPARISONS) for each in node.ops):
            return None
        if any(each is None or each.kind == "bool" or not each.settled for each in values):
            return None
        if len(node.ops) > 1:
            if not all(is_quiet(self._site, each) for each in operands):
                return None
            texts = [self.text(each) for each in operands]
            pairs = zip(texts, node.ops, texts[1:], strict=False)
            shown = [f"({left} {_OPERATORS[type(op)]} {right})" for left, op, right in pairs]
            self._inner[node] = f"({' & '.join(shown)})"
        return Value("bool", varies=any(each is not None and each.varies for each in values))

    def _boolean(self, node: ast.BoolOp) -> Value | None:
        values = [self.read(each) for each in node.values]
        if any(each is None or each.kind != "bool" or not each.varies for each in values):
            return None
        # What `and` would not look at must not warn or fail when it is looked at.
        if not all(is_quiet(self._site, each) for each in node.values[1:]):
            return None
        operator = " & " if isinstance(node.op, ast.And) else " | "
        shown = operator.join(bracketed(self.text(each)) for each in node.values)
        self._inner[node] = f"({shown})"
        return Value("bool")

    def _choice(self, node: ast.IfExp) -> Value | None:
        found = self.read_choice(node.test, node.body, node.orelse)
        if found is None:
            return None
        self._inner[node] = found[1]
        return found[0]

    def read_choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr
    ) -> tuple[Value, str] | None:
        """Return what a choice between two expressions gives, and how it is written."""
        asked, first, second = self.read(test), self.read(body), self.read(orelse)
        if asked is None or first is None or second is None:
            return None
        return self.choose(
            (asked, self.text(test)),
            (first, self.text(body)),
            (second, self.text(orelse)),
            [body, orelse],
        )

    def choose(
        self,
        asked: tuple[Value, str],
        first: tuple[Value, str],
        second: tuple[Value, str],
        branches: Sequence[ast.AST],
    ) -> tuple[Value, str] | None:
        """Return what a choice between values that were read gives, and how it is written."""
        chosen = chosen_of(asked[0], first[0], second[0])
        # Both are worked out for every element: neither may warn or fail where it is not wanted.
        if chosen is None or not all(is_quiet(self._site, each) for each in branches):
            return None
        self.chooses = True
        return chosen, f"{self._np}.where({asked[1]}, {first[1]}, {second[1]})"

    # -- calls --------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Value | None:
        name = self._site.module.qualified(node.func) or ""
        if node.keywords or not node.args:
            return None
        if name in ("min", "max") and len(node.args) == 2:
            return self._extreme(node, name)
        own = self._site.module.function_meant(node.func)
        found = self._fixed(node, name) if own is None else self._inlined(node, own)
        if found is not None or own is not None:
            return found
        values = [self.read(each) for each in node.args]
        met = [each for each in values if each is not None]
        if len(met) != len(values) or any(each.kind == "bool" or not each.settled for each in met):
            return None
        package, _, own = name.rpartition(".")
        if package == "math":
            return self._math(node, own)
        if package == "numpy":
            return self._numpys(own, met)
        return met[0] if name == "abs" and len(met) == 1 else None

    def _inlined(self, node: ast.Call, function: FunctionNode) -> Value | None:
        """Read a call of a function of the module that only works out an answer."""
        found = None if self._is_inside else read_call(self, node, function)
        if found is None:
            return None
        self._inner[node] = bracketed(found[1])
        return found[0]

    def read_function(
        self, function: FunctionNode | ast.Lambda, given: dict[str, Element]
    ) -> tuple[Value, str] | None:
        """Return what a function answers for given arguments, and how that is written.

        Returns:
            None when it does more than to choose between expressions over its parameters and
            outer values.
        """
        around, self._element, self._is_inside = self._element, _parameter(given), True
        found = read_body(self, self._site, function, set(given))
        self._element, self._is_inside = around, False
        return found

    def _fixed(self, node: ast.Call, name: str) -> Value | None:
        """Read a call of `len` or `math` that answers one number for all elements."""
        if not (name == "len" or name.startswith("math.")) or not self._is_outer(node):
            return None
        kind = self._site.kinds.of(node)
        if kind is None or kind.name not in ("int", "float"):
            return None
        self.integral = self.integral and kind.name == "int"
        return Value("int" if kind.name == "int" else "float", native=True, varies=False)

    def _numpys(self, own: str, values: list[Value]) -> Value | None:
        """Read functions of numpy, which do the same for an array as for each of its elements."""
        if own in _OF_TWO:
            if len(values) != 2:
                return None
            kind = wider(values[0].kind, values[1].kind)
            self.integral = self.integral and own not in FLOAT_FUNCTIONS
            return Value("float" if own in FLOAT_FUNCTIONS else kind)
        if len(values) != 1:
            return None
        if own in _TESTS:
            return Value("bool")
        if own in _SAME_FUNCTIONS:
            return Value(values[0].kind)
        if own in FLOAT_FUNCTIONS:
            self.integral = False
            return Value("float")
        return None

    def _math(self, node: ast.Call, own: str) -> Value | None:
        """Read functions of `math` that numpy's answer to the last bit, and without exceptions."""
        argument = node.args[0]
        known = own in ("fabs", "isnan", "isinf", "isfinite")
        if own == "sqrt" and is_never_negative(argument):
            known = True
        if not known or len(node.args) != 1:
            return None
        self._inner[node.func] = f"{self._np}.{own}"
        self.integral = False
        return Value("bool" if own in _TESTS else "float")

    def _extreme(self, node: ast.Call, name: str) -> Value | None:
        """Read `min` and `max` of two, which answer the first unless the second is beyond it."""
        first, second = (self.read(each) for each in node.args)
        if first is None or second is None:
            return None
        chosen = chosen_of(Value("bool"), first, second)
        if chosen is None or "bool" in (first.kind, second.kind):
            return None
        left, right = (self.text(each) for each in node.args)
        operator = "<" if name == "min" else ">"
        loose = isinstance(node.args[0], ast.Compare | ast.BoolOp | ast.IfExp)
        if loose or not all(is_quiet(self._site, each) for each in node.args):
            return None
        self.chooses = True
        self._inner[node] = f"{self._np}.where({right} {operator} {left}, {right}, {left})"
        return chosen


_OPERATORS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def _parameter(given: dict[str, Element]) -> Callable[[ast.expr], Element | None]:
    return lambda node: given.get(node.id) if isinstance(node, ast.Name) else None
