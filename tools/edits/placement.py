"""Where the old lines of an edit stand in a file: exactly one place, or an explanation.

Only trailing blanks, blank lines at the edit's borders and, where asked, one indentation missing
from all lines are forgiven. Two possible places are an error, never a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

_MAX_SHOWN_LINES = 14
_MAX_COMPARED_LINES = 5000


class NotPlacedError(Exception):
    """The old lines have no place, or several; the message says which and shows candidates."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an edit goes.

    Attributes:
        start: 0-based index of the first old line in the file.
        skipped_top: how many blank lines at the top of the old lines are not in the file.
        skipped_bottom: the same at the bottom.
        indent: what every non-blank line of the edit must get in front, usually "".
    """

    start: int
    skipped_top: int = 0
    skipped_bottom: int = 0
    indent: str = ""


def place(
    lines: Sequence[str],
    old: Sequence[str],
    *,
    first_line: int | None = None,
    heading: str = "",
    may_indent: bool = False,
) -> Place:
    """Return the one place where `old` stands in `lines`.

    Args:
        lines: the file's lines, without line ends.
        old: the lines to be found, not empty.
        first_line: 1-based line where they should start; decides between equal places, and is
            ignored when it matches none.
        heading: the line that opens the block they are in (a diff's `@@ … @@ def f():`); decides
            between equal places when it stands once in the file.
        may_indent: accept lines that all lack the same indentation.

    Raises:
        NotPlacedError: no place, or several.
    """
    top = next((i for i, line in enumerate(old) if line.strip()), None)
    bottom = next((i for i, line in enumerate(reversed(old)) if line.strip()), 0)
    trims = [(0, 0)]
    if top is not None and (top or bottom):
        trims.append((top, bottom))
    for skipped_top, skipped_bottom in trims:
        wanted = old[skipped_top : len(old) - skipped_bottom]
        hint = None if first_line is None else first_line - 1 + skipped_top
        for form in (str, str.rstrip):
            starts = _occurrences([form(line) for line in lines], [form(line) for line in wanted])
            if starts:
                start = _only_one(lines, starts, hint, heading)
                return Place(start=start, skipped_top=skipped_top, skipped_bottom=skipped_bottom)
    if may_indent and top is not None:
        return _indented_place(lines, old, top, bottom)
    raise NotPlacedError(_not_found(lines, old))


def _indented_place(lines: Sequence[str], old: Sequence[str], top: int, bottom: int) -> Place:
    wanted = old[top : len(old) - bottom]
    starts = _occurrences([line.strip() for line in lines], [line.strip() for line in wanted])
    places: list[Place] = []
    for start in starts:
        indents = {
            found.rstrip().removesuffix(line.rstrip())
            for found, line in zip(lines[start:], wanted, strict=False)
            if line.strip()
        }
        indent = indents.pop()
        if not indents and not indent.strip():
            places.append(Place(start=start, skipped_top=top, skipped_bottom=bottom, indent=indent))
    if not places:
        raise NotPlacedError(_not_found(lines, old))
    only = _only_one(lines, [found.start for found in places], None, "")
    return next(found for found in places if found.start == only)


def _only_one(lines: Sequence[str], starts: list[int], hint: int | None, heading: str) -> int:
    if len(starts) == 1:
        return starts[0]
    if hint in starts:
        return hint
    inside = [start for start in starts if start in _block_under(lines, heading)]
    if len(inside) == 1:
        return inside[0]
    shown = ", ".join(str(start + 1) for start in starts[:8]) + ("…" if len(starts) > 8 else "")
    raise NotPlacedError(
        f"the old lines occur {len(starts)} times (at lines {shown}); "
        "add neighbouring lines until they occur once"
    )


def _block_under(lines: Sequence[str], heading: str) -> range:
    """Return the lines of the block under `heading`, empty unless it stands once in the file."""
    found = [i for i, line in enumerate(lines) if heading and line.strip().startswith(heading)]
    if len(found) != 1:
        return range(0)
    depth = _depth(lines[found[0]])
    end = next(
        (
            i
            for i in range(found[0] + 1, len(lines))
            if lines[i].strip() and _depth(lines[i]) <= depth and lines[i].strip()[0] not in ")]}"
        ),
        len(lines),
    )
    return range(found[0], end)


def _depth(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())


def _occurrences(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return each index where `wanted` stands, in linear time (Knuth, Morris, Pratt)."""
    if not wanted or len(wanted) > len(lines):
        return []
    fallback = [0] * len(wanted)
    matched = 0
    for index in range(1, len(wanted)):
        while matched and wanted[index] != wanted[matched]:
            matched = fallback[matched - 1]
        matched += wanted[index] == wanted[matched]
        fallback[index] = matched
    starts: list[int] = []
    matched = 0
    for index, line in enumerate(lines):
        while matched and line != wanted[matched]:
            matched = fallback[matched - 1]
        matched += line == wanted[matched]
        if matched == len(wanted):
            starts.append(index - matched + 1)
            matched = fallback[matched - 1]
    return starts


def _not_found(lines: Sequence[str], old: Sequence[str]) -> str:
    if not any(line.strip() for line in lines):
        return "the old lines are not in the file, which is empty"
    if note := _blanks_differ(lines, old):
        return note
    start = _closest(lines, old)
    if start is None:
        return "the old lines are not in the file, and nothing in it looks like them"
    shown = _numbered(lines, start, min(len(old), _MAX_SHOWN_LINES))
    return f"the old lines are not in the file; the closest lines are\n{shown}"


def _blanks_differ(lines: Sequence[str], old: Sequence[str]) -> str | None:
    """Explain a miss that only blanks cause: tabs for spaces, another indentation."""

    def forms(form: Callable[[str], str]) -> list[int]:
        wanted = [form(line) for line in old if line.strip()]
        kept = [(i, form(line)) for i, line in enumerate(lines) if line.strip()]
        return [kept[start][0] for start in _occurrences([text for _, text in kept], wanted)]

    starts = forms(lambda line: " ".join(line.split()))
    if not starts:
        return None
    found = lines[starts[0] : starts[0] + len(old)]
    tabs_here, tabs_there = ("\t" in "".join(part) for part in (found, old))
    reason = "indentation or blanks"
    if tabs_here != tabs_there:
        names = ("tabs", "spaces") if tabs_here else ("spaces", "tabs")
        reason = f"indentation: the file uses {names[0]}, the edit {names[1]}"
    shown = _numbered(lines, starts[0], min(len(old), _MAX_SHOWN_LINES))
    return f"the old lines differ from the file only in {reason}; the file has\n{shown}"


def _closest(lines: Sequence[str], old: Sequence[str]) -> int | None:
    """Return where the stretch begins that has most in common with `old`; None: nothing similar."""
    wanted = [line.strip() for line in old if line.strip()]
    stripped = [line.strip() for line in lines[:_MAX_COMPARED_LINES]]
    counts = Counter(wanted)
    size = max(len(old), 1)
    scores = [counts[line] > 0 for line in stripped]
    shared = sum(scores[:size])
    ranked = [(shared, 0)]
    for start in range(1, max(len(stripped) - size + 1, 1)):
        shared += scores[start + size - 1] - scores[start - 1]
        ranked.append((shared, -start))
    best = [-start for shared, start in sorted(ranked, reverse=True)[:5] if shared]
    if best:
        text = "\n".join(wanted)[:4000]
        return max(
            best,
            key=lambda start: SequenceMatcher(
                None, "\n".join(stripped[start : start + size])[:4000], text, autojunk=False
            ).ratio(),
        )
    longest = max(wanted, key=len, default="")
    close = get_close_matches(longest[:300], {line[:300] for line in stripped}, n=1, cutoff=0.6)
    if not close:
        return None
    index = next(i for i, line in enumerate(stripped) if line[:300] == close[0])
    offset = next(i for i, line in enumerate(old) if line.strip() == longest)
    return max(index - offset, 0)


def _numbered(lines: Sequence[str], start: int, count: int) -> str:
    shown = range(start, min(start + count, len(lines)))
    return "\n".join(f"{index + 1:6d}| {lines[index]}" for index in shown)
