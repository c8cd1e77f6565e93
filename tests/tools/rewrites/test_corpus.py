"""Each rewrite on its fixtures: it applies where it should, and leaves everything else as it is.

That what its traps come to is refused is the gate's to show: `tests/agent/test_traps.py`.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterator

import pytest

from perfagent.tests.tools.rewrites.conftest import answers, comments
from perfagent.tests.tools.rewrites.specimens import (
    CORPUS,
    changes,
    rewritten,
    specimens,
)
from perfagent.tools.rewrites.catalogue import ALL
from perfagent.tools.rewrites.rewrite import Change
from perfagent.tools.rewrites.writing.edit import (
    Constant,
    Decorate,
    Definition,
    Delete,
    Edit,
    ForInstead,
    Import,
    InsertAfter,
    InsertBefore,
    Rename,
    Replace,
)

NAMES = [each.name for each in ALL]
every_rewrite = pytest.mark.parametrize("name", NAMES)


def answer(text: str) -> str:
    """Return what the workload of a module returns, as text."""
    (found,) = answers(text, ["workload()"])
    assert not found.endswith(("Error", "Exception")), found
    return found


def with_tabs(text: str) -> str:
    """Return a module indented by tabs."""
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.M)


def with_crlf(text: str) -> str:
    """Return a module whose lines end as on Windows."""
    return text.replace("\n", "\r\n")


@every_rewrite
def test_every_rewrite_has_its_three_fixtures(name: str):
    found = specimens(name)
    trap = found.trap
    assert (trap.why and trap.stage) if trap else found.why_no_trap
    for text in (found.wins, found.never, trap and trap.text):
        assert text is None or "\ndef workload():\n" in text


def test_no_fixture_is_of_a_rewrite_that_is_gone():
    assert {path.stem for path in CORPUS.glob("*.py")} == {name.replace("-", "_") for name in NAMES}


@every_rewrite
def test_where_it_wins_it_applies_once_and_the_answer_stays(name: str):
    wins = specimens(name).wins
    new = rewritten(wins, name)
    assert answer(new) == answer(wins)
    assert list(changes(new, name)) == []


@every_rewrite
def test_it_leaves_alone_what_only_looks_like_its_case(name: str):
    never = specimens(name).never
    assert [new for _, new in changes(never, name)] == []
    assert answer(never)


@every_rewrite
def test_its_trap_is_one_by_the_source_alone(name: str):
    trap = specimens(name).trap
    if trap is not None:
        assert rewritten(trap.text, name, beside=trap.beside) != trap.text


@every_rewrite
@pytest.mark.parametrize("spelled", [with_tabs, with_crlf])
def test_tabs_and_line_ends_stay_as_the_file_has_them(name: str, spelled: Callable[[str], str]):
    wins = specimens(name).wins
    assert rewritten(spelled(wins), name) == spelled(rewritten(wins, name))


@every_rewrite
def test_only_the_lines_of_its_edits_change(name: str):
    wins = specimens(name).wins
    ((change, new),) = changes(wins, name)
    lines = wins.splitlines(keepends=True)
    replaced, beside = places(change, wins)
    matcher = difflib.SequenceMatcher(None, lines, new.splitlines(keepends=True), autojunk=False)
    for what, first, last, new_first, new_last in matcher.get_opcodes():
        hunk = "".join(lines[first:last]), "".join(new.splitlines(True)[new_first:new_last])
        if what in ("replace", "delete"):
            assert set(range(first + 1, last + 1)) <= replaced, hunk
        elif what == "insert":
            assert neighbours(lines, first) & (replaced | beside), hunk


@every_rewrite
def test_comments_and_what_stands_around_an_expression_stay(name: str):
    wins = specimens(name).wins
    ((change, new),) = changes(wins, name)
    assert sorted(comments(new)) == sorted(comments(wins))
    for pieces in surroundings(change, wins):
        pattern = "^" + "(?s:.*?)".join(map(re.escape, pieces)) + "$"
        assert re.search(pattern, new, flags=re.M), (pieces, new)


# -- where the edits are --------------------------------------------------------------------------


def places(change: Change, text: str) -> tuple[set[int], set[int]]:
    """Return the lines that a change's edits replace, and those that they put something next to."""
    replaced: set[int] = set()
    beside: set[int] = set()
    for edit in change.edits:
        if isinstance(edit, Replace | Delete):
            replaced |= lines_of(edit.node)
        elif isinstance(edit, ForInstead):
            replaced |= set(range(edit.loop.lineno, (edit.loop.test.end_lineno or 0) + 1))
        elif isinstance(edit, Decorate | Rename):
            replaced.add(edit.function.lineno)
        elif isinstance(edit, InsertBefore | InsertAfter):
            beside |= lines_of(edit.anchor)
        elif isinstance(edit, Constant | Definition):
            beside |= lines_of(edit.place)
        else:
            same_module = imports_from(edit, text)
            replaced |= same_module
            beside |= set(range(1, head_end(text) + 1))
    return replaced, beside


def lines_of(node: ast.expr | ast.stmt) -> set[int]:
    decorators = [each.lineno for each in getattr(node, "decorator_list", [])]
    return set(range(min([node.lineno, *decorators]), (node.end_lineno or node.lineno) + 1))


def imports_from(wanted: Import, text: str) -> set[int]:
    """Return the lines of the imports that a name may be added to."""
    found = [each for each in ast.parse(text).body if isinstance(each, ast.ImportFrom)]
    return {line for each in found if each.module == wanted.module for line in lines_of(each)}


def head_end(text: str) -> int:
    """Return the last line of a module's docstring and imports."""
    last = 0
    for index, statement in enumerate(ast.parse(text).body):
        is_docstring = index == 0 and isinstance(statement, ast.Expr)
        if not is_docstring and not isinstance(statement, ast.Import | ast.ImportFrom):
            break
        last = statement.end_lineno or statement.lineno
    return last


def neighbours(lines: list[str], at: int) -> set[int]:
    """Return the numbers of the lines around the place before `lines[at]`, blank ones passed."""
    above, below = at, at + 1
    while above > 0 and not lines[above - 1].strip():
        above -= 1
    while below < len(lines) and not lines[below - 1].strip():
        below += 1
    return {above, below}


def surroundings(change: Change, text: str) -> Iterator[list[str]]:
    """Yield what is left of the lines of replaced expressions: the pieces between them, in order.

    Expressions that share a line are taken together.
    """
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = sorted(
        (
            offset(text, starts, node.lineno, node.col_offset),
            offset(text, starts, node.end_lineno or node.lineno, node.end_col_offset or 0),
        )
        for node in replaced_expressions(change.edits)
    )
    pieces: list[str] = []
    end = 0
    for first, last in spans:
        begins_anew = "\n" in text[end:first] or not pieces
        if begins_anew and pieces:
            yield [*pieces, text[end : text.index("\n", end)]]
        line_start = text.rfind("\n", 0, first) + 1
        pieces = [text[line_start:first]] if begins_anew else [*pieces, text[end:first]]
        end = last
    if pieces:
        yield [*pieces, text[end : text.index("\n", end)]]


def replaced_expressions(edits: tuple[Edit, ...]) -> Iterator[ast.expr]:
    for edit in edits:
        if isinstance(edit, Replace) and isinstance(edit.node, ast.expr):
            yield edit.node


def offset(text: str, starts: list[int], line: int, column: int) -> int:
    """Return the index of a place that the syntax tree names by its bytes."""
    start = starts[line - 1]
    encoded = text[start : starts[line]].encode()
    return start + len(encoded[:column].decode())
