"""Reads the plain literals of a setup.py from its syntax tree, without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SetupScript:
    """The arguments of `setup()` that are written as literals; the rest is None or empty.

    Attributes:
        name: The distribution's name.
        python_requires: A version specifier.
        extras: The names of its extras.
        tests_require: Requirement strings.
        package_dir: The folder of the packages, where one is declared for all of them.
    """

    name: str | None = None
    python_requires: str | None = None
    extras: tuple[str, ...] = ()
    tests_require: tuple[str, ...] = ()
    package_dir: tuple[str, ...] = ()


def read_setup_script(path: Path) -> SetupScript:
    """Read a setup.py; a missing one, or one that does not parse, declares nothing."""
    try:
        module = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return SetupScript()
    keywords = _setup_keywords(module)
    names = _assignments(module)
    return SetupScript(
        name=_text(keywords.get("name"), names),
        python_requires=_text(keywords.get("python_requires"), names),
        extras=_extras(module, keywords.get("extras_require"), names),
        tests_require=tuple(_strings(keywords.get("tests_require"), names)),
        package_dir=tuple(_root_folder(keywords.get("package_dir"), names)),
    )


def _setup_keywords(module: ast.Module) -> dict[str, ast.expr]:
    """Return the keyword arguments of the last call to `setup`, `**{...}` literals included."""
    keywords: dict[str, ast.expr] = {}
    names = _assignments(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        called = node.func.id if isinstance(node.func, ast.Name) else called
        if called != "setup":
            continue
        for keyword in node.keywords:
            if keyword.arg is not None:
                keywords[keyword.arg] = keyword.value
            else:
                keywords.update(_entries(_resolve(keyword.value, names)))
    return keywords


def _assignments(module: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _resolve(node: ast.expr | None, names: dict[str, ast.expr]) -> ast.expr | None:
    return names.get(node.id) if isinstance(node, ast.Name) else node


def _entries(node: ast.expr | None) -> dict[str, ast.expr]:
    """Return the entries of a dict display, or of `dict(key=...)`, whose keys are literals."""
    if isinstance(node, ast.Dict):
        return {
            key.value: value
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        }
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return {}


def _extras(
    module: ast.Module, node: ast.expr | None, names: dict[str, ast.expr]
) -> tuple[str, ...]:
    found = list(_entries(_resolve(node, names)))
    if isinstance(node, ast.Name):
        for statement in ast.walk(module):
            if not isinstance(statement, ast.Assign):
                continue
            for target in statement.targets:
                if (
                    isinstance(target, ast.Subscript)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == node.id
                ):
                    found += [text] if (text := _text(target.slice, names)) else []
    return tuple(dict.fromkeys(found))


def _text(node: ast.expr | None, names: dict[str, ast.expr]) -> str | None:
    value = _resolve(node, names)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _strings(node: ast.expr | None, names: dict[str, ast.expr]) -> list[str]:
    value = _resolve(node, names)
    if not isinstance(value, ast.List | ast.Tuple):
        return []
    return [text for item in value.elts if (text := _text(item, names)) is not None]


def _root_folder(node: ast.expr | None, names: dict[str, ast.expr]) -> list[str]:
    folder = _text(_entries(_resolve(node, names)).get(""), names)
    return [folder] if folder else []
