"""Word lists, written as text so that they stay readable."""

from __future__ import annotations


def words(*texts: str) -> frozenset[str]:
    """Return the words of some texts, separated by spaces."""
    return frozenset(word for text in texts for word in text.split())
