"""Which packages a repository already needs: what it declares, and what its code imports.

A patch that imports anything else brings a new dependency.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..sources.names import imported_names, parsed

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([^#;\n]+))", re.MULTILINE
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_QUOTED_REQUIREMENT = re.compile(
    r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*"""
    r"""(?:[<>=!~;][^"']*)?["']"""
)
_TESTS = re.compile(r"(?:test_.*|.*_tests?|tests|conftest)\.py")
_NOT_CODE = frozenset({"tests", "test", "docs", "doc", "examples", "benchmarks", "asv_bench"})
_NOT_CODE_EITHER = frozenset({"build", "dist", "node_modules", "__pycache__", "site-packages"})
_MOST_FILES = 5000
_MOST_BYTES = 2_000_000


@cache
def known_packages(tree: Path) -> frozenset[str]:
    """Return the top-level names a repository imports, or declares as what it needs.

    Imports of its tests, documentation and examples do not count: what they need, the library need
    not have. Declared are the dependencies, optional ones too, of pyproject.toml, setup.cfg and
    setup.py, and what requirements.txt lists; a distribution's name stands for the package of the
    same name, with `_` for `-`.

    Args:
        tree: A checkout of the base; read once a process.
    """
    found = set(sys.stdlib_module_names)
    for path in _code_files(tree):
        found.update(_imports(path))
    for name in _declared(tree):
        found.add(name.lower().replace("-", "_").replace(".", "_"))
    return frozenset(found)


def new_dependencies(
    after: Mapping[str, str], known: Collection[str], *, allow: Collection[str] = ()
) -> list[str]:
    """Return a readable reason for each package that patched code imports and should not.

    Args:
        after: The text of the files a patch touches, as it leaves them, by path.
        known: What may be imported: `known_packages`, and the repository's own packages.
        allow: Names of packages that the user allows.
    """
    reasons: dict[str, str] = {}
    own = {path.split("/")[0].removesuffix(".py") for path in after} | {"__main__"}
    for path, text in sorted(after.items()):
        tree = parsed(text) if path.endswith((".py", ".pyi")) else None
        for node in ast.walk(tree) if tree else ():
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            for _, dotted in imported_names(node):
                top = dotted.split(".")[0]
                if not top or top in own or top in known or top in allow or top in reasons:
                    continue
                why = f"imports {top}, which the repository neither declares nor imports so far"
                reasons[top] = f"{path}:{node.lineno}: {why}"
    return list(reasons.values())


def _code_files(tree: Path) -> Iterator[Path]:
    left = _MOST_FILES
    for folder, folders, files in os.walk(tree):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NOT_CODE | _NOT_CODE_EITHER and not name.startswith(".")
        )
        for name in sorted(files):
            if name.endswith((".py", ".pyx")) and not _TESTS.fullmatch(name):
                left -= 1
                if left < 0:
                    return
                yield Path(folder) / name


def _imports(path: Path) -> Iterator[str]:
    for match in _IMPORT.finditer(_text(path)):
        if match[1]:
            yield match[1]
        else:
            for part in match[2].split(","):
                if name := re.match(r"\s*([A-Za-z_]\w*)", part):
                    yield name[1]


def _declared(tree: Path) -> Iterator[str]:
    yield from _of_pyproject(_toml(tree / "pyproject.toml"))
    for name in ("setup.py", "setup.cfg"):
        text = _text(tree / name)
        yield from _QUOTED_REQUIREMENT.findall(text)
        if name == "setup.cfg":
            yield from _of_lines(text)
    yield from _of_lines(_text(tree / "requirements.txt"))


def _of_pyproject(table: Mapping[str, Any]) -> Iterator[str]:
    project = table.get("project", {})
    listed = [project.get("dependencies", ()), *project.get("optional-dependencies", {}).values()]
    for requirement in [each for part in listed for each in part]:
        if match := _NAME.match(str(requirement).strip()):
            yield match[0]
    yield from table.get("tool", {}).get("poetry", {}).get("dependencies", {})


def _of_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        match = _NAME.match(line.strip())
        if match and not line.strip().startswith(("-", "#", "[")) and "=" not in match[0]:
            yield match[0]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        return {}


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
