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

from ..errors import ToolError
from .edits import read_text
from .names import parsed
from .paths import existing_file, repository_files

_MAX_FILE_BYTES = 2_000_000
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
    tree: Path, path: str, first: int = 1, last: int | None = None, *, max_lines: int = 400
) -> str:
    """Return a stretch of a file with line numbers, and a last line that says what is not shown.

    Args:
        tree: the checkout.
        path: relative to its root.
        first: first line, 1-based; values below 1 mean 1.
        last: last line, inclusive; None: the end of the file.
        max_lines: most lines shown.

    Raises:
        ToolError: no such file, not text, or it has fewer lines than `first`.
    """
    lines = _LINE_END.split(read_text(existing_file(tree, path)))
    if lines and not lines[-1]:
        lines.pop()
    start = max(first, 1)
    if start > max(len(lines), 1):
        raise ToolError(f"{path} has {len(lines)} lines, none at {first}")
    wanted = lines[start - 1 : last]
    shown = wanted[:max_lines]
    text = numbered(enumerate(shown, start))
    end = start + len(shown) - 1
    return text if end == len(lines) else f"{text}\n(lines {start} to {end} of {len(lines)})"


def search_text(
    tree: Path,
    pattern: str,
    *,
    is_regex: bool = False,
    suffix: str = "",
    max_matches: int = 60,
) -> str:
    """Return the lines of the repository's text files that contain `pattern`, as `path:line: text`.

    Args:
        tree: the checkout.
        pattern: plain text, or a regular expression with `is_regex`.
        is_regex: how `pattern` is meant.
        suffix: only files whose name ends so, such as `.py`.
        max_matches: most lines shown; a last line says when there are more.

    Raises:
        ToolError: `pattern` is empty or no regular expression.
    """
    if not pattern:
        raise ToolError("an empty pattern matches everything: name what to look for")
    try:
        wanted = re.compile(pattern if is_regex else re.escape(pattern))
    except re.error as error:
        raise ToolError(f"{pattern!r} is no regular expression: {error}") from None
    found: list[str] = []
    for path, text in _texts(tree, suffix):
        for number, line in enumerate(_LINE_END.split(text), 1):
            if wanted.search(line[: 10 * _MAX_LINE_LENGTH]):
                if len(found) == max_matches:
                    return "\n".join([*found, f"(more than {max_matches} matches; narrow it)"])
                found.append(f"{path}:{number}: {line.strip()[:_MAX_LINE_LENGTH]}")
    return "\n".join(found) or f"no line contains {pattern!r}"


def enclosing_function(tree: Path, path: str, line: int) -> str:
    """Return the qualified name of the function at a line of a file, `<module>` outside all.

    Raises:
        ToolError: no such file, or it does not parse.
    """
    return PythonSource.read(tree, path).around(line)


def find_callers(tree: Path, name: str, *, max_callers: int = 10) -> list[Reference]:
    """Return calls of anything called `name`, by name alone; calls in tests come last.

    Args:
        tree: the checkout.
        name: the plain name of a function, method or class, without a module.
        max_callers: most calls returned.
    """
    found: list[Reference] = []
    for path, text in _texts(tree, ".py"):
        if name not in text:
            continue
        try:
            source = PythonSource(path, text)
        except ToolError:
            continue
        found += [source.reference(call) for call in _calls(source.tree) if called(call) == name]
    return sorted(found, key=lambda place: ("test" in place.path, place.path))[:max_callers]


def called(call: ast.Call) -> str | None:
    """Return the last part of the name that a call calls: `f` for `a.b.f()`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else None


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def _texts(tree: Path, suffix: str) -> Iterator[tuple[str, str]]:
    """Yield the readable text files; those that are too large or no text are passed over."""
    for path in repository_files(tree, suffix=suffix):
        place = tree / path
        try:
            if place.stat().st_size > _MAX_FILE_BYTES:
                continue
            text = read_text(place)
        except (OSError, ToolError):
            continue
        if "\0" not in text[:1000]:
            yield path, text


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _DEFINITIONS):
            name = f"{prefix}{child.name}"
            yield name, child
            inner = f"{name}." if isinstance(child, ast.ClassDef) else f"{name}.<locals>."
            yield from _definitions(child, inner)
        elif not isinstance(child, ast.expr):
            yield from _definitions(child, prefix)
