"""Parts of a document that are written by a program, between two marks that stay."""

from __future__ import annotations


def marks(name: str) -> tuple[str, str]:
    """Return the lines that stand around a part."""
    return f"<!-- {name}: written by a program from here -->", f"<!-- {name}: to here -->"


def with_part(document: str, name: str, part: str) -> str:
    """Return a document with one part written anew.

    Raises:
        ValueError: the document lacks the part's marks.
    """
    first, last = marks(name)
    before, found, rest = document.partition(first)
    _, ended, after = rest.partition(last)
    if not found or not ended:
        raise ValueError(f"the document has no marks of {name}")
    return f"{before}{first}\n\n{part.strip()}\n\n{last}{after}"
