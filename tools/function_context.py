"""A function with what it leans on: its class, the imports and constants it uses, who calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import ToolError
from .names import imported_names
from .sources import (
    Definition,
    PythonSource,
    Reference,
    called,
    find_callers,
    first_line,
    last_line,
    numbered,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, kw_only=True)
class ContextLimits:
    """How much of each part is shown; lines, unless said otherwise."""

    function: int = 300
    class_header: int = 60
    module: int = 60
    callee: int = 40
    callees: int = 6
    """How many functions."""
    callers: int = 6
    """How many calls."""


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
        callees: definitions in the repository that it calls, most used first.
        callers: where it is called, by name.
    """

    function: Excerpt
    class_header: Excerpt | None
    module: tuple[Excerpt, ...]
    callees: tuple[Excerpt, ...]
    callers: tuple[Reference, ...]

    def text(self) -> str:
        """Return everything as one text with headings, for a prompt."""
        place = self.function
        parts = [f"{place.path}, function {place.name}:\n{place}"]
        if self.class_header:
            parts.append(f"its class:\n{self.class_header}")
        if self.module:
            lines = "\n".join(str(excerpt) for excerpt in self.module)
            parts.append(f"what it uses of its module:\n{lines}")
        parts += [f"it calls {c.name} ({c.path}):\n{c}" for c in self.callees]
        if self.callers:
            parts.append("called from:\n" + "\n".join(str(place) for place in self.callers))
        return "\n\n".join(parts)


def function_context(
    tree: Path, path: str, function: str, *, limits: ContextLimits | None = None
) -> FunctionContext:
    """Return a function of the repository with what it leans on.

    Args:
        tree: the checkout.
        path: its file.
        function: its qualified name, `Class.method` or `outer.<locals>.inner`.
        limits: how much is shown; None: the defaults.

    Raises:
        ToolError: no such file or function, or the file does not parse.
    """
    limits = limits or ContextLimits()
    source = PythonSource.read(tree, path)
    node = source.definitions.get(function)
    if node is None:
        names = ", ".join(list(source.definitions)[:20])
        raise ToolError(f"{path} has no function {function}; it has {names or 'none'}")
    callers = [
        place
        for place in find_callers(tree, node.name, max_callers=limits.callers + 1)
        if (place.path, place.function) != (path, function)
    ]
    return FunctionContext(
        function=_excerpt(source, function, first_line(node), last_line(node), limits.function),
        class_header=_class_header(source, function, limits.class_header),
        module=tuple(_module_parts(source, node, limits.module)),
        callees=tuple(_callees(tree, source, function, limits)),
        callers=tuple(callers[: limits.callers]),
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


def _callees(
    tree: Path, source: PythonSource, function: str, limits: ContextLimits
) -> Iterator[Excerpt]:
    counts: dict[tuple[str, str], int] = {}
    sources = {source.path: source}
    imports = dict(
        pair
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for pair in imported_names(node)
    )
    for call in ast.walk(source.definitions[function]):
        if isinstance(call, ast.Call):
            found = _local_callee(source, function, call) or _imported_callee(
                tree, sources, source.path, imports, call
            )
            if found and found != (source.path, function):
                counts[found] = counts.get(found, 0) + 1
    ranked = sorted(counts, key=lambda key: -counts[key])
    for path, name in ranked[: limits.callees]:
        node = sources[path].definitions[name]
        yield _excerpt(sources[path], name, first_line(node), last_line(node), limits.callee)


def _local_callee(source: PythonSource, function: str, call: ast.Call) -> tuple[str, str] | None:
    """Return a function of the same module: nested, of the same class, or plain."""
    name = called(call)
    if name is None:
        return None
    owner = function.rpartition(".")[0]
    is_plain = isinstance(call.func, ast.Name)
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    is_own = isinstance(value, ast.Name) and value.id in {"self", "cls"}
    candidates: Sequence[str] = ()
    if is_plain:
        candidates = (f"{function}.<locals>.{name}", f"{owner}.{name}", name)
        if not owner.endswith("<locals>"):
            candidates = (candidates[0], name)
    elif is_own:
        candidates = (f"{owner}.{name}",)
    return next(((source.path, c) for c in candidates if c in source.definitions), None)


def _imported_callee(
    tree: Path,
    sources: dict[str, PythonSource],
    path: str,
    imports: dict[str, str],
    call: ast.Call,
) -> tuple[str, str] | None:
    """Return a function that another module of the repository defines."""
    dotted = _dotted(call.func, imports)
    if dotted is None:
        return None
    module, _, name = dotted.rpartition(".")
    for candidate in _module_files(path, module):
        if candidate not in sources:
            if not (tree / candidate).is_file():
                continue
            try:
                sources[candidate] = PythonSource.read(tree, candidate)
            except ToolError:
                continue
        if name in sources[candidate].definitions:
            return candidate, name
    return None


def _dotted(node: ast.expr, imports: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return imports.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, imports)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _module_files(path: str, module: str) -> Iterator[str]:
    """Yield where a module may stand: seen from the file itself, or from a root of the code."""
    folder = PurePosixPath(path).parent
    level = len(module) - len(module.lstrip("."))
    names = [part for part in module.split(".") if part]
    if level:
        roots = [folder.parents[level - 2]] if 1 < level <= len(folder.parts) + 1 else [folder]
    else:
        roots = [PurePosixPath(), *folder.parents]
    for root in dict.fromkeys(roots):
        base = root.joinpath(*names)
        if names:
            yield f"{base}.py"
        yield f"{base / '__init__.py'}"
