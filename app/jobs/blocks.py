"""A patch as suggestion blocks, which people put into a pull request at the press of a button."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from ...reports.wording import code_fence
from ...repos.git import git
from ...repos.unified_diff import Hunk, parse
from ..forge import Block

MOST = 20
"""Blocks that anybody takes one by one, or looks through."""


def blocks_of(
    diff: str, mirror: Path, base: str, shown: Mapping[str, Sequence[range]]
) -> tuple[Block, ...]:
    """Return a diff as suggestion blocks; () where it cannot be said in them as a whole.

    A part of a patch is not what was measured, so all of its lines have to be ones that the pull
    request shows. A last line without an end, and lines that end with CR LF, cannot be said.

    Args:
        diff: Against the pull request's last commit.
        mirror: The bare mirror that has it.
        base: That commit.
        shown: By path, the lines that stand in the pull request's own diff, hunk by hunk.
    """
    blocks: list[Block] = []
    for change in parse(diff):
        if change.old is None or not change.is_modification:
            return ()
        lines = git(mirror, "cat-file", "blob", f"{base}:{change.old}").split("\n")
        for hunk in change.hunks:
            if any(line.startswith("\\") for line in hunk.lines):
                return ()
            for first, last, text in _replaced(hunk, lines):
                if "\r" in text or any("\r" in line for line in lines[first - 1 : last]):
                    return ()
                blocks.append(Block(path=change.old, first=first, last=last, body=_body(text)))
    if len(blocks) > MOST or _overlap(blocks) or not all(_is_shown(b, shown) for b in blocks):
        return ()
    return tuple(blocks)


def _replaced(hunk: Hunk, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield first and last line, and what stands there instead.

    What is only inserted replaces the line before it, or the first line, and repeats that.
    """
    number = hunk.source_start
    for is_changed, run in groupby(hunk.lines, key=lambda line: line[0] in "+-"):
        held = list(run)
        removed = sum(line[0] in "- " for line in held)
        if is_changed:
            added = "".join(line[1:] for line in held if line[0] == "+")
            if removed:
                yield number, number + removed - 1, added
            elif number > 1:
                yield number - 1, number - 1, f"{lines[number - 2]}\n{added}"
            else:
                yield 1, 1, f"{added}{lines[0]}\n"
        number += removed


def _body(text: str) -> str:
    fence = code_fence(text)
    return f"{fence}suggestion\n{text}{fence}"


def _overlap(blocks: Sequence[Block]) -> bool:
    return any(
        one.path == other.path and other.first <= one.last for one, other in pairwise(blocks)
    )


def _is_shown(block: Block, shown: Mapping[str, Sequence[range]]) -> bool:
    return any(block.first in hunk and block.last in hunk for hunk in shown.get(block.path, ()))
