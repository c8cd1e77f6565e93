"""Abstract classes: which exact builtin types are their instances, and which surely are not."""

from __future__ import annotations

from dataclasses import dataclass

from ..reading.words import words

BUILTIN_TYPES = words(
    "str int float bool complex bytes bytearray list tuple dict set frozenset range NoneType"
)
"""The types that the tables below speak of, by their bare names."""

_SIZED = "str bytes bytearray list tuple dict set frozenset range"
_MEMBERS = {
    "Mapping": "dict",
    "MutableMapping": "dict",
    "Sequence": "list tuple str bytes bytearray range",
    "MutableSequence": "list bytearray",
    "Set": "set frozenset",
    "MutableSet": "set",
    "Iterable": _SIZED,
    "Collection": _SIZED,
    "Container": _SIZED,
    "Sized": _SIZED,
    "Reversible": "list tuple str bytes bytearray range dict",
    "Hashable": "str int float bool complex bytes tuple frozenset range NoneType",
    "Callable": "",
    "Iterator": "",
    "Generator": "",
}
_USUAL = {
    "Mapping": "dict",
    "MutableMapping": "dict",
    "Sequence": "list tuple",
    "MutableSequence": "list",
    "Set": "set",
    "MutableSet": "set",
    "Iterable": "list",
    "Collection": "list",
    "Container": "list",
    "Sized": "list",
    "Reversible": "list",
    "Hashable": "str",
}
_NUMBERS = {
    "Number": "int float bool complex",
    "Complex": "int float bool complex",
    "Real": "int float bool",
    "Rational": "int bool",
    "Integral": "int bool",
}
_PROTOCOLS = {
    "SupportsInt": "int float bool",
    "SupportsFloat": "int float bool",
    "SupportsIndex": "int bool",
    "SupportsAbs": "int float bool complex",
    "SupportsRound": "int float bool",
}
_ALIASES = {"List": "list", "Dict": "dict", "Tuple": "tuple", "FrozenSet": "frozenset"}


@dataclass(frozen=True)
class Abstract:
    """A class whose `isinstance` test is slow, and what it says of the builtin types."""

    members: frozenset[str]
    """Builtin types whose own instances pass the test."""
    usual: tuple[str, ...]
    """Those most often met, the likeliest first; empty when there is no telling."""
    is_complete: bool
    """True when every other type of `BUILTIN_TYPES` fails the test, in every Python since 3.8."""


def _abstracts() -> dict[str, Abstract]:
    found: dict[str, Abstract] = {}
    for name, members in _MEMBERS.items():
        known = Abstract(words(members), tuple(_USUAL.get(name, "").split()), is_complete=True)
        found[f"collections.abc.{name}"] = known
        found[f"typing.{'AbstractSet' if name == 'Set' else name}"] = known
    for name, members in _NUMBERS.items():
        usual = ("int", "float") if "float" in members else ("int",)
        found[f"numbers.{name}"] = Abstract(words(members), usual, is_complete=True)
    for name, members in _PROTOCOLS.items():
        # Which types have the method has changed from one Python to the next.
        usual = ("int", "float") if "float" in members else ("int",)
        found[f"typing.{name}"] = Abstract(words(members), usual, is_complete=False)
    for name, member in _ALIASES.items():
        found[f"typing.{name}"] = Abstract(words(member), (member,), is_complete=True)
    return found


ABSTRACTS = _abstracts()
"""Every class known here, by its full name."""

PREDICATES = {
    "numpy.isscalar": Abstract(
        words("str int float bool complex bytes"), ("float", "int"), is_complete=True
    )
}
"""Functions of one value that answer by its type, as if they were such a test."""


def instances_of(name: str) -> frozenset[str] | None:
    """Return the types of `BUILTIN_TYPES` that are a builtin type or derive from it.

    None when `name` is not a builtin type that this module speaks of.
    """
    if name == "object":
        return BUILTIN_TYPES
    if name not in BUILTIN_TYPES:
        return None
    return frozenset(("int", "bool")) if name == "int" else frozenset((name,))
