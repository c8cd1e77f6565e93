"""Edits: what a rewrite asks to be changed, in terms of the syntax tree it matched on."""

from __future__ import annotations

import ast
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Replace:
    """Put `text` in the place of an expression or a whole statement.

    A statement's text starts at column 0; it may be several statements. Comments inside a replaced
    statement move above it.
    """

    node: ast.expr | ast.stmt
    text: str


@dataclass(frozen=True)
class InsertBefore:
    """Put statements before `anchor`, in its block and below its comments' neighbours above."""

    anchor: ast.stmt
    text: str


@dataclass(frozen=True)
class InsertAfter:
    """Put statements after `anchor`, in its block."""

    anchor: ast.stmt
    text: str


@dataclass(frozen=True)
class Delete:
    """Take a statement out; its comments move to the statement that follows."""

    node: ast.stmt
    moved: str = ""
    """What of it comes to stand elsewhere: comments in this text go along with it."""


@dataclass(frozen=True)
class ForInstead:
    """Make a `while` a `for`: its header changes, its body and comments stay."""

    loop: ast.While
    target: str
    iterable: str


@dataclass(frozen=True)
class Decorate:
    """Put a decorator (text without the `@`) on a function."""

    function: FunctionNode
    text: str
    innermost: bool = False
    """True to put it under the decorators that are there; False to put it over them."""


@dataclass(frozen=True)
class Rename:
    """Give a function another name where it is defined; calls are not followed."""

    function: FunctionNode
    name: str


@dataclass(frozen=True)
class Import:
    """Make sure that the module imports something."""

    module: str
    name: str | None
    """What to import from the module; None imports the module itself."""


@dataclass(frozen=True)
class Constant:
    """Assign a module-level name once, before code that uses it runs."""

    name: str
    text: str
    """The expression."""
    place: ast.stmt
    """A module-level statement: the assignment goes above it and above the comments over it."""
    after: bool = False
    """True to put the assignment directly under the statement instead."""


@dataclass(frozen=True)
class Definition:
    """Define a module-level function over the statement that needs it, under new constants."""

    name: str
    text: str
    """The whole definition, at column 0."""
    place: ast.stmt
    """A module-level statement: the definition goes above it and above the comments over it."""


Edit = (
    Replace
    | InsertBefore
    | InsertAfter
    | Delete
    | ForInstead
    | Decorate
    | Rename
    | Import
    | Constant
    | Definition
)
