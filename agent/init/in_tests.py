"""What a repository's tests offer: benchmarks of pytest-benchmark and codspeed, and slow tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .offer import Offer

_SKIPPED = frozenset({".git", ".tox", ".venv", "build", "dist", "node_modules", "site-packages"})
_FILES = re.compile(r"(test|bench).*\.py$|.*_(test|bench)\.py$")
SHORTEST_S = 0.02
MOST = 12


def benchmark_offers(tree: Path) -> list[Offer]:
    """Return the tests that take the fixture `benchmark`, or are marked with it.

    Parametrized ones are offered by their function, which runs all of its cases.
    """
    offers = []
    for path in sorted(tree.rglob("*.py")):
        relative = path.relative_to(tree)
        if _SKIPPED & set(relative.parts) or not _FILES.match(path.name):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if "benchmark" not in text:
            continue
        for name in _benchmarks(text):
            node = f"{relative.as_posix()}::{name}"
            offers.append(
                Offer(
                    name=name.replace("::", "_"),
                    kind="pytest-benchmark",
                    argument=f"pytest:{node}",
                    source=node,
                )
            )
    return offers


def _benchmarks(text: str) -> Iterator[str]:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_benchmark(node):
            yield node.name
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and _is_benchmark(method):
                    yield f"{node.name}::{method.name}"


def _is_benchmark(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if not node.name.startswith(("test", "bench")):
        return False
    if any(argument.arg == "benchmark" for argument in node.args.args):
        return True
    return any("mark.benchmark" in ast.unparse(each) for each in node.decorator_list)


def slow_test_offers(durations: Mapping[str, float], most: int = MOST) -> list[Offer]:
    """Return the slowest tests, the slowest first.

    Args:
        durations: Seconds of the tests that passed, by node id.
        most: Tests to offer at most.
    """
    ranked = sorted(durations.items(), key=lambda item: -item[1])
    return [
        Offer(
            name=re.sub(r"\W+", "_", node.rpartition("::")[2]).strip("_"),
            kind="slow test",
            argument=f"pytest:{node}",
            source=f"{node} ({seconds:.2f} s in the suite)",
        )
        for node, seconds in ranked[:most]
        if seconds >= SHORTEST_S
    ]
