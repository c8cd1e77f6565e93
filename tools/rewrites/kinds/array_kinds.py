"""Array kinds: what is known of expressions over numpy's arrays and pandas' frames and series."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..reading.module_source import ModuleSource
from ..reading.words import words
from .kind import ARRAYS, NUMBERS, Kind
from .known_arrays import (
    ELEMENTWISE,
    FRAME_ATTRIBUTES,
    REDUCING,
    known_call,
    made_by,
    makes_shape,
    method_result,
)

if TYPE_CHECKING:
    from .kinds import Kinds

_WIDEST = ("dataframe", "series", "arraylike", "ndarray")
"""What an operation between two of these answers: the first that is among them."""


class ArrayKinds:
    """The part of `Kinds` that knows numpy and pandas."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def of_call(self, node: ast.Call, name: str) -> Kind | None:
        """Return the kind of what a call of a function of numpy or pandas answers."""
        own = known_call(name)
        given = [self._kinds.of(each) for each in node.args]
        if own in ELEMENTWISE and not (own == "where" and len(given) == 1):
            return self._elementwise(given)
        if own in REDUCING:
            if given and given[0] is not None and given[0].name == "dataframe":
                return Kind("series")
            return Kind("number") if _is_whole(node, first=1) else Kind("arraylike")
        if own == "unique" and len(node.args) == 1 and not node.keywords:
            return Kind("ndarray", Kind("number"))
        if makes_shape(name):
            return Kind("ndarray", Kind("number") if self._is_flat(node) else None)
        if name == "pandas.concat":
            parts = self._kinds.element(node.args[0]) if node.args else None
            return parts if parts is not None and parts.name in ARRAYS else None
        return made_by(name)

    def _elementwise(self, given: list[Kind | None]) -> Kind | None:
        if given and all(each is not None and each.name in NUMBERS for each in given):
            return Kind("number")
        return self.of_operation(given) or Kind("arraylike")

    def _is_flat(self, node: ast.Call) -> bool:
        """Return whether the shape asked for is one number."""
        return bool(node.args) and self._kinds.is_a(node.args[0], *NUMBERS)

    def of_operation(self, operands: Iterable[Kind | None]) -> Kind | None:
        """Return the kind of what an operator answers for operands of which one is an array."""
        known = [each for each in operands if each is not None and each.name in ARRAYS]
        for name in _WIDEST:
            met = [each for each in known if each.name == name]
            if met:
                flat = len(known) == 1 and name == "ndarray" and met[0].item is not None
                return Kind(name, met[0].item if flat else None)
        return None

    def of_comparison(self, node: ast.Compare) -> Kind | None:
        """Return the kind of a comparison that answers element by element, else None."""
        if not all(isinstance(each, _ELEMENT_BY_ELEMENT) for each in node.ops):
            return None
        return self.of_operation(self._kinds.of(each) for each in (node.left, *node.comparators))

    def of_item(self, whole: Kind, index: ast.expr) -> Kind | None:
        """Return the kind of what `array[index]` gives."""
        if whole.name == "dataframe":
            return self._of_frame_item(index)
        if isinstance(index, ast.Slice):
            return whole
        if isinstance(index, ast.Tuple):
            parts = any(isinstance(each, ast.Slice) for each in index.elts)
            return Kind(whole.name) if parts else None
        kind = self._kinds.of(index)
        if kind is None:
            return None
        if kind.name in NUMBERS:
            return whole.element
        return whole if kind.name in ("ndarray", "series", "list") else None

    def _of_frame_item(self, index: ast.expr) -> Kind | None:
        if isinstance(index, ast.Slice):
            return Kind("dataframe")
        kind = self._kinds.of(index)
        if kind is None:
            return None
        if kind.name in ("str", *NUMBERS):
            return Kind("series")
        return Kind("dataframe") if kind.name in ("ndarray", "series", "list") else None

    def of_attribute(self, receiver: Kind, name: str) -> Kind | None:
        """Return the kind of an attribute of an array, frame or series."""
        if name == "T" or (name == "values" and receiver.name != "ndarray"):
            return Kind("ndarray" if name == "values" else receiver.name)
        if receiver.name == "ndarray" and name in ("size", "ndim"):
            return Kind("int")
        if name == "shape":
            return Kind("tuple", Kind("int"))
        if receiver.name == "dataframe" and name not in FRAME_ATTRIBUTES:
            # A column, unless it is a method, which nobody reads without calling it.
            return Kind("series")
        return None

    def of_method(self, receiver: Kind, node: ast.Call, method: str) -> Kind | None:
        """Return the kind of what a method of an array, frame or series answers."""
        return method_result(receiver, method, whole=_is_whole(node, first=0))


_ELEMENT_BY_ELEMENT = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _is_whole(node: ast.Call, *, first: int) -> bool:
    """Return whether a reduction is over everything: no axis is named, by position or keyword."""
    return len(node.args) <= first and all(
        each.arg in ("dtype", "initial", "ddof") for each in node.keywords
    )


_OF_A_COLUMN = words(
    "unique values str dt fillna astype isin map value_counts notna isna notnull isnull nunique",
    "to_numpy iloc tolist",
)


def is_used_as_frame(module: ModuleSource, name: ast.Name) -> bool:
    """Return whether what is done with a name is what only a frame with columns allows."""
    parent = module.parents[name]
    if not isinstance(parent, ast.Subscript) or parent.value is not name:
        return False
    match parent.slice:
        case ast.Constant(value=str()):
            outer = module.parents[parent]
            return isinstance(outer, ast.Attribute) and outer.attr in _OF_A_COLUMN
        case ast.Compare(left=ast.Subscript(value=ast.Name(id=other), slice=ast.Constant())):
            return other == name.id
    return False
