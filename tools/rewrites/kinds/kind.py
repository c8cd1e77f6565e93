"""A kind: the name of a type and what its values hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NUMBERS = frozenset(("int", "float", "bool", "number"))
MAPPINGS = ("dict", "defaultdict", "Counter")
IMMUTABLE = NUMBERS | {
    "str",
    "bytes",
    "NoneType",
    "complex",
    "frozenset",
    "range",
    "pattern",
    "match",
}
"""Kinds whose values never change and can be hashed (a tuple depends on what it holds)."""

ARRAYS = frozenset(("ndarray", "dataframe", "series", "arraylike", "groupby"))
"""Kinds of numpy and pandas; an `ndarray` has an element only when it surely has one dimension,
and what is `arraylike` may also be a single number."""

UNHASHABLE = frozenset(("ndarray", "dataframe", "series")) | {
    "list",
    "dict",
    "set",
    "deque",
    "defaultdict",
    "Counter",
}
"""Kinds whose values can never be hashed."""


@dataclass(frozen=True)
class Kind:
    """What is known of a value's type."""

    name: str
    """A builtin type's name; `number` for int or float; `iterator`, `view`, `pattern`, `sequence`
    (some sequence, perhaps a string), `iterable`; `<module>.Name` for an instance of the module's
    own class; those of `ARRAYS`."""
    item: Kind | None = None
    """Of the elements, or of a mapping's keys; None when unknown."""
    value: Kind | None = None
    """Of a mapping's values; None when unknown or no mapping."""
    items: tuple[Kind | None, ...] = ()
    """Of each element of a tuple of known length."""

    @property
    def element(self) -> Kind | None:
        """What iterating yields, None when unknown."""
        if self.items:
            return common(self.items)
        if self.name == "str":
            return Kind("str")
        if self.name in ("range", "bytes"):
            return Kind("int")
        return self.item


def common(kinds: Iterable[Kind | None]) -> Kind | None:
    """Return the kind that all have in common; None when one is unknown or they differ.

    None among the values of another kind does not count: it can be hashed and never changes, too.
    """
    met: Kind | None = None
    for kind in kinds:
        if kind is None:
            return None
        if met is None or met.name == "NoneType":
            met = kind
        elif kind.name != "NoneType" and kind != met:
            merged = _merged(met, kind)
            if merged is None:
                return None
            met = merged
    return met


def _merged(first: Kind, second: Kind) -> Kind | None:
    if first.name in NUMBERS and second.name in NUMBERS:
        return Kind("number")
    if first.name != second.name:
        return None
    if first.items and len(first.items) == len(second.items):
        pairs = zip(first.items, second.items, strict=True)
        return Kind(first.name, items=tuple(common(pair) for pair in pairs))
    return Kind(
        first.name,
        common((first.element, second.element)),
        common((first.value, second.value)),
    )
