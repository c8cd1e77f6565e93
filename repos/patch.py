"""A patch: a unified diff against a named commit, as text that only means what it says.

A diff from outside is parsed and written anew, so `git apply` never sees a line that was not
understood and allowed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .unified_diff import FileChange, joined, parse, render, target_starts

if TYPE_CHECKING:
    from .checkout import RunRepository


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A unified diff in git's format, cumulative against one commit.

    Attributes:
        diff: The text; empty when nothing changes. Bytes of a file that are not UTF-8 are
            surrogate escapes: write it with `as_bytes`.
        base_commit: The commit it applies to, 40 hexadecimal digits.
    """

    diff: str
    base_commit: str

    @classmethod
    def parse(cls, diff: str, base_commit: str) -> Patch:
        """Read a diff from outside and return it in git's own form.

        Line ends of a diff that has CRLF throughout become LF, a missing last newline is added,
        and text around the diff is dropped.

        Raises:
            ToolError: It is no diff, contradicts itself, names a file twice, or does what a patch
                may not: binary content, a mode change, a symlink, a submodule, a copy, or a path
                that is absolute, leaves the repository or lies in `.git`.
        """
        return cls(diff=render(parse(diff)), base_commit=base_commit)

    @cached_property
    def _changes(self) -> tuple[FileChange, ...]:
        return parse(self.diff)

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.diff.strip()

    @property
    def files(self) -> tuple[str, ...]:
        """Repository-relative paths that it touches; of a renamed file, both names."""
        paths = (path for change in self._changes for path in (change.old, change.new) if path)
        return tuple(dict.fromkeys(paths))

    @property
    def added_lines(self) -> int:
        """How many lines it adds."""
        return sum(len(hunk.added) for change in self._changes for hunk in change.hunks)

    @property
    def removed_lines(self) -> int:
        """How many lines it removes."""
        return sum(hunk.removed for change in self._changes for hunk in change.hunks)

    @property
    def as_bytes(self) -> bytes:
        """The diff as it is written to a file."""
        return self.diff.encode("utf-8", "surrogateescape")

    @property
    def sha256(self) -> str:
        """Digest of the diff, 64 hexadecimal digits."""
        return hashlib.sha256(self.as_bytes).hexdigest()

    def base_lines(self) -> dict[str, tuple[int, ...]]:
        """Return, by path in the base commit, the line numbers (from 1) that it changes.

        Where lines are only inserted, these are the lines around them. New files are left out.
        """
        return {
            change.old: tuple(sorted({n for hunk in change.hunks for n in hunk.base_numbers()}))
            for change in self._changes
            if change.old
        }

    def new_lines(self) -> dict[str, tuple[int, ...]]:
        """Return, by path after the patch, the line numbers (from 1) of the added lines."""
        found: dict[str, tuple[int, ...]] = {}
        for change in self._changes:
            if change.new:
                starts = zip(change.hunks, target_starts(change.hunks), strict=True)
                found[change.new] = tuple(
                    start + offset for hunk, start in starts for offset in hunk.added
                )
        return found

    def hunks(self) -> tuple[Patch, ...]:
        """Return one patch for each hunk, each applying to the base commit by itself.

        A new, deleted or renamed file is one hunk.
        """
        return tuple(replace(self, diff=render([part])) for part in self._parts())

    def without(self, index: int) -> Patch:
        """Return the patch without `hunks()[index]`.

        Raises:
            IndexError: There is no such hunk.
        """
        parts = self._parts()
        del parts[index]
        return replace(self, diff=render(joined(parts)))

    def _parts(self) -> list[FileChange]:
        parts: list[FileChange] = []
        for change in self._changes:
            if change.is_modification:
                parts.extend(replace(change, hunks=(hunk,)) for hunk in change.hunks)
            else:
                parts.append(change)
        return parts


def combine(
    repo: RunRepository,
    base_commit: str,
    patches: Sequence[Patch],
    *,
    common: Patch | None = None,
) -> Patch:
    """Apply patches against the same base one after the other and return them as one.

    Changes of the same lines are merged three-way: what two patches both do is done once.

    Args:
        repo: Where the base is.
        base_commit: The base.
        patches: Each against the base.
        common: A patch that all of them were made on top of and contain: lines that it changed may
            then be changed once more by one of them. None for none.

    Raises:
        ToolError: Two patches change the same lines in different ways.
    """
    given = [patch for patch in patches if not patch.is_empty]
    if not given:
        return Patch(diff="", base_commit=base_commit)
    if len(given) == 1:
        return replace(given[0], base_commit=base_commit)
    return repo.merge(base_commit, given, common=common)
