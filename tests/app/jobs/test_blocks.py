"""Patches as suggestion blocks, put into the file as the forge does it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pytest

from perfagent.app.forge import Block
from perfagent.app.jobs.blocks import MOST, blocks_of
from perfagent.tests.shop import git, write_repo

TEXT = "".join(f"line {number}\n" for number in range(1, 61))
EVERYTHING = {"a.py": [range(1, 61)]}


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("blocks") / "repo"
    write_repo(folder, {"a.py": TEXT, "endless.py": "one\ntwo", "dos.py": "one\r\ntwo\r\n"})
    return folder / ".git", git(folder, "rev-parse", "HEAD").strip()


def diff_to(after: str, before: str = TEXT, path: str = "a.py", context: int = 3) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
        n=context,
    )
    return "".join(lines)


def taken(blocks: Sequence[Block]) -> str:
    """Return the file when all suggestions are taken, the last ones first."""
    lines = TEXT.splitlines(keepends=True)
    for block in sorted(blocks, key=lambda block: -block.first):
        fence, _, rest = block.body.partition("suggestion\n")
        text = rest.removesuffix(fence)
        lines[block.first - 1 : block.last] = text.splitlines(keepends=True)
    return "".join(lines)


REPLACED = TEXT.replace("line 5\nline 6\n", "five\n")
CHANGES = {
    "a line": TEXT.replace("line 5\n", "five\n"),
    "several lines for one": TEXT.replace("line 5\n", "five\nsix\nseven\n"),
    "one for several": REPLACED,
    "taken out": TEXT.replace("line 5\nline 6\n", ""),
    "put in": TEXT.replace("line 5\n", "line 5\nfive and a half\n"),
    "put in first": f"zero\n{TEXT}",
    "put in last": f"{TEXT}more\n",
    "two places of one hunk": REPLACED.replace("line 8\n", "line 8\nmore\n"),
    "two hunks": REPLACED.replace("line 30\n", "thirty\n"),
    "a fence in it": TEXT.replace("line 5\n", "````\n```suggestion\n"),
}


@pytest.mark.parametrize("context", [0, 3])
@pytest.mark.parametrize("name", CHANGES)
def test_taking_all_suggestions_is_the_patch(mirror: tuple[Path, str], name: str, context: int):
    after = CHANGES[name]
    blocks = blocks_of(diff_to(after, context=context), *mirror, EVERYTHING)
    assert blocks
    assert taken(blocks) == after


NOT_SHOWN = {
    "no line": {},
    "of another file": {"b.py": [range(1, 61)]},
    "half of it": {"a.py": [range(1, 6)]},
    "in two hunks": {"a.py": [range(1, 6), range(6, 61)]},
}


@pytest.mark.parametrize("shown", NOT_SHOWN.values(), ids=NOT_SHOWN)
def test_a_patch_is_suggested_as_a_whole_or_not_at_all(
    mirror: tuple[Path, str], shown: dict[str, list[range]]
):
    diff = diff_to(REPLACED.replace("line 30\n", "thirty\n"))
    assert len(blocks_of(diff, *mirror, EVERYTHING)) == 2
    assert blocks_of(diff, *mirror, shown) == ()


NO_END = "\\ No newline at end of file\n"
UNSAYABLE = {
    "a last line without an end": ("endless.py", f"-two\n{NO_END}+2\n{NO_END}"),
    "lines that end with CR LF": ("dos.py", "-two\r\n+2\r\n"),
}


@pytest.mark.parametrize(("path", "lines"), UNSAYABLE.values(), ids=UNSAYABLE)
def test_what_blocks_cannot_say_stays_a_diff(mirror: tuple[Path, str], path: str, lines: str):
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -2 +2 @@\n{lines}"
    assert blocks_of(diff, *mirror, {path: [range(1, 3)]}) == ()


@pytest.mark.parametrize(("changed", "said"), [(MOST, MOST), (MOST + 1, 0)])
def test_more_blocks_than_anybody_takes_stay_a_diff(
    mirror: tuple[Path, str], changed: int, said: int
):
    lines = TEXT.splitlines(keepends=True)
    for at in range(0, 2 * changed, 2):
        lines[at] = "changed\n"
    assert len(blocks_of(diff_to("".join(lines)), *mirror, EVERYTHING)) == said
