"""Benchmarks of airspeed velocity (asv), each as a script that sets it up and calls it once."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .offer import Offer

_NAMES = ("asv.conf.json", "asv.conf.jsonc")
_MOST_DEPTH = 3
_SKIPPED = frozenset({".git", "node_modules", "build", "dist", ".tox", ".venv"})

_SCRIPT = '''"""asv benchmark {source}."""

import os
import sys

sys.path.insert(0, os.path.join(os.getcwd(), {parent!r}))


def setup():
    global benchmark, arguments
    from {module} import {name}

    owner = {name}{call}
    benchmark = {benchmark}
    choices = getattr(benchmark, "params", None) or getattr(owner, "params", None) or []
    if choices and not isinstance(choices[0], (list, tuple)):
        choices = [choices]
    # The last of each parameter's values: by custom the largest.
    arguments = [values[-1] for values in choices]
    getattr(owner, "setup", lambda *_: None)(*arguments)


def workload():
    return benchmark(*arguments)
'''


@dataclass(frozen=True, kw_only=True)
class AsvBenchmark:
    """One function or method that asv would time.

    Attributes:
        path: Its file, relative to the tree.
        module: What asv imports.
        parent: The folder that asv imports it from, relative to the tree.
        owner: The class of a method; None for a function.
        name: Of the function or method.
        needs_cache: Whether its class has a `setup_cache`, whose result it is given.
    """

    path: str
    module: str
    parent: str
    owner: str | None
    name: str
    needs_cache: bool


def asv_benchmarks(tree: Path) -> Iterator[AsvBenchmark]:
    """Yield the `time_` benchmarks of a tree's asv suite, by file."""
    configuration = _configuration(tree)
    if configuration is None:
        return
    folder = configuration.parent / _benchmark_dir(configuration)
    if not folder.is_dir() or not folder.resolve().is_relative_to(tree.resolve()):
        return
    parent = folder.parent.resolve().relative_to(tree.resolve()).as_posix()
    for path in sorted(folder.rglob("*.py")):
        module = ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for owner, name, needs_cache in _benchmarks(path):
            yield AsvBenchmark(
                path=path.relative_to(tree).as_posix(),
                module=module.removesuffix(".__init__"),
                parent=parent,
                owner=owner,
                name=name,
                needs_cache=needs_cache,
            )


def asv_offers(tree: Path) -> list[Offer]:
    """Return the `time_` benchmarks of a tree's asv suite, a script each.

    Benchmarks that need `setup_cache` are left out: what it returns is not theirs alone.
    """
    return [_offer(each) for each in asv_benchmarks(tree) if not each.needs_cache]


def _offer(found: AsvBenchmark) -> Offer:
    owner, method = found.owner, found.name
    name = re.sub(
        r"\W+", "_", f"{found.module.split('.', 1)[-1]}_{owner or ''}_{method}".replace("__", "_")
    )
    source = f"{found.path}:{f'{owner}.' if owner else ''}{method}"
    text = _SCRIPT.format(
        source=source,
        parent=found.parent,
        module=found.module,
        name=owner or method,
        call="()" if owner else "",
        benchmark=f"owner.{method}" if owner else "owner",
    )
    return Offer(name=name, kind="asv", argument=f"{name}.py", source=source, text=text)


def _configuration(tree: Path) -> Path | None:
    for depth in range(_MOST_DEPTH):
        for name in _NAMES:
            for path in sorted(tree.glob("/".join(["*"] * depth + [name]))):
                if not _SKIPPED & set(path.relative_to(tree).parts):
                    return path
    return None


def _benchmark_dir(configuration: Path) -> str:
    text = configuration.read_text(encoding="utf-8", errors="replace")
    bare = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    try:
        found = json.loads(re.sub(r",(\s*[}\]])", r"\1", bare)).get("benchmark_dir")
    except (ValueError, AttributeError):
        match = re.search(r'^\s*"benchmark_dir"\s*:\s*"([^"]+)"', text, re.MULTILINE)
        found = match.group(1) if match else None
    return found if isinstance(found, str) else "benchmarks"


def _benchmarks(path: Path) -> Iterator[tuple[str | None, str, bool]]:
    """Yield class, name and whether its class has a `setup_cache`, of each benchmark of a file."""
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("time_"):
            yield None, node.name, False
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
            for method in methods:
                if method.startswith("time_"):
                    yield node.name, method, "setup_cache" in methods
