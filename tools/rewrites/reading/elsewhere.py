"""Elsewhere: what the repository's other files say of a name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

_MOST_BYTES = 64_000_000
"""Of source kept in memory; a larger repository is taken to say anything anywhere."""
_WORD = re.compile(r"\w+")
# Where a name is given another meaning: by a definition, an assignment (keywords of calls are taken
# for one too), or through a string, as `setattr` and mocks do it.
_REPLACED = (
    re.compile(r"\b(?:def|class)(?=\s+(\w+))"),
    re.compile(r"(\w+)\s*=(?!=)"),
    re.compile(r"^\s+(\w+)(?=\s*:)", re.MULTILINE),
    re.compile(r"['\"](?:[\w.]+\.)?(\w+)(?=['\"])"),
)


class Elsewhere:
    """Answers from the repository's Python files, each of which is read and taken apart once."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree

    def mentions(self, name: str, *, besides: str) -> bool:
        """Return whether a file other than `besides` contains a name, in whatever role."""
        return self._texts is None or any(self._holding(name, besides))

    def replaces(self, name: str, *, besides: str) -> bool:
        """Return whether a file other than `besides` defines, assigns or quotes a name.

        A subclass that overrides a method does, and so does a test that patches a function.
        """
        return self._texts is None or any(
            each.replaces(name) for each in self._holding(name, besides)
        )

    def _holding(self, name: str, besides: str) -> Iterator[_Text]:
        """Yield the other files that contain a name."""
        for path, text in (self._texts or {}).items():
            if path != besides and name in text.words:
                yield text

    @cached_property
    def _texts(self) -> dict[str, _Text] | None:
        found: dict[str, _Text] = {}
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
            found[file.relative_to(self._tree).as_posix()] = _Text(text.decode(errors="replace"))
        return found


class _Text:
    """A file's text and the words in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.words = frozenset(_WORD.findall(text))
        self._replaced: set[str] | None = None

    def replaces(self, word: str) -> bool:
        """Return whether a word of the text is one that it gives another meaning."""
        if self._replaced is None:
            self._replaced = {each for form in _REPLACED for each in form.findall(self._text)}
        return word in self._replaced


def _source_files(tree: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(tree):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            if name.endswith((".py", ".pyx", ".pyi")):
                yield Path(folder, name)
