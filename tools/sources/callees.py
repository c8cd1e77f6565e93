"""Which functions of the repository a function calls, as far as its source says."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ...errors import ToolError
from .names import imported_names
from .sources import PythonSource, called

OpenSource = Callable[[str], PythonSource]
"""Returns a file by its path; raises ToolError when there is none, or it is no Python."""


@dataclass(frozen=True, kw_only=True)
class Callees:
    """What a function calls.

    Attributes:
        found: (path, qualified name) of definitions in the repository, with how many calls of the
            source name them, most first.
        unknown: The other calls, as they are written (`self.items.append`), likewise.
    """

    found: tuple[tuple[tuple[str, str], int], ...]
    unknown: tuple[tuple[str, int], ...]


def callees(source: PythonSource, function: str, open_source: OpenSource) -> Callees:
    """Return what a function calls by names that its module defines or imports.

    Methods of other objects than `self` and `cls` are not followed.

    Args:
        source: The function's file.
        function: Its qualified name.
        open_source: Opens other files.
    """
    found: Counter[tuple[str, str]] = Counter()
    unknown: Counter[str] = Counter()
    imports = dict(
        pair
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for pair in imported_names(node)
    )
    for call in ast.walk(source.definitions[function]):
        if not isinstance(call, ast.Call):
            continue
        place = _local_callee(source, function, call) or _imported_callee(
            open_source, source.path, imports, call
        )
        if place is None:
            unknown[ast.unparse(call.func)] += 1
        elif place != (source.path, function):
            found[place] += 1
    return Callees(found=tuple(found.most_common()), unknown=tuple(unknown.most_common()))


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
    open_source: OpenSource, path: str, imports: Mapping[str, str], call: ast.Call
) -> tuple[str, str] | None:
    """Return a function that another module of the repository defines."""
    dotted = _dotted(call.func, imports)
    if dotted is None:
        return None
    module, _, name = dotted.rpartition(".")
    for candidate in _module_files(path, module):
        try:
            source = open_source(candidate)
        except ToolError:
            continue
        if name in source.definitions:
            return candidate, name
    return None


def _dotted(node: ast.expr, imports: Mapping[str, str]) -> str | None:
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
