"""Row reductions: a sum or the like of each row, taken of all rows at once.

Along the last axis of an array whose rows lie one after the other in memory, numpy adds up each row
as it adds up one by itself, so that even the last bit is the same.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from ..loops import names_read
from ..rewrite import Site
from .accesses import Axis
from .evidence import is_array, is_place
from .values import Element, Value, ValueKind

_KINDS: dict[str, ValueKind] = {
    **dict.fromkeys(("sum", "min", "max"), "element"),
    **dict.fromkeys(("mean", "std", "var", "median"), "float"),
    **dict.fromkeys(("argmin", "argmax"), "int"),
    **dict.fromkeys(("any", "all"), "bool"),
}
_OF_FLOATS = ("mean", "std", "var", "median")


def reduction_of(site: Site, node: ast.AST) -> tuple[str, ast.expr] | None:
    """Return the name and the argument when an expression reduces something to one number."""
    match node:
        case ast.Call(func=func, args=[argument], keywords=[]):
            package, _, name = (site.module.qualified(func) or "").rpartition(".")
            return (name, argument) if package == "numpy" and name in _KINDS else None
        case ast.Call(func=ast.Attribute(value=argument, attr=name), args=[], keywords=[]):
            return (name, argument) if name in _KINDS and name != "median" else None
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

    def element(self, node: ast.expr) -> Element | None:
        """Return the reductions of all rows that an expression is one of, None for any other."""
        found = reduction_of(self.site, node)
        if found is None:
            return None
        name, row = found
        text = self._row(row)
        if text is None:
            return None
        array = text.partition("[")[0]
        self.met.setdefault(array, set()).add(name)
        reduced = f"{text}.{name}(axis=1)"
        if name == "median":
            reduced = f"{self.np}.median({text}, axis=1)"
        return Element(reduced, Value(_KINDS[name]))

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
        for text, names in self.met.items():
            float64, int64 = f"{self.np}.float64", f"{self.np}.int64"
            dtypes = f"== {float64}" if names & {*_OF_FLOATS} else f"in ({float64}, {int64})"
            found.append(f"type({text}) is {self.np}.ndarray and {text}.dtype {dtypes}")
            found.append(f"{text}.ndim == 2 and {text}.shape[1] > 0 and {text}.flags.c_contiguous")
            found += [f"{text}.shape[0] >= {end}" for end in sorted(self.ends.get(text, ()))]
        return found
