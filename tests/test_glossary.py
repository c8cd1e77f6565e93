"""The words of the design hold in the code: one name for a thing, and no name that says nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_THE_PACKAGE = frozenset(
    {"tests", "benchmarks", "examples", "docs", "build", "dist", "demo", "deploy"}
)

BANNED_MODULES = re.compile(r"(test_.*|utils?|helpers?|managers?|misc|common|data|info)")
BANNED_CLASSES = {
    re.compile(r"Test.*"): "pytest would collect it wherever a test file imports it",
    re.compile(r".*(Manager|Helpers?|Utils?)"): "the name does not say what it does",
}
BANNED_FUNCTIONS = {re.compile(r"(handle|process)_.*"): "the name does not say what it does"}
BANNED_DEFINITIONS = {
    re.compile(r"(utils?|helpers?|manager|data|info)"): "the name does not say what it is"
}
BANNED_NAMES = {
    re.compile(r"(.*_)?(gold|oracle)(_.*)?"): "say expert",
    re.compile(r"human_.*"): "say expert",
    re.compile(r"(.*_)?(improvement_pct|pct_improvement|improvement)(_.*)?"): "say speedup",
    re.compile(r"(.*_)?bottlenecks?(_.*)?"): "say hotspot",
    re.compile(r"result\d+"): "the name does not say which result",
}


def modules(root: Path) -> list[Path]:
    """Return the package's modules, relative to its root."""
    found = (path.relative_to(root) for path in root.rglob("*.py"))
    return sorted(
        path
        for path in found
        if path.parts[0] not in NOT_THE_PACKAGE and not path.parts[0].startswith(".")
    )


def names(tree: ast.AST) -> Iterator[tuple[int, str, dict[re.Pattern[str], str]]]:
    """Yield the line of each name that a module binds, the name, and what it must not be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name, BANNED_NAMES | BANNED_DEFINITIONS | BANNED_FUNCTIONS
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg, BANNED_NAMES | BANNED_DEFINITIONS
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id, BANNED_NAMES
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr, BANNED_NAMES
        elif isinstance(node, ast.ClassDef):
            yield node.lineno, node.name, BANNED_CLASSES
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    yield statement.lineno, statement.target.id, BANNED_DEFINITIONS


def banned_words(root: Path) -> list[str]:
    """Return one line for each name that the glossary bans, with what to say instead."""
    lines = []
    for path in modules(root):
        if BANNED_MODULES.fullmatch(path.stem):
            lines.append(f"{path.as_posix()}: the module's name does not say what it knows")
        tree = ast.parse((root / path).read_bytes(), str(path))
        for at, name, banned in names(tree):
            for pattern, why in banned.items():
                if pattern.fullmatch(name):
                    lines.append(f"{path.as_posix()}:{at}: {name}: {why}")
    return lines


def test_no_name_is_one_that_the_glossary_bans():
    assert banned_words(ROOT) == []


PLANTED = [
    ("repos/utils.py", "", "the module's name"),
    ("repos/a.py", "class TestReport: ...\n", "pytest would collect it"),
    ("repos/a.py", "class CloneManager: ...\n", "does not say what it does"),
    ("evals/a.py", "gold_patch = 1\n", "say expert"),
    ("evals/a.py", "def f(human_speedup): ...\n", "say expert"),
    ("evals/a.py", "class A:\n    improvement_pct: float\n", "say speedup"),
    ("tools/a.py", "def handle_edit(): ...\n", "does not say what it does"),
    ("tools/a.py", "class Edit:\n    info: str\n", "does not say what it is"),
    ("tools/a.py", "async def f(*, data): ...\n", "does not say what it is"),
    ("tools/a.py", "for result2 in []: ...\n", "which result"),
    ("cli.py", "self.bottleneck = 1\n", "say hotspot"),
]


@pytest.mark.parametrize(("path", "text", "why"), PLANTED)
def test_a_banned_name_is_found(tmp_path: Path, path: str, text: str, why: str):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    lines = banned_words(tmp_path)
    assert any(line.startswith(path) and why in line for line in lines), lines


def test_names_that_only_resemble_banned_ones_are_let_be(tmp_path: Path):
    text = "class Retest: ...\ndef info_line(process_count): ...\ngolden = marigold = 1\n"
    (tmp_path / "tested.py").write_text(text)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "helpers.py").write_text("class TestAll: ...\n")
    assert banned_words(tmp_path) == []
