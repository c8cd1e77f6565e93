"""An effect: what some code may do besides computing a value."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

ANY_ATTRIBUTE = "getattr()"
"""Stands among attributes read for one whose name only the running program knows."""


@dataclass
class Effects:
    """What some code may do besides computing a value."""

    bound: set[str] = field(default_factory=set)
    """Names it binds, rebinds or deletes."""
    mutated: set[str] = field(default_factory=set)
    """Names whose object it may change in place."""
    attributes: set[tuple[str, str]] = field(default_factory=set)
    """(root name, attribute) it assigns, or whose object it may change in place; the root is empty
    when it is not a plain name."""
    globals_written: set[str] = field(default_factory=set)
    globals_read: set[str] = field(default_factory=set)
    """Module-level variables (not functions, classes or imports) that called functions read."""
    attributes_read: set[str] = field(default_factory=set)
    """Attributes that called functions of the module read."""
    unknown: bool = False
    """It calls code that cannot be seen from here."""
    tells: bool = False
    """It writes output."""

    @property
    def changes_nothing(self) -> bool:
        """True when running the code any number of times leaves the program as it was."""
        return not (
            self.mutated or self.attributes or self.globals_written or self.unknown or self.tells
        )

    @property
    def attribute_names(self) -> set[str]:
        """Names of the attributes it may change, whatever they belong to."""
        return {name for _, name in self.attributes}


def root_name(node: ast.AST) -> str:
    """Return the name at the base of a chain of attributes, items and calls on it, else ''."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
