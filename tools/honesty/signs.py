"""A sign of something suspicious in code, and the statement it stands in."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .watched import Severity

STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
"""What has a line of its own; a clause of `try` and `match` counts."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCK_FIELDS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


@dataclass(frozen=True, kw_only=True)
class Sign:
    """One suspicious thing in the code.

    Attributes:
        rule: which trick it serves.
        severity: "reject" when honest code has no use for it, else "doubt".
        evidence: what it is, the same for the same thing anywhere: `time.time`.
        why: a clause for people, without the place.
        line: 1-based.
        scope: qualified name of the function around it, `<module>` outside all.
        statement: what identifies the statement it stands in, blocks inside it left out.
        statement_line: where that statement starts.
    """

    rule: str
    severity: Severity
    evidence: str
    why: str
    line: int
    scope: str
    statement: str
    statement_line: int

    @property
    def is_import(self) -> bool:
        """Whether it is the import alone, not a use of what is imported."""
        return self.statement.startswith(("Import|", "ImportFrom|"))


def statement_key(statement: ast.AST) -> str:
    """Return a text equal for equal statements; the blocks inside a statement do not count."""
    if not isinstance(statement, STATEMENTS):
        return ""
    parts = [type(statement).__name__]
    for name, value in ast.iter_fields(statement):
        if name not in _BLOCK_FIELDS:
            values = value if isinstance(value, list) else [value]
            parts += [ast.dump(v) if isinstance(v, ast.AST) else repr(v) for v in values]
    return "|".join(parts)


def placed(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST, tuple[str, ...]]]:
    """Yield each node with the statement it stands in and the names of the scopes around it."""
    pending: list[tuple[ast.AST, ast.AST, tuple[str, ...]]] = [(tree, tree, ())]
    while pending:
        node, statement, scope = pending.pop()
        statement = node if isinstance(node, STATEMENTS) else statement
        yield node, statement, scope
        inner = (*scope, node.name) if isinstance(node, _DEFINITIONS) else scope
        pending += [
            (child, statement, inner) for child in reversed(list(ast.iter_child_nodes(node)))
        ]


def scope_name(scope: Sequence[str]) -> str:
    """Return `Class.method` for nested names, `<module>` outside all."""
    return ".".join(scope) or "<module>"


def standing_alone(tree: ast.Module) -> list[ast.AST]:
    """Return the constants that are statements of their own: documentation, and `...`."""
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
