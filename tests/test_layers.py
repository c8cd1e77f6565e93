"""Rooms import only rooms above them in the line; each outside tool has one place."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the bottom up. A room may import itself and what stands before it.
LINE = (
    "redaction",
    "errors",
    "settings",
    "repos",
    "workloads",
    "profiles",
    "tools",
    "agent",
    "evals",
    "reports",
)
DOORS = frozenset(
    {"__init__", "__main__", "api", "cli", "mcp_server", "app", "notebook", "pytest_plugin"}
)

# Outside packages that only one room may import, and flags that only one module may spell.
ROOM_OF = {"langgraph": "agent", "langchain": "agent", "docker": "repos"}
ONE_MODULE = frozenset({"docker"})
PY_SPY_FLAGS = frozenset({"--subprocesses", "--nonblocking", "--gil", "--idle", "--full-filenames"})
# What is at hand inside a target besides the standard library: its own pytest, and the tools that
# perfagent lays beside it.
GUESTS = frozenset({"pytest", "pyinstrument", "coverage"})


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import statement's target; `inner` is relative to the package, `outer` is absolute."""

    line: int
    inner: tuple[str, ...] | None
    outer: str | None


def modules(root: Path) -> list[Path]:
    """Return the package's modules, relative to its root."""
    found = list(root.glob("*.py"))
    for room in (*LINE, *DOORS):
        found += root.glob(f"{room}/**/*.py")
    return sorted(path.relative_to(root) for path in found)


def imports(tree: ast.AST, path: Path) -> Iterator[Import]:
    """Yield what a module imports, also in its functions and for type checkers only."""
    folder = path.parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(line=node.lineno, inner=None, outer=alias.name)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield Import(line=node.lineno, inner=None, outer=node.module)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1]
            stem = (*base, *(node.module or "").split(".")) if node.module else base
            for alias in node.names:
                yield Import(line=node.lineno, inner=(*stem, alias.name), outer=None)


def room_of(path: Path) -> str:
    """Return the room or root module that a file belongs to."""
    return path.parts[0].removesuffix(".py")


def misplaced(found: Import, path: Path, root: Path) -> str | None:
    """Return why a module outside `inside/` may not import this, or None."""
    room = room_of(path)
    if found.outer is not None:
        package = found.outer.split(".")[0]
        if package == "perfagent":
            return "imports between rooms are relative"
        family = "langchain" if package.startswith("langchain") else package
        if family in ROOM_OF and room != ROOM_OF[family]:
            return f"only {ROOM_OF[family]}/ may import {package}"
        return None
    target = (found.inner or ("",))[0]
    if room in DOORS or target == room or target == "__version__":
        return None
    if target in DOORS:
        return f"{target} is a door, which nobody imports"
    if target not in LINE:
        return f"{target} is no room"
    if room not in LINE:
        return f"{room} is no room: it has no place in the line"
    if LINE.index(target) > LINE.index(room):
        return f"{room} stands before {target}"
    return None


def misplaced_inside(found: Import) -> str | None:
    """Return why a module that runs in a target's interpreter may not import this, or None."""
    if found.outer is None:
        return "what runs inside a target has no package: no relative imports"
    package = found.outer.split(".")[0]
    if package in sys.stdlib_module_names or package in GUESTS:
        return None
    return f"{package} is not in the standard library of every target"


def violations(root: Path) -> list[str]:
    """Return one line for each import or flag that stands in the wrong place."""
    lines = []
    users: dict[str, set[str]] = {}
    for path in modules(root):
        tree = ast.parse((root / path).read_bytes(), str(path))
        inside = "inside" in path.parts[:-1]
        for found in imports(tree, path):
            why = misplaced_inside(found) if inside else misplaced(found, path, root)
            if why is not None:
                lines.append(f"{path.as_posix()}:{found.line}: {why}")
            package = (found.outer or "").split(".")[0]
            if package in ONE_MODULE:
                users.setdefault(f"import {package}", set()).add(path.as_posix())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node.value in PY_SPY_FLAGS:
                users.setdefault("py-spy's flags", set()).add(path.as_posix())
    for what, places in sorted(users.items()):
        if len(places) > 1:
            lines.append(f"{what}: more than one module: {', '.join(sorted(places))}")
    return lines


def test_every_room_imports_only_what_stands_before_it_in_the_line():
    assert violations(ROOT) == []


def test_the_rooms_are_found():
    rooms = {room_of(path) for path in modules(ROOT)}
    assert rooms - DOORS <= set(LINE)
    assert len(modules(ROOT)) > 20


PLANTED = [
    ("repos/checkout.py", "from ..agent import graph\n", "repos stands before agent"),
    ("repos/checkout.py", "from .. import agent\n", "repos stands before agent"),
    ("agent/gate/judge.py", "from ...reports import html\n", "agent stands before reports"),
    ("tools/a.py", "def f():\n    from ..cli import main\n", "door"),
    ("agent/a.py", "from .. import api\n", "door"),
    ("tools/a.py", "import perfagent.repos.git\n", "relative"),
    ("tools/a.py", "from perfagent.repos import git\n", "relative"),
    ("tools/a.py", "from ..nowhere import x\n", "no room"),
    ("stray.py", "from .repos import git\n", "no place in the line"),
    ("errors.py", "from .settings import Settings\n", "errors stands before settings"),
    ("evals/a.py", "from langgraph.graph import StateGraph\n", "only agent/"),
    ("tools/a.py", "import langchain_core.messages\n", "only agent/"),
    ("workloads/a.py", "import docker\n", "only repos/"),
    ("repos/inside/guard.py", "import psutil\n", "standard library"),
    ("repos/inside/guard.py", "from . import other\n", "no relative imports"),
]


@pytest.mark.parametrize(("path", "text", "why"), PLANTED)
def test_an_import_in_the_wrong_place_is_found(tmp_path: Path, path: str, text: str, why: str):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    (line,) = violations(tmp_path)
    assert line.startswith(f"{path}:")
    assert why in line


@pytest.mark.parametrize("text", ["import docker\n", "FLAGS = ['--subprocesses']\n"])
def test_an_outside_tool_driven_from_two_modules_is_found(tmp_path: Path, text: str):
    for name in ("one", "two"):
        (tmp_path / "repos").mkdir(exist_ok=True)
        (tmp_path / "repos" / f"{name}.py").write_text(text)
    (line,) = violations(tmp_path)
    assert "repos/one.py, repos/two.py" in line


ALLOWED = [
    (
        "agent/a.py",
        "from ..tools.edits import parse_reply\nfrom . import ledger\nimport langgraph\n",
    ),
    (
        "agent/gate/judge.py",
        "from ...repos.patch import Patch\nfrom ..candidate import Candidate\n",
    ),
    ("repos/a.py", "from .. import __version__\nfrom ..errors import UserError\nimport docker\n"),
    ("cli.py", "from . import __version__, api\nfrom .reports import terminal\n"),
    ("repos/inside/plugin.py", "import json, os.path\nimport pytest\n"),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_an_import_in_its_place_is_let_be(tmp_path: Path, path: str, text: str):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    assert violations(tmp_path) == []
