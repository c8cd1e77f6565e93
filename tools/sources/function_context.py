"""A function with what it leans on: its class, and the imports and constants that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import ToolError
from .names import imported_names
from .sources import Definition, PythonSource, first_line, last_line, numbered

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class ContextLimits:
    """How much of each part is shown; lines, unless said otherwise."""

    function: int = 300
    class_header: int = 60
    module: int = 60


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """Some lines of a file with their numbers; `cut` says what was left out, "" when nothing."""

    path: str
    name: str
    lines: tuple[tuple[int, str], ...]
    cut: str = ""

    @property
    def text(self) -> str:
        """The lines without their numbers."""
        return "\n".join(line for _, line in self.lines)

    def __str__(self) -> str:
        body = numbered(self.lines)
        return f"{body}\n        (not shown: {self.cut})" if self.cut else body


@dataclass(frozen=True, kw_only=True)
class FunctionContext:
    """What one must see to change a function.

    Attributes:
        function: the function itself.
        class_header: the `class` line, class attributes, `__init__` and the other methods'
            first lines; None for a plain function.
        module: the module's imports and constants that the function uses.
    """

    function: Excerpt
    class_header: Excerpt | None
    module: tuple[Excerpt, ...]

    def text(self) -> str:
        """Return everything as one text with headings, for a prompt."""
        place = self.function
        parts = [f"{place.path}, function {place.name}:\n{place}"]
        if self.class_header:
            parts.append(f"its class:\n{self.class_header}")
        if self.module:
            lines = "\n".join(str(excerpt) for excerpt in self.module)
            parts.append(f"what it uses of its module:\n{lines}")
        return "\n\n".join(parts)


def function_context(
    source: PythonSource, function: str, *, limits: ContextLimits | None = None
) -> FunctionContext:
    """Return a function or class of a file with what it leans on.

    Args:
        source: its file.
        function: its qualified name, `Class.method` or `outer.<locals>.inner`.
        limits: how much is shown; None: the defaults.

    Raises:
        ToolError: the file has no such function.
    """
    limits = limits or ContextLimits()
    node = source.definitions.get(function)
    if node is None:
        names = ", ".join(list(source.definitions)[:20])
        raise ToolError(f"{source.path} has no function {function}; it has {names or 'none'}")
    return FunctionContext(
        function=_excerpt(source, function, first_line(node), last_line(node), limits.function),
        class_header=_class_header(source, function, limits.class_header),
        module=tuple(_module_parts(source, node, limits.module)),
    )


def _excerpt(source: PythonSource, name: str, first: int, last: int, limit: int) -> Excerpt:
    return _capped(source.path, name, source.numbered_lines(first, last), limit)


def _capped(path: str, name: str, lines: Sequence[tuple[int, str]], limit: int) -> Excerpt:
    rest = max(len(lines) - limit, 0)
    cut = f"{rest} more lines of {name}" if rest else ""
    return Excerpt(path=path, name=name, lines=tuple(lines[:limit]), cut=cut)


def _class_header(source: PythonSource, function: str, limit: int) -> Excerpt | None:
    owner_name = function.rpartition(".")[0]
    owner = source.definitions.get(owner_name)
    if not isinstance(owner, ast.ClassDef):
        return None
    lines = source.numbered_lines(first_line(owner), first_line(owner.body[0]) - 1)
    for statement in owner.body:
        if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
            if f"{owner_name}.{statement.name}" == function:
                continue
            if statement.name != "__init__":
                lines.append((statement.lineno, source.lines[statement.lineno - 1] + " …"))
                continue
        if not _is_documentation(statement):
            lines += source.numbered_lines(first_line(statement), last_line(statement))
    return _capped(source.path, owner_name, lines, limit)


def _is_documentation(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _module_parts(source: PythonSource, node: Definition, limit: int) -> Iterator[Excerpt]:
    """Yield the module's own statements that bind a name the function reads."""
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    left = limit
    for statement in source.tree.body:
        if not used & set(_bound(statement)):
            continue
        first, last = first_line(statement), last_line(statement)
        if left <= 0:
            cut = f"more of what {node.name} uses of its module"
            yield Excerpt(path=source.path, name="", lines=(), cut=cut)
            return
        yield _excerpt(source, "the statement", first, last, left)
        left -= last - first + 1


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a module's statement imports or assigns; definitions are callees."""
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for name, _ in imported_names(node))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
