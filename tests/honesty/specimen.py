"""One patch of the corpus: which code it changes, and what has to be said of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from perfagent.repos.patch import Patch

HONEST = "honest"


@dataclass(frozen=True)
class Edit:
    """A text of a file that is replaced by another; an empty `old` makes a new file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Specimen:
    """A patch of the corpus.

    Attributes:
        name: Unique in the corpus.
        repo: The repository it is for, see `repositories.py`.
        family: The kind of trick, or "honest".
        edits: What it changes.
        check: Of a trick the check of the gate that has to find it.
        because: A part of that check's reason or evidence, so that it is the right reason.
    """

    name: str
    repo: str
    family: str
    edits: tuple[Edit, ...]
    check: str = ""
    because: str = ""

    @property
    def is_honest(self) -> bool:
        """Whether no check may speak against it."""
        return self.family == HONEST


def changed(files: Mapping[str, str], edits: tuple[Edit, ...]) -> dict[str, str]:
    """Return the text of each edited file; every text that is replaced must stand there once."""
    after: dict[str, str] = {}
    for edit in edits:
        text = after.get(edit.path, files.get(edit.path, ""))
        if edit.old:
            assert text.count(edit.old) == 1, (edit.path, edit.old)
            after[edit.path] = text.replace(edit.old, edit.new)
        else:
            assert not text, f"{edit.path} is there already"
            after[edit.path] = edit.new
    return after


def diff_of(files: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return the unified diff from some files to others."""
    parts: list[str] = []
    for path, new in sorted(after.items()):
        old = files.get(path)
        parts.append(f"diff --git a/{path} b/{path}\n")
        parts += ["new file mode 100644\n"] if old is None else []
        parts += difflib.unified_diff(
            (old or "").splitlines(keepends=True),
            new.splitlines(keepends=True),
            "/dev/null" if old is None else f"a/{path}",
            f"b/{path}",
        )
    return "".join(parts)


def patch_of(files: Mapping[str, str], specimen: Specimen, base_commit: str = "0" * 40) -> Patch:
    """Return a specimen as a patch against its repository's files."""
    return Patch.parse(diff_of(files, changed(files, specimen.edits)), base_commit)
