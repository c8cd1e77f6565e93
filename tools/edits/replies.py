"""What a model's reply says to change: the edit formats that models write, and nothing about files.

Understood, anywhere in a reply and in any mixture: SEARCH/REPLACE blocks, unified diffs (line
numbers and counts may be wrong), the `*** Begin Patch` format, and fenced whole files under a
path. Whether an edit fits its file is decided by `tools/edits/edits.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...errors import ToolError
from .diff_text import Hunk, diff_path, is_diff_start, read_hunks

_OPENER = re.compile(r"^([ \t]*)(<{5,9}) ?(?:SEARCH|ORIGINAL|HEAD)\b[ \t:]*(.*)$", re.IGNORECASE)
_CLOSER = re.compile(r"^[ \t]*>{5,9}(?: ?(?:REPLACE|UPDATED|REPLACEMENT)\b.*)?$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*(={5,9})$")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(.*)$")
_PATH_WORD = re.compile(r"^(?:[^\s/`'\"*<>|:]+/)*[^\s/`'\"*<>|:]*\.[A-Za-z_][\w-]{0,11}$")
_LABEL = re.compile(
    r"^(?:(?:new |edit(?:ed)? |updated? )?file(?: ?name| ?path)?|path)\s*[:=]\s*(.+)$", re.I
)
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")
_COMMENT = re.compile(r"^(?:#+|//|--|<!--)\s*(.+?)(?:\s*-->)?$")
_ENVELOPE = re.compile(r"^\*\*\* (Update|Add|Delete) File: (.+)$")


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """One SEARCH/REPLACE block.

    `splits` holds (search, replace) for every line that may be the divider, the longest search
    first: usually one, more when the code itself has a line of equals signs. Both sides are lines
    joined by a newline, without a final one. An empty search creates the file.
    """

    path: str
    number: int
    splits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FileDiff:
    """The hunks of a diff for one file; `creates` when the diff says that the file is new."""

    path: str
    number: int
    hunks: tuple[Hunk, ...]
    creates: bool


@dataclass(frozen=True, kw_only=True)
class WholeFile:
    """A complete text for one file."""

    path: str
    number: int
    text: str


Edit = Replacement | FileDiff | WholeFile


def parse_reply(text: str, *, default_path: str | None = None) -> list[Edit]:
    r"""Return the edits in a model's reply, in their order, at least one.

    Args:
        text: the reply; `\r\n` line ends are read as `\n`.
        default_path: the file meant by a block or hunk that names none. None: such a block
            belongs to the file named last, and is an error when none was.

    Raises:
        ToolError: there is no edit; a block is not closed (a reply that was cut off), lacks its
            divider or its path; or the reply deletes, renames or adds a binary file.
    """
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    edits = _Scanner(lines, default_path).scan()
    if not edits:
        raise ToolError(
            "no edit found in the reply; write SEARCH/REPLACE blocks, each under the path of its "
            "file, or a unified diff"
        )
    return edits


class _Scanner:
    """One pass over the lines of a reply; each construct consumes its own lines."""

    def __init__(self, lines: Sequence[str], default_path: str | None) -> None:
        self._lines = lines
        self._at = 0
        self._path = default_path
        self._edits: list[Edit] = []

    def scan(self) -> list[Edit]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if opener := _marker(_OPENER, line):
                self._read_block(opener)
            elif is_diff_start(self._lines, self._at):
                self._read_diff()
            elif envelope := _marker(_ENVELOPE, line):
                self._read_envelope(envelope)
            elif line.startswith("@@"):
                self._read_bare_hunks()
            elif fence := _marker(_FENCE, line):
                self._read_fence(fence)
            else:
                self._at += 1
        return self._edits

    @property
    def _number(self) -> int:
        return len(self._edits) + 1

    def _read_block(self, opener: re.Match[str]) -> None:
        start = self._at
        named = _path_in(opener[3]) or _label_above(self._lines, start)
        self._path = named or self._path
        end = next(
            (i for i in range(start + 1, len(self._lines)) if _ends_block(self._lines[i])), None
        )
        if end is None or not _marker(_CLOSER, self._lines[end]):
            raise ToolError(
                f"block {self._number} is not closed: the line '>>>>>>> REPLACE' is missing "
                "(was the reply cut off?)"
            )
        if self._path is None:
            raise ToolError(
                f"block {self._number} names no file: write its path on the line above the block"
            )
        body = _without_indent(self._lines[start + 1 : end], opener[1])
        dividers = [
            (i, match[1]) for i, line in enumerate(body) if (match := _marker(_DIVIDER, line))
        ]
        same_length = [i for i, marks in dividers if len(marks) == len(opener[2])]
        places = same_length or [i for i, _ in dividers]
        if not places:
            raise ToolError(
                f"block {self._number} ({self._path}) has no line '=======' between the old and "
                "the new code"
            )
        splits = tuple(("\n".join(body[:i]), "\n".join(body[i + 1 :])) for i in reversed(places))
        self._edits.append(Replacement(path=self._path, number=self._number, splits=splits))
        self._at = end + 1

    def _read_diff(self) -> None:
        path, creates, self._at = diff_path(self._lines, self._at)
        self._path = path
        self._add_hunks(path, creates=creates)

    def _read_envelope(self, header: re.Match[str]) -> None:
        verb, path = header[1], header[2]
        self._path = path
        self._at += 1
        if verb == "Delete" or self._lines[self._at : self._at + 1] == ["*** Move to:"]:
            raise ToolError(f"{path}: deleting or moving a file is not supported; edit it instead")
        self._add_hunks(path, creates=verb == "Add")

    def _read_bare_hunks(self) -> None:
        if self._path is None:
            self._at += 1
            return
        self._add_hunks(self._path, creates=False, goes_on=True)

    def _add_hunks(self, path: str, *, creates: bool, goes_on: bool = False) -> None:
        start = self._at
        hunks, self._at = read_hunks(self._lines, self._at)
        self._at = max(self._at, start + 1) if not hunks else self._at
        if not hunks:
            return
        last = self._edits[-1] if self._edits else None
        if goes_on and isinstance(last, FileDiff) and last.path == path:
            # A blank line between two hunks ended the first one; both number the same old file.
            self._edits[-1] = replace(last, hunks=last.hunks + hunks)
            return
        self._edits.append(FileDiff(path=path, number=self._number, hunks=hunks, creates=creates))

    def _read_fence(self, fence: re.Match[str]) -> None:
        start, self._at = self._at, self._at + 1
        body_end = _fence_end(self._lines, start, fence[1])
        body = self._lines[start + 1 : body_end]
        label = _path_in_info(fence[2])
        if label is None:
            label = _only_path(self._lines[start - 1]) if start else None
        holds_edits = any(
            _marker(_OPENER, line) or line.startswith("@@") or _marker(_ENVELOPE, line)
            for line in body
        )
        if holds_edits or is_diff_start(body, 0):
            self._path = label or self._path
            return
        if label is None and body and (comment := _COMMENT.match(body[0])):
            label = _only_path(comment[1])
        if label is not None and body_end < len(self._lines):
            text = "".join(f"{line}\n" for line in body)
            self._edits.append(WholeFile(path=label, number=self._number, text=text))
        self._at = min(body_end + 1, len(self._lines))


def _ends_block(line: str) -> bool:
    return bool(_marker(_CLOSER, line) or _marker(_OPENER, line))


def _marker(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """Match a line without the blanks at its end.

    A pattern that skips them itself takes time that grows with the square of a run of blanks.
    """
    return pattern.match(line.rstrip())


def _without_indent(body: Sequence[str], indent: str) -> list[str]:
    """A block inside a list item is indented as a whole."""
    if indent and all(line.startswith(indent) or not line.strip() for line in body):
        return [line.removeprefix(indent) for line in body]
    return list(body)


def _fence_end(lines: Sequence[str], start: int, marks: str) -> int:
    for index in range(start + 1, len(lines)):
        found = _marker(_FENCE, lines[index])
        if found and not found[2] and found[1].startswith(marks):
            return index
    return len(lines)


def _label_above(lines: Sequence[str], start: int) -> str | None:
    """Return the path in the nearest text above a block; a fence line between them is skipped."""
    seen_text = 0
    for index in range(start - 1, max(start - 5, -1), -1):
        line = lines[index]
        if _marker(_CLOSER, line):
            return None
        if fence := _marker(_FENCE, line):
            if path := _path_in_info(fence[2]):
                return path
            continue
        if not line.strip():
            continue
        if path := _path_in(line):
            return path
        seen_text += 1
        if seen_text == 2:
            return None
    return None


def _path_in_info(text: str) -> str | None:
    """Return the path in a fence's info line: `python src/a.py`, `py:a.py`, `path="a b.py"`."""
    if quoted := re.search(r"(?:title|path|file(?:name)?)=[\"']([^\"']+)[\"']", text):
        return quoted[1]
    words = re.split(r"[\s:=]+", text)
    return next((word for word in reversed(words) if _PATH_WORD.match(word)), None)


def _only_path(line: str) -> str | None:
    """Return the path when the line says nothing else, under any common decoration."""
    stripped = line.strip().strip("#>").strip().removesuffix(":").strip()
    label = _LABEL.match(stripped)
    bare = (label[1] if label else stripped).strip().strip("`*'\"").removesuffix(":").strip()
    bare = bare.strip("`*'\"")
    marked = bool(label) or stripped[:1] in {"`", "*", "'", '"'}
    if _PATH_WORD.match(bare) or (marked and _PATH_WORD.match(re.sub(r"\s", "_", bare))):
        return bare
    return None


def _path_in(line: str) -> str | None:
    """Return the path that a line of prose or a label names, the last one when it names several."""
    if path := _only_path(line):
        return path
    comment = _COMMENT.match(line.strip())
    if comment and (path := _only_path(comment[1])):
        return path
    quoted = [match[1] or match[2] for match in _QUOTED.finditer(line)]
    words = [word.strip("()[],;:.'\"") for word in line.split()]
    found = [word for word in (*words, *quoted) if _PATH_WORD.match(word)]
    return found[-1] if found else None
