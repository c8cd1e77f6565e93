"""Texts that stay under a number of characters and say what was left out."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST_LINE = 300
"""Characters of a line of code or output that are shown."""


def short(line: str, most: int = LONGEST_LINE) -> str:
    """Return a line, its end replaced by … when it is longer than `most` characters."""
    return line if len(line) <= most else line[: most - 1] + "…"


def fitting(lines: Iterable[str], most: int) -> list[str]:
    """Return the first lines that together, each with its newline, have at most `most` characters.

    The first line is kept whatever its length.
    """
    kept: list[str] = []
    for line in lines:
        most -= len(line) + 1
        if most < 0 and kept:
            break
        kept.append(line)
    return kept


def capped(text: str, most: int, hint: str) -> str:
    """Return a text, or its first whole lines and one that counts the others.

    Args:
        text: Any number of lines.
        most: Characters to keep; the line that is added comes on top.
        hint: What to do to see the rest; begins with a verb.
    """
    if len(text) <= most:
        return text
    lines = text.split("\n")
    kept = fitting(lines, most)
    if len(kept) == 1 and len(kept[0]) > most:
        return f"{kept[0][:most]}\n… {len(text) - most:,} more characters; {hint}"
    return "\n".join([*kept, f"… {len(lines) - len(kept):,} more lines; {hint}"])


def ending(text: str, most: int) -> str:
    """Return a text, or a line that counts what is left out and its last lines."""
    if len(text) <= most:
        return text
    lines = text.split("\n")
    kept = fitting(reversed(lines), most)[::-1]
    if len(kept) == 1 and len(kept[0]) > most:
        return f"… {len(text) - most:,} earlier characters are left out\n{text[-most:]}"
    return "\n".join([f"… {len(lines) - len(kept):,} earlier lines are left out", *kept])
