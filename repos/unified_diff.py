"""Reads unified diffs from outside and writes them in git's own form.

This file alone knows unidiff, and alone decides what a patch may do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from pathlib import PurePosixPath

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ReadHunk
from unidiff.patch import PatchedFile, PatchSet

from ..errors import ToolError
from .path_names import is_git_folder, is_invisible

_NOWHERE = "/dev/null"
_FILE_MODES = frozenset({"100644", "100755"})
_PREFIX_PAIRS = frozenset({"ab", "iw", "ci", "cw", "ow", "12"})
# What comes between the two names of a header, which are not quoted for having spaces.
_SECOND_NAME = " b/"
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One hunk: lines with their leading sign and their newline.

    `source_start` is the number of its first line in the base; for a hunk that only inserts, the
    number of the line that it is inserted before.
    """

    source_start: int
    section: str
    lines: tuple[str, ...]

    @cached_property
    def source_length(self) -> int:
        """How many lines of the base it spans."""
        return sum(line[0] in " -" for line in self.lines)

    @cached_property
    def target_length(self) -> int:
        """How many lines of the patched file it spans."""
        return sum(line[0] in " +" for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines it removes."""
        return sum(line[0] == "-" for line in self.lines)

    @cached_property
    def added(self) -> tuple[int, ...]:
        """Offsets of the added lines from the hunk's first line in the patched file."""
        kept = [line[0] for line in self.lines if line[0] in " +"]
        return tuple(offset for offset, sign in enumerate(kept) if sign == "+")

    def base_numbers(self) -> Iterator[int]:
        """Yield the numbers of base lines it removes, or between which it only inserts."""
        number = self.source_start
        for sign, run in groupby(self.lines, key=lambda line: line[0] in "+-"):
            lines = list(run)
            removed = sum(line[0] == "-" for line in lines)
            if sign and removed:
                yield from range(number, number + removed)
            elif sign:
                yield from (n for n in (number - 1, number) if n > 0)
            number += removed if sign else sum(line[0] == " " for line in lines)

    def text(self, target_start: int) -> str:
        """Return it as text; `target_start` is the number of its first line once patched."""
        # A side without lines is written with the number of the line before it.
        source = self.source_start - (self.source_length == 0)
        target = target_start - (self.target_length == 0)
        section = f" {self.section}" if self.section else ""
        sides = f"-{source},{self.source_length} +{target},{self.target_length}"
        return f"@@ {sides} @@{section}\n{''.join(self.lines)}"


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """What happens to one file; `old` is None for a new one, `new` for a deleted one."""

    old: str | None
    new: str | None
    mode: str
    hunks: tuple[Hunk, ...]

    @property
    def is_modification(self) -> bool:
        """Whether the file is there before and after, under the same name."""
        return self.old == self.new


def target_starts(hunks: Iterable[Hunk]) -> list[int]:
    """Return the number of each hunk's first line in the patched file, given all of its hunks."""
    starts: list[int] = []
    shift = 0
    for hunk in hunks:
        starts.append(hunk.source_start + shift)
        shift += hunk.target_length - hunk.source_length
    return starts


def joined(parts: Iterable[FileChange]) -> list[FileChange]:
    """Put the hunks of the same modified file together again."""
    whole: list[FileChange] = []
    for part in parts:
        last = whole[-1] if whole else None
        if last and part.is_modification and last.is_modification and last.old == part.old:
            whole[-1] = replace(last, hunks=last.hunks + part.hunks)
        else:
            whole.append(part)
    return whole


def render(changes: Iterable[FileChange]) -> str:
    """Return the changes as a diff in git's format."""
    text: list[str] = []
    for change in changes:
        old, new = change.old, change.new
        text.append(f"diff --git a/{old or new} b/{new or old}\n")
        if old is None:
            text.append(f"new file mode {change.mode}\n")
        elif new is None:
            text.append(f"deleted file mode {change.mode}\n")
        elif old != new:
            text.append(f"rename from {old}\nrename to {new}\n")
        if change.hunks:
            text.append(f"--- {_side('a', old)}\n+++ {_side('b', new)}\n")
        starts = target_starts(change.hunks)
        text.extend(hunk.text(start) for hunk, start in zip(change.hunks, starts, strict=True))
    return "".join(text)


def _side(prefix: str, path: str | None) -> str:
    if path is None:
        return _NOWHERE
    # As git does: the tab keeps a name with spaces from being read as a name and a date.
    return f"{prefix}/{path}\t" if " " in path else f"{prefix}/{path}"


def parse(diff: str) -> tuple[FileChange, ...]:
    """Read a diff.

    Raises:
        ToolError: As `Patch.parse` says.
    """
    if not diff.strip():
        return ()
    lines = diff.split("\n")
    if lines[-1] == "":
        lines.pop()
    if all(line.endswith("\r") for line in lines):
        lines = [line[:-1] for line in lines]
    for line in lines:
        if line.startswith("diff --git ") and line.count(_SECOND_NAME) > 1:
            raise _ambiguous(line)
    try:
        patched = PatchSet("\n".join(lines) + "\n")
    except UnidiffParseError as error:
        raise ToolError(f"the diff cannot be read: {str(error).strip()}") from error
    if not patched:
        raise ToolError("there is no unified diff in the text: expected ---, +++ and @@ lines")
    changes = tuple(change for change in map(_file_change, patched) if change is not None)
    seen: set[str] = set()
    for change in changes:
        for path in {change.old, change.new} - {None}:
            if path in seen:
                raise ToolError(f"{path} appears twice in the diff: put its hunks together")
            seen.add(str(path))
    return changes


def _file_change(file: PatchedFile) -> FileChange | None:
    """Turn unidiff's view of one file into ours; None when nothing happens to it.

    Raises:
        ToolError: It does what a patch may not.
    """
    old, new = _paths(file)
    name = new or old or "a file"
    if file.is_binary_file:
        raise ToolError(f"{name}: binary changes are not possible in a patch")
    header = [str(line) for line in file.patch_info or ()]
    if any(line.startswith(("copy from ", "copy to ")) for line in header):
        raise ToolError(f"{name}: copies are not possible; write the new file in full")
    modes = {mode for mode in (file.source_mode, file.target_mode) if mode}
    if not modes <= _FILE_MODES:
        raise ToolError(f"{name}: symlinks and submodules cannot be changed by a patch")
    if len(modes) > 1 or any(line.startswith(("old mode", "new mode")) for line in header):
        raise ToolError(f"{name}: a patch cannot change a file's mode")
    hunks = tuple(_hunk(hunk) for hunk in file)
    if any("\0" in line for hunk in hunks for line in hunk.lines):
        raise ToolError(f"{name}: a file with NUL bytes is binary, which a patch cannot change")
    if any(start < 1 for start in target_starts(hunks)):
        raise ToolError(f"{name}: hunks of the diff remove what lies before the first line")
    if (old is None and any(hunk.source_length for hunk in hunks)) or (
        new is None and any(hunk.target_length for hunk in hunks)
    ):
        raise ToolError(f"{name}: the diff says that it is new or deleted, and has lines of both")
    if old == new and not any(line[0] in "+-" for hunk in hunks for line in hunk.lines):
        return None
    return FileChange(old=old, new=new, mode=next(iter(modes), "100644"), hunks=hunks)


def _hunk(hunk: ReadHunk) -> Hunk:
    lines = [str(line) for line in hunk]
    # unidiff keeps blank lines that follow a hunk: they have no sign, and no meaning.
    while lines and lines[-1] == "\n":
        lines.pop()
    return Hunk(
        source_start=hunk.source_start + (hunk.source_length == 0),
        section=hunk.section_header.strip(),
        lines=tuple(lines),
    )


def _paths(file: PatchedFile) -> tuple[str | None, str | None]:
    """Return the checked path before and after, None where there is none.

    Raises:
        ToolError: A path is not allowed.
    """
    header = [str(line).rstrip("\n") for line in file.patch_info or ()]
    renamed = [line.partition(" from ")[2] for line in header if line.startswith("rename from ")]
    renamed += [line.partition(" to ")[2] for line in header if line.startswith("rename to ")]
    if len(renamed) == 2:
        return _checked(_unquoted(renamed[0])), _checked(_unquoted(renamed[1]))
    source, target = _unquoted(file.source_file), _unquoted(file.target_file)
    if source == target == _NOWHERE:
        raise ToolError("a diff from /dev/null to /dev/null says nothing")
    if source == _NOWHERE:
        return None, _checked(re.sub(r"^[bw]/", "", target))
    if target == _NOWHERE:
        return _checked(re.sub(r"^[ai]/", "", source)), None
    if source[1:2] == "/" == target[1:2] and source[0] + target[0] in _PREFIX_PAIRS:
        source, target = source[2:], target[2:]
    # Without git's rename lines, two names are what `diff old.orig new` writes: one file.
    return _checked(target), _checked(target)


def _unquoted(path: str) -> str:
    """Undo git's C-style quoting of unusual names."""
    if not (len(path) > 1 and path.startswith('"') and path.endswith('"')):
        return path

    def byte(match: re.Match[bytes]) -> bytes:
        code = match[1].decode()
        if code.isdigit():
            return bytes([int(code, 8) & 0xFF])
        return bytes([_ESCAPES[code]]) if code in _ESCAPES else match[1]

    inner = path[1:-1].encode("utf-8", "surrogateescape")
    inner = re.sub(rb"\\([0-7]{3}|.)", byte, inner)
    return inner.decode("utf-8", "surrogateescape")


def _ambiguous(where: str) -> ToolError:
    return ToolError(
        f"the diff says {where!r}: a path with {_SECOND_NAME!r} in it is not possible, since the "
        "header of a diff does not tell where it ends"
    )


def _checked(path: str) -> str:
    """Return the path when a patch may touch it.

    Raises:
        ToolError: It may not.
    """
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or ".." in parts:
        raise ToolError(f"the diff names the path {path!r}: name a file inside the repository")
    if re.search(r'[\x00-\x1f\x7f-\x9f"\\]', path):
        raise ToolError(f"the diff names the path {path!r}: such characters are not possible")
    if _SECOND_NAME in path:
        raise _ambiguous(path)
    if any(map(is_git_folder, parts)):
        raise ToolError(f"the diff names the path {path!r}: git's own files are out of bounds")
    if any(map(is_invisible, path)):
        raise ToolError(f"the diff names the path {path!r}: it has characters that nobody sees")
    return path
