"""The rules that SWE-fficiency publishes for its guard against tricks, written anew.

They look at the syntax of the added lines of Python files: functions that look at the stack or at
source text, hooks, walks over the collector's objects, attributes of frames, new imports of
`inspect`, `traceback`, `ctypes` and `cffi`, also by name. A line with the comment
`stackguard: allow` is passed over. Beside them stand the covering tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from perfagent.repos.patch import Patch

_FUNCTIONS = {
    "inspect": "currentframe stack getsource getsourcefile getouterframes getinnerframes trace "
    "getframeinfo",
    "traceback": "extract_stack format_stack print_stack walk_stack",
    "sys": "_getframe settrace setprofile",
    "gc": "get_referrers get_objects",
}
_NAMES = {f"{owner}.{name}" for owner, names in _FUNCTIONS.items() for name in names.split()}
_ATTRIBUTES = frozenset({"f_back", "tb_frame", "gi_frame", "cr_frame", "ag_frame"})
_IMPORTS = frozenset({"inspect", "traceback", "ctypes", "cffi"})
_PRAGMA = "stackguard: allow"


def refusals(patch: Patch, after: Mapping[str, str]) -> list[str]:
    """Return what the guard refuses a patch for, as "path:line: what".

    Args:
        patch: The patch.
        after: The text of each file it touches, as it leaves it.
    """
    found: list[str] = []
    for path, lines in patch.new_lines().items():
        text = after.get(path, "")
        if not path.endswith(".py"):
            continue
        rows = text.split("\n")
        added = {line for line in lines if _PRAGMA not in rows[line - 1]}
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        signs = sorted(_signs(tree))
        found += [f"{path}:{line}: {what}" for line, what in signs if line in added]
    return found


def _signs(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            tops = {alias.name.split(".")[0] for alias in node.names}
            yield from ((node.lineno, f"import of {name}") for name in sorted(tops & _IMPORTS))
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").split(".")[0] in _IMPORTS:
                yield node.lineno, f"import of {node.module}"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from ((node.lineno, name) for name in sorted(names & _NAMES))
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in _ATTRIBUTES:
                yield node.lineno, f"attribute {node.attr}"
            elif f"{owner}.{node.attr}" in _NAMES:
                yield node.lineno, f"{owner}.{node.attr}"
        elif isinstance(node, ast.Call) and _imports_inspect(node):
            yield node.lineno, "import of inspect by name"


def _imports_inspect(node: ast.Call) -> bool:
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    first = node.args[0] if node.args else None
    return name in ("__import__", "import_module") and (
        isinstance(first, ast.Constant) and first.value == "inspect"
    )
