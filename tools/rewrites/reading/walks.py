"""Walks: the nodes under another one, as `ast` yields them but for a fraction of its time."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)

_NO_NODES = frozenset(
    (
        "ctx",
        "id",
        "attr",
        "arg",
        "kind",
        "level",
        "module",
        "asname",
        "conversion",
        "simple",
        "is_async",
        "type_comment",
        "tag",
        "type_ignores",
        "rest",
        "kwd_attrs",
    )
)
"""Fields that hold no nodes, and `ctx`, whose nodes every tree shares."""


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of a node type that may hold nodes, worked out when first asked for."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        held = () if kind is ast.Constant else kind._fields
        self[kind] = tuple(name for name in held if name not in _NO_NODES)
        return self[kind]


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes right under a node, in the order of its fields; no `Load` and `Store`."""
    found: list[ast.AST] = []
    for name in _FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif value is not None and isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all nodes under it, outer ones first; no `Load` and `Store`."""
    found = [node]
    for each in found:  # the list grows on the way
        if _FIELDS[each.__class__]:
            found += children(each)
    return found


class NodeKinds:
    """Some nodes by their type, sorted once."""

    def __init__(self, nodes: Iterable[ast.AST]) -> None:
        self._by_class: dict[type, list[ast.AST]] = {}
        for node in nodes:
            known = self._by_class.get(node.__class__)
            if known is None:
                self._by_class[node.__class__] = [node]
            else:
                known.append(node)

    @property
    def classes(self) -> Iterable[type]:
        """Which types of nodes there are."""
        return self._by_class.keys()

    def of(self, *kinds: type[N]) -> Iterator[N]:
        """Yield the nodes of some concrete types: of each type in the order they were given."""
        for kind in kinds:
            # A list of the asked-for type, which a mapping from types cannot say.
            yield from self._by_class.get(kind, ())  # pyright: ignore[reportReturnType]
