"""The tests that a script can call as pytest does, without pytest."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeGuard

from ...repos.suite.report import SuiteReport


def plain_tests(tree: Path, report: SuiteReport) -> list[str]:
    """Return those tests of a run that the script can call, without what pytest adds to an id.

    These are functions, and methods of a class at the top of its file (which is made and prepared
    as pytest does it), whose arguments all come from `pytest.mark.parametrize`, and of which every
    set of parameters passed.
    """
    others = {*report.failed, *report.errored, *report.skipped}
    spoiled = {_whole(node_id) for node_id in others}
    passed = dict.fromkeys(_whole(node_id) for node_id in report.passed)
    texts = dict.fromkeys(node_id.partition("::")[0] for node_id in passed)
    plain = {f"{path}::{name}" for path in texts for name in plain_names(tree / path)}
    return [node_id for node_id in passed if node_id in plain and node_id not in spoiled]


def _whole(node_id: str) -> str:
    return node_id.partition("[")[0]


def plain_names(path: Path, *, given: Collection[str] = ()) -> Iterator[str]:
    """Yield the plain functions of a file, and the plain methods of its classes as CLASS::NAME.

    Args:
        path: The file; one that is not there has none.
        given: Fixtures that the script has, and that plain ones may therefore ask for.
    """
    if not path.is_file():
        return
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if _is_plain(node, given, first=0):
            yield node.name
        elif isinstance(node, ast.ClassDef) and not _is_steered(node):
            yield from (f"{node.name}::{e.name}" for e in node.body if _is_plain(e, given, first=1))


def _is_plain(node: ast.stmt, given: Collection[str], *, first: int) -> TypeGuard[ast.FunctionDef]:
    """Return whether a test's arguments from some place on are given: by its marks, or to all."""
    if not isinstance(node, ast.FunctionDef) or node.args.kwonlyargs:
        return False
    named = [_parameters(mark) for mark in node.decorator_list]
    if None in named or len(node.args.args) < first:
        return False
    wanted = {each.arg for each in node.args.args[first:]}
    return wanted - set(given) == {n for names in named for n in names or ()}


def _parameters(mark: ast.expr) -> tuple[str, ...] | None:
    """Return the names that a mark of pytest gives values; None for what may change the call."""
    name = ast.unparse(mark.func if isinstance(mark, ast.Call) else mark)
    if not name.startswith("pytest.mark.") or name == "pytest.mark.usefixtures":
        return None
    if name != "pytest.mark.parametrize" or not isinstance(mark, ast.Call):
        return ()  # a time limit, or a reason to skip a test that passed all the same
    if len(mark.args) != 2 or any(word.arg == "indirect" for word in mark.keywords):
        return None
    try:
        names = ast.literal_eval(mark.args[0])
    except ValueError:
        return None
    found = names.split(",") if isinstance(names, str) else names
    return tuple(name.strip() for name in found)


def _is_steered(node: ast.ClassDef) -> bool:
    """Return whether pytest would do more for a class than prepare it and call its methods."""
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef)]
    marks = [mark for method in methods for mark in method.decorator_list]
    return bool(node.decorator_list) or any("fixture" in ast.unparse(mark) for mark in marks)
