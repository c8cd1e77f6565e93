"""What a proposer needs to read: lines, matches, and a function with everything it leans on.

Every answer is bounded and says what was left out. Text is what stands on disk in the tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...errors import ToolError
from ..edits.edits import read_text
from ..edits.paths import existing_file
from .capped import fitting
from .names import parsed

_MAX_LINE_LENGTH = 400
_LINE_END = re.compile(r"\r\n|\r|\n")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A place in the repository: one line, and the function around it."""

    path: str
    line: int
    function: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.function}: {self.text}"


class PythonSource:
    """One Python file: its lines and its definitions by qualified name (`Class.method`)."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = _LINE_END.split(text)
        tree = parsed(text)
        if tree is None:
            raise ToolError(f"{path} does not parse as Python")
        self.tree = tree

    @classmethod
    def read(cls, tree: Path, path: str) -> PythonSource:
        """Read a file of the repository.

        Raises:
            ToolError: no such file, not text, or not Python that this interpreter parses.
        """
        return cls(path, read_text(existing_file(tree, path)))

    @cached_property
    def definitions(self) -> dict[str, Definition]:
        """Functions and classes by `__qualname__`, outer ones first; a repeated name's last one."""
        return dict(_definitions(self.tree, ""))

    def around(self, line: int) -> str:
        """Return the qualified name of the innermost function at a line, else `<module>`."""
        name = "<module>"
        for qualname, node in self.definitions.items():
            if isinstance(node, _FUNCTIONS) and first_line(node) <= line <= last_line(node):
                name = qualname
        return name

    def numbered_lines(self, first: int, last: int) -> list[tuple[int, str]]:
        """Return lines `first` to `last`, both 1-based and inclusive, with their numbers."""
        return list(enumerate(self.lines[first - 1 : last], first))

    def reference(self, node: ast.expr | ast.stmt) -> Reference:
        """Return where a node stands."""
        text = self.lines[node.lineno - 1].strip()[:_MAX_LINE_LENGTH]
        return Reference(
            path=self.path, line=node.lineno, function=self.around(node.lineno), text=text
        )


def first_line(node: ast.stmt) -> int:
    """Return the 1-based first line of a statement, that of its first decorator if it has one."""
    decorators = node.decorator_list if isinstance(node, _DEFINITIONS) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt) -> int:
    """Return the 1-based last line of a statement."""
    return node.end_lineno or node.lineno


def numbered(lines: Iterable[tuple[int, str]]) -> str:
    """Return lines with their numbers in front; very long lines are cut."""
    return "\n".join(
        f"{number:6d}| {line[:_MAX_LINE_LENGTH]}{'…' if len(line) > _MAX_LINE_LENGTH else ''}"
        for number, line in lines
    )


def read_lines(
    tree: Path, path: str, first: int = 1, last: int | None = None, *, most: int = 16_000
) -> str:
    """Return a stretch of a file with line numbers, and a last line that says what is not shown.

    Args:
        tree: the checkout.
        path: relative to its root.
        first: first line, 1-based; values below 1 mean 1.
        last: last line, inclusive; None: the end of the file.
        most: most characters shown, the numbers included.

    Raises:
        ToolError: no such file, not text, or it has fewer lines than `first`.
    """
    lines = _LINE_END.split(read_text(existing_file(tree, path)))
    if lines and not lines[-1]:
        lines.pop()
    start = max(first, 1)
    if start > max(len(lines), 1):
        raise ToolError(f"{path} has {len(lines)} lines, none at {first}")
    wanted = numbered(enumerate(lines[start - 1 : last], start)).split("\n")
    shown = fitting(wanted, most)
    text, end = "\n".join(shown), start + len(shown) - 1
    if len(shown) < len(wanted):
        left = len(wanted) - len(shown)
        return f"{text}\n… {left:,} more lines of {len(lines):,}; ask with start_line={end + 1}"
    return text if end >= len(lines) else f"{text}\n(lines {start} to {end} of {len(lines)})"


def called(call: ast.Call) -> str | None:
    """Return the last part of the name that a call calls: `f` for `a.b.f()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else None


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            name = f"{prefix}{child.name}"
            yield name, child
            inner = f"{name}." if isinstance(child, ast.ClassDef) else f"{name}.<locals>."
            yield from _definitions(child, inner)
        elif not isinstance(child, ast.expr):
            yield from _definitions(child, prefix)
