"""README.md names a test for each demand; each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = {"W": 8, "A": 11, "Q": 8, "E": 9, "S": 6}


def table() -> dict[str, tuple[str, set[str]]]:
    """Return each row's text and the tests that it names."""
    rows = {}
    for line in (HERE / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]\d+", cells[0]):
            rows[cells[0]] = (line, set(re.findall(r"`(test_\w+)`", cells[-1])))
    return rows


def marked() -> dict[str, bool]:
    """Return every test of the app, the sandboxes and whole runs, and whether it is long."""
    found = {}
    folders = (HERE, HERE.parent / "repos" / "sandbox", HERE.parent / "end_to_end")
    for file in (file for folder in folders for file in folder.rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        whole = any(
            isinstance(node, ast.Assign)
            and "pytestmark" in ast.unparse(node.targets[0])
            and "mark.long" in ast.unparse(node.value)
            for node in tree.body
        )
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                own = any("mark.long" in ast.unparse(each) for each in node.decorator_list)
                found[node.name] = whole or own
    return found


def test_every_demand_has_a_row_and_every_row_tests_that_exist():
    rows, tests = table(), marked()
    assert set(rows) == {f"{kind}{n + 1}" for kind, most in ROWS.items() for n in range(most)}
    for name, (_, named) in rows.items():
        assert named, name
        assert named <= set(tests), (name, named - set(tests))


def test_a_test_that_ci_does_not_run_is_called_long():
    tests = marked()
    for name, (line, named) in table().items():
        for test in named:
            assert (f"`{test}` (long)" in line) == tests[test], (name, test)
