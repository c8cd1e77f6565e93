"""Source code as a model is shown it: numbered, with the time each line takes, no line twice."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import ToolError
from ...profiles.functions import FunctionMap
from ...profiles.hotspot import Hotspot
from ...tools.edits.paths import existing_file

_LONGEST_FUNCTION = 140
_LINES_AROUND_HOT = 10
_OPENING_LINES = 12
_LONGEST_INIT = 40
_LONGEST_CONSTANT = 12
_SMALLEST_SHARE = 0.01


@dataclass(kw_only=True)
class _File:
    functions: FunctionMap
    module: ast.Module | None
    shown: set[int] = field(default_factory=set)


class CodeListing:
    """What has been shown of a tree so far."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._files: dict[str, _File | None] = {}

    def draft(self) -> Draft:
        """Begin a passage; its lines count as shown only if it is kept."""
        return Draft(self)

    def file(self, path: str) -> _File | None:
        """Return the file, or None when it is not in the tree or cannot be read."""
        if path not in self._files:
            try:
                functions = FunctionMap.read(existing_file(self._tree, path))
            except ToolError:
                self._files[path] = None
            else:
                module = _parsed("\n".join(functions.lines))
                self._files[path] = _File(functions=functions, module=module)
        return self._files[path]


class Draft:
    """One passage of a listing."""

    def __init__(self, listing: CodeListing) -> None:
        self._listing = listing
        self._lines: list[tuple[_File, set[int]]] = []

    def keep(self) -> None:
        """Count the passage's lines as shown."""
        for file, numbers in self._lines:
            file.shown |= numbers

    def hotspot(self, spot: Hotspot) -> str:
        """Return a hotspot's code with what surrounds it; empty when all of it was shown.

        With it come its file's imports, its class's head and `__init__`, and the constants of
        the module that it uses.
        """
        file = self._listing.file(spot.path)
        if file is None:
            return ""
        shares = {hot.line: hot.total_share for hot in spot.lines}
        numbers = _windows(spot.first_line, spot.last_line, shares)
        if numbers <= file.shown:
            return ""
        if file.module is not None:
            numbers |= _surroundings(file.module, spot)
        return self._numbered(file, numbers, shares)

    def function(self, path: str, qualname: str) -> str:
        """Return a function's code; empty when it was shown or is not in the tree."""
        file = self._listing.file(path)
        if file is None:
            return ""
        for span in file.functions.spans:
            if span.qualname == qualname:
                numbers = _windows(span.first_line, span.last_line, {})
                return "" if numbers <= file.shown else self._numbered(file, numbers, {})
        return ""

    def _numbered(self, file: _File, numbers: set[int], shares: Mapping[int, float]) -> str:
        lines = file.functions.lines
        new = sorted(n for n in numbers - file.shown if 1 <= n <= len(lines))
        self._lines.append((file, set(new)))
        rows: list[str] = []
        last = 0
        for number in new:
            gap = range(last + 1, number) if last else range(0)
            if any(lines[skipped - 1].strip() for skipped in gap):
                rows.append("  ...")
            else:
                rows += [f"{blank:>5}      |" for blank in gap]
            share = shares.get(number, 0.0)
            column = f"{share:.0%}" if share >= _SMALLEST_SHARE else ""
            rows.append(f"{number:>5} {column:>4} | {lines[number - 1]}".rstrip())
            last = number
        return "\n".join(rows)


def _windows(first: int, last: int, shares: Mapping[int, float]) -> set[int]:
    """Return a function's lines; of a long one its beginning, its end and around its hot lines."""
    if last - first < _LONGEST_FUNCTION:
        return set(range(first, last + 1))
    wanted = set(range(first, first + _OPENING_LINES)) | {last}
    for line, share in shares.items():
        if share >= _SMALLEST_SHARE:
            wanted |= set(range(line - _LINES_AROUND_HOT, line + _LINES_AROUND_HOT + 1))
    return {line for line in wanted if first <= line <= last}


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _surroundings(module: ast.Module, spot: Hotspot) -> set[int]:
    """Return the lines without which a function cannot be changed safely."""
    wanted: set[int] = set()
    used = {
        node.id
        for node in ast.walk(module)
        if isinstance(node, ast.Name) and spot.first_line <= node.lineno <= spot.last_line
    }
    for statement in module.body:
        lines = _lines_of(statement)
        is_short = len(lines) <= _LONGEST_CONSTANT
        if isinstance(statement, ast.Import | ast.ImportFrom) or (
            is_short and used & set(_assigned(statement))
        ):
            wanted |= lines
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and _lines_of(node) >= {spot.first_line, spot.last_line}:
            wanted |= _class_head(node)
    return wanted


def _class_head(node: ast.ClassDef) -> set[int]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    wanted = set(range(first, node.body[0].lineno)) or {first}
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            wanted |= _lines_of(statement)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            init = _lines_of(statement)
            wanted |= init if len(init) <= _LONGEST_INIT else {statement.lineno}
    return wanted


def _assigned(statement: ast.stmt) -> Iterable[str]:
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return (target.id for target in targets if isinstance(target, ast.Name))


def _lines_of(node: ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
