"""Which functions and classes of the base a patch touches, by their import names."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

from ...profiles.functions import FunctionMap, function_at
from ...repos.environment.environment import Environment
from ...repos.patch import Patch

_MAKERS = frozenset({"__init__", "__post_init__", "__setstate__"})


def touched_functions(
    patch: Patch, before: Mapping[str, str], environment: Environment
) -> tuple[tuple[str, str], ...]:
    """Return (module, qualname) of the base's functions that a patch touches.

    A nested function counts as the outermost one. Where a patch touches only lines outside of
    functions (a table, a class's body), all functions of that file are touched.

    Args:
        patch: The patch against the base.
        before: The base's files, by path.
        environment: Tells the repository's packages and where they are imported from.
    """
    found: dict[tuple[str, str], None] = {}
    for path, changed in patch.base_lines().items():
        module = environment.module_name(path)
        text = before.get(path)
        if module is None or text is None:
            continue
        names = [span.qualname for line in changed if (span := function_at(text, line))]
        if not names:
            names = [span.qualname for span in FunctionMap.parse(text).spans]
        for name in names:
            outermost = name.partition(".<locals>")[0]
            if "<" not in outermost:
                found[module, outermost] = None
    return tuple(sorted(found))


def classes_of(text: str) -> tuple[str, ...]:
    """Return the qualified names of the classes of a file, those inside functions left out."""
    return tuple(_shapes(text))


def reshaped_classes(before: str, after: str) -> tuple[str, ...]:
    """Return the classes of `before` whose instances hold their state in another way in `after`.

    That is: their methods assign other attributes, class attributes or slots are others, or the
    constructor gives a private attribute another value. A class that is gone counts.
    """
    now = _shapes(after)
    return tuple(name for name, shape in _shapes(before).items() if now.get(name) != shape)


def _shapes(text: str) -> dict[str, frozenset[str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return dict(_classes(module, ""))


def _classes(node: ast.AST, prefix: str) -> Iterator[tuple[str, frozenset[str]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield prefix + child.name, frozenset(_state(child))
            yield from _classes(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _classes(child, prefix)


def _state(node: ast.ClassDef) -> Iterator[str]:
    """Yield what is known of the state of a class's instances, from the source."""
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield ast.dump(statement)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = [*statement.args.posonlyargs, *statement.args.args]
            if arguments:
                yield from _assigned(statement, arguments[0].arg)


def _assigned(function: ast.FunctionDef | ast.AsyncFunctionDef, itself: str) -> Iterator[str]:
    for child in ast.walk(function):
        targets = child.targets if isinstance(child, ast.Assign) else ()
        if isinstance(child, ast.AnnAssign | ast.AugAssign):
            targets = (child.target,)
        for target in targets:
            for part in ast.walk(target):
                if not isinstance(part, ast.Attribute) or not isinstance(part.value, ast.Name):
                    continue
                if part.value.id != itself or not isinstance(part.ctx, ast.Store):
                    continue
                yield part.attr
                if function.name in _MAKERS and part.attr.startswith("_"):
                    yield f"{part.attr} = {ast.dump(child)}"
