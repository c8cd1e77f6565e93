"""Row reads: what code does with a frame's row, as long as it only reads columns by name."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from ..reading.syntax import is_name
from ..reading.walks import walk
from ..reading.words import words
from ..rewrite import Site

_ROW_ATTRIBUTES = words(
    "values index name names shape size ndim nbytes dtype dtypes T loc iloc at iat empty axes",
    "attrs flags array hasnans is_unique is_monotonic_increasing is_monotonic_decreasing str dt",
    "cat sparse plot list struct items keys get",
)
"""Attributes of a row that are not one of its columns, even where they are not called."""


@dataclass(frozen=True)
class RowRead:
    """One read of a column of a row."""

    node: ast.Subscript | ast.Attribute
    column: str


def row_reads(site: Site, name: str, inside: Iterable[ast.AST]) -> list[RowRead] | None:
    """Return every read of a row's columns, None when anything else is done with the row.

    Args:
        site: where the row is used.
        name: the variable that holds it.
        inside: the code that uses it; nobody else may.
    """
    found: list[RowRead] = []
    for node in (each for root in inside for each in walk(root)):
        if not is_name(node, name):
            continue
        parent = site.module.parents[node]
        match parent:
            case ast.Subscript(value=value, slice=ast.Constant(value=str() as column)) if (
                value is node and isinstance(parent.ctx, ast.Load)
            ):
                found.append(RowRead(parent, column))
            case ast.Attribute(attr=column) if is_column(site, parent):
                found.append(RowRead(parent, column))
            case _:
                return None
    return found


def is_column(site: Site, node: ast.Attribute) -> bool:
    """Return whether an attribute of a row is likely one of its columns."""
    if node.attr in _ROW_ATTRIBUTES or node.attr.startswith("_"):
        return False
    parent = site.module.parents[node]
    is_called = isinstance(parent, ast.Call) and parent.func is node
    return isinstance(node.ctx, ast.Load) and not is_called
