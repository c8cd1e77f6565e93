"""Row reductions: a sum or the like of each row, taken of all rows at once.

Along the last axis of an array whose rows lie one after the other in memory, numpy adds up each row
as it adds up one by itself, so that even the last bit is the same.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ..reading.loops import names_read
from ..rewrite import Site
from .accesses import Axis
from .evidence import is_array, is_place
from .values import Element, Value, ValueKind, bracketed

_KINDS: dict[str, ValueKind] = {
    **dict.fromkeys(("sum", "min", "max"), "element"),
    **dict.fromkeys(("mean", "std", "var", "median"), "float"),
    **dict.fromkeys(("argmin", "argmax"), "int"),
    **dict.fromkeys(("any", "all"), "bool"),
}
_OF_FLOATS = ("mean", "std", "var", "median", "dot", "norm")
_ELEMENTWISE = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_FUNCTIONS = ("abs", "absolute", "square", "sqrt", "exp", "log")


def reduction_of(site: Site, node: ast.AST) -> tuple[str, ast.expr] | None:
    """Return the name and the argument when an expression reduces something to one number."""
    match node:
        case ast.Call(func=func, args=[argument], keywords=[]):
            package, _, name = (site.module.qualified(func) or "").rpartition(".")
            if package == "numpy.linalg" and name == "norm":
                return name, argument
            return (name, argument) if package == "numpy" and name in _KINDS else None
        case ast.Call(func=ast.Attribute(value=argument, attr=name), args=[], keywords=[]):
            return (name, argument) if name in _KINDS and name != "median" else None
    return None


def is_product(site: Site, node: ast.AST) -> bool:
    """Return whether an expression is the product of something with a vector."""
    return _factors(site, node) is not None


def _factors(site: Site, node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    match node:
        case ast.BinOp(left=first, op=ast.MatMult(), right=second):
            return first, second
        case ast.Call(func=func, args=[first, second], keywords=[]):
            return (first, second) if site.module.qualified(func) == "numpy.dot" else None
        case ast.Call(func=ast.Attribute(value=first, attr="dot"), args=[second], keywords=[]):
            return first, second
    return None


@dataclass
class RowReductions:
    """Recognizes reductions of rows, and keeps what they ask of the arrays."""

    site: Site
    np: str
    axes: list[Axis]
    """The one axis that rows are counted along; none when a name goes through them."""
    changing: set[str]
    rows: dict[str, str] = field(default_factory=dict)
    """The array whose rows a name goes through."""
    met: dict[str, set[str]] = field(default_factory=dict)
    """Names of the reductions, by the text of the array."""
    ends: dict[str, set[str]] = field(default_factory=dict)
    """How many rows each array must have."""
    beside: dict[str, set[str]] = field(default_factory=dict)
    """Vectors that are combined with rows, and the arrays whose rows these are."""

    def element(self, node: ast.expr) -> Element | None:
        """Return the reductions of all rows that an expression is one of, None for any other."""
        product = self._product(node)
        if product is not None:
            return product
        found = reduction_of(self.site, node)
        if found is None:
            return None
        name, reduced = found
        if name == "norm":
            text = self._of_rows(reduced, {name})
            # For one vector numpy takes the root of a product, for many of a sum.
            norm = f"{self.np}.linalg.norm({text}, axis=1)"
            return None if text is None else Element(norm, Value("float"), exact=False)
        text = self._of_rows(reduced, {name})
        if text is None:
            return None
        if name == "median":
            return Element(f"{self.np}.median({text}, axis=1)", Value("float"))
        return Element(f"{bracketed(text)}.{name}(axis=1)", Value(_KINDS[name]))

    def _product(self, node: ast.expr) -> Element | None:
        """Return the products of all rows with a vector that an expression is one of."""
        factors = _factors(self.site, node)
        if factors is None:
            return None
        row, vector = factors
        rows = self._row(row)
        if rows is None or not self._is_vector(vector):
            return None
        array = rows.partition("[")[0]
        self.met.setdefault(array, set()).add("dot")
        text = self.site.module.segment(vector)
        self.beside.setdefault(text, set()).add(array)
        return Element(f"({rows} @ {text})", Value("float"), exact=False)

    def _of_rows(self, node: ast.expr, names: set[str]) -> str | None:
        """Return an expression over a row, written over all rows; None where no row is met."""
        inner: dict[ast.expr, str] = {}
        vectors: list[ast.expr] = []
        if not self._read(node, inner, vectors):
            return None
        arrays = {text.partition("[")[0] for text in inner.values()}
        if len(arrays) != 1:
            return None
        array = arrays.pop()
        self.met.setdefault(array, set()).update(names if node in inner else {*names, "computed"})
        for each in vectors:
            self.beside.setdefault(self.site.module.segment(each), set()).add(array)
        return self.site.module.segment_with(node, inner)

    def _read(self, node: ast.expr, inner: dict[ast.expr, str], vectors: list[ast.expr]) -> bool:
        """Note the rows and vectors in an expression that does the same to each element."""
        rows = self._row(node)
        if rows is not None:
            inner[node] = rows
            return True
        match node:
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ELEMENTWISE):
                return self._read(left, inner, vectors) and self._read(right, inner, vectors)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._read(operand, inner, vectors)
            case ast.Call(func=func, args=[argument], keywords=[]):
                name = (self.site.module.qualified(func) or "").removeprefix("numpy.")
                return name in _FUNCTIONS and self._read(argument, inner, vectors)
            case ast.Constant(value=value):
                return type(value) in (int, float)
        vectors.append(node)
        return self._is_vector(node)

    def _is_vector(self, node: ast.expr) -> bool:
        """Return whether an expression is a vector that stays the same for all rows."""
        array = node.value if isinstance(node, ast.Subscript) else node
        names = {axis.name for axis in self.axes} | set(self.rows)
        if not is_place(array) or names_read(node) & (self.changing | names):
            return False
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Name | ast.Constant):
            return False
        return is_array(self.site, array)

    def _row(self, row: ast.expr) -> str | None:
        """Return the text of all the rows of which an expression is one."""
        if isinstance(row, ast.Name):
            return self.rows.get(row.id)
        match row:
            case ast.Subscript(value=array, slice=ast.Tuple(elts=[index, ast.Slice() as rest])):
                if rest.lower or rest.upper or rest.step:
                    return None
            case ast.Subscript(value=array, slice=index):
                pass
            case _:
                return None
        if len(self.axes) != 1 or not is_place(array) or not is_array(self.site, array):
            return None
        offset = self.axes[0].offset_of(index)
        text = self.site.module.segment(array)
        if offset is None or names_read(array) & self.changing:
            return None
        self.ends.setdefault(text, set()).add(self.axes[0].end(offset))
        part = self.axes[0].slice(offset)
        is_whole = not offset and self.axes[0].whole == text
        return text if is_whole else f"{text}[{part}]"

    def conditions(self) -> list[str]:
        """Return what must hold at run time of the arrays whose rows are reduced."""
        found: list[str] = []
        float64, int64 = f"{self.np}.float64", f"{self.np}.int64"
        for text, names in self.met.items():
            of_floats = names & {*_OF_FLOATS, "computed"}
            dtypes = f"== {float64}" if of_floats else f"in ({float64}, {int64})"
            found.append(f"type({text}) is {self.np}.ndarray and {text}.dtype {dtypes}")
            found.append(f"{text}.ndim == 2 and {text}.shape[1] > 0 and {text}.flags.c_contiguous")
            found += [f"{text}.shape[0] >= {end}" for end in sorted(self.ends.get(text, ()))]
        for text, arrays in self.beside.items():
            found.append(f"type({text}) is {self.np}.ndarray and {text}.dtype == {float64}")
            found += [f"{text}.shape == {array}.shape[1:]" for array in sorted(arrays)]
        return found
