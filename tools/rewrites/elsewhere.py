"""Elsewhere: what the repository's other files say of a name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

_MOST_BYTES = 64_000_000
"""Of source kept in memory; a larger repository is taken to say anything anywhere."""
# Where a name is given another meaning: by a definition, an assignment (keywords of calls are taken
# for one too), or through a string, as `setattr` and mocks do it.
_REPLACED = (
    rb"\b(?:def|class)\s+%(name)s\b|\b%(name)s\s*=(?!=)|^\s+%(name)s\s*:|"
    rb"['\"](?:[\w.]+\.)?%(name)s['\"]"
)


class Elsewhere:
    """Answers from the repository's Python files, which are read once, when first asked."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree

    def mentions(self, name: str, *, besides: str) -> bool:
        """Return whether a file other than `besides` contains a name, in whatever role."""
        return self._finds(name, rb"\b%(name)s\b", besides)

    def replaces(self, name: str, *, besides: str) -> bool:
        """Return whether a file other than `besides` defines, assigns or quotes a name.

        A subclass that overrides a method does, and so does a test that patches a function.
        """
        return self._finds(name, _REPLACED, besides)

    def _finds(self, name: str, form: bytes, besides: str) -> bool:
        if self._texts is None:
            return True
        word = name.encode()
        pattern = re.compile(form % {b"name": re.escape(word)}, re.MULTILINE)
        # Most files do not hold the word at all, which is quickly seen.
        return any(
            word in text and path != besides and pattern.search(text)
            for path, text in self._texts.items()
        )

    @cached_property
    def _texts(self) -> dict[str, bytes] | None:
        found: dict[str, bytes] = {}
        size = 0
        for file in _source_files(self._tree):
            try:
                text = file.read_bytes()
            except OSError:
                # What cannot be read is not run either.
                continue
            size += len(text)
            if size > _MOST_BYTES:
                return None
            found[file.relative_to(self._tree).as_posix()] = text
        return found


def _source_files(tree: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(tree):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            if name.endswith((".py", ".pyx", ".pyi")):
                yield Path(folder, name)
