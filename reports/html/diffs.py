"""A unified diff as lines that a page colours."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_LINES = 600


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """One line.

    Attributes:
        kind: "file", "hunk", "added", "removed" or "same"; also the class of its colour.
        text: With the sign that it begins with.
    """

    kind: str
    text: str


def diff_lines(diff: str, most: int = MOST_LINES) -> list[DiffLine]:
    """Return a diff's lines, the git headers of a file made one; the last says what is left out."""
    lines: list[DiffLine] = []
    in_hunk = False
    for text in diff.splitlines():
        if text.startswith("diff --git"):
            in_hunk = False
        if text.startswith("@@"):
            in_hunk = True
            lines.append(DiffLine(kind="hunk", text=text))
        elif not in_hunk:
            if text.startswith("+++ ") or (text.startswith("--- ") and "/dev/null" not in text):
                path = re.sub(r"^[ab]/", "", text[4:])
                if not lines or lines[-1].kind != "file" or lines[-1].text != path:
                    lines.append(DiffLine(kind="file", text=path))
        else:
            kind = {"+": "added", "-": "removed"}.get(text[:1], "same")
            lines.append(DiffLine(kind=kind, text=text))
    if len(lines) > most:
        left = len(lines) - most
        lines = [*lines[:most], DiffLine(kind="hunk", text=f"… {left:,} more lines")]
    return lines
