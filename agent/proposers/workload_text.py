"""A workload's source as a model is shown it, cut to a number of tokens at its functions."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..chat.prices import token_bound

_FIRST = ("workload", "setup")
_SHORT = 3
_AROUND = 24
_Block = tuple[str, int, int]


def shortened(text: str, max_tokens: int) -> str:
    """Return a workload's source whole when it fits, else its most telling statements.

    `workload` and `setup` come first, then short statements (imports, constants), then the other
    functions in their order; where statements are left out a comment says how many lines.

    Args:
        text: The workload's source, node id or command.
        max_tokens: By `token_bound`.
    """
    if token_bound(text) <= max_tokens:
        return text
    lines = text.splitlines()
    blocks = _blocks(text, len(lines))
    left = max_tokens - _AROUND
    kept: set[int] = set()
    for place in sorted(range(len(blocks)), key=lambda place: _rank(blocks[place])):
        _, first, last = blocks[place]
        needed = token_bound("\n".join(lines[first - 1 : last])) + _AROUND
        if needed <= left:
            kept.add(place)
            left -= needed
    if not kept:
        return first_lines(text, max_tokens)
    return "\n".join(_joined(lines, blocks, kept))


def first_lines(text: str, max_tokens: int) -> str:
    """Return the text, or its first lines and a line that says how many are left out."""
    if token_bound(text) <= max_tokens:
        return text
    lines = text.splitlines()
    kept: list[str] = []
    used = _AROUND
    for line in lines:
        used += token_bound(line) + 1
        if used > max_tokens:
            break
        kept.append(line)
    return "\n".join([*kept, f"... ({len(lines) - len(kept)} more lines are left out)"])


def _blocks(text: str, count: int) -> list[_Block]:
    """Return name, first and last line of each statement; none for what is no Python."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    starts = [
        min([each.lineno, *(one.lineno for one in getattr(each, "decorator_list", ()))])
        for each in module.body
    ]
    ends = [(each.end_lineno or each.lineno) for each in module.body]
    names = [str(getattr(each, "name", "")) for each in module.body]
    return list(zip(names, starts, ends, strict=True))


def _rank(block: _Block) -> tuple[int, int]:
    name, first, last = block
    if name in _FIRST:
        return _FIRST.index(name), first
    return (2 if last - first < _SHORT else 3), first


def _joined(lines: Sequence[str], blocks: Sequence[_Block], kept: set[int]) -> list[str]:
    found: list[str] = []
    done = 0
    for place in sorted(kept):
        _, first, last = blocks[place]
        gap = lines[done : first - 1]
        found += _gap(gap)
        found += lines[first - 1 : last]
        done = last
    return [*found, *_gap(lines[done:])]


def _gap(lines: Sequence[str]) -> list[str]:
    """Return the lines themselves when they are blank, else what says that they are left out."""
    count = sum(1 for line in lines if line.strip())
    return ["", "", f"# ... ({count} more lines are left out)", "", ""] if count else list(lines)
