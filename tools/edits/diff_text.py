"""The unified diff as models write it: headers of several styles, hunks whose numbers may lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import ToolError

_NUMBERS = re.compile(r"^@@+ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@+[ \t]?(.*)$")
_EXTENDED = re.compile(
    r"^(?:index [0-9a-f]|(?:old|new|deleted file|new file) mode |(?:dis)?similarity index )"
)
_UNSUPPORTED = re.compile(
    r"^(rename from|copy from|Binary files|GIT binary patch|deleted file mode)"
)
_NO_NEWLINE = "\\ No newline"


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One change with its surroundings.

    Attributes:
        lines: (mark, text) pairs; the mark is " " for kept, "-" for removed, "+" for added.
        first_line: the 1-based line of the old file that the header gives; None when it gives
            none. A hint only.
        heading: the text after the header's second `@@`, "" when there is none.
        old_lacks_newline: the diff says that the old file ends without a newline, here.
        new_lacks_newline: the same of the new file.
    """

    lines: tuple[tuple[str, str], ...]
    first_line: int | None = None
    heading: str = ""
    old_lacks_newline: bool = False
    new_lacks_newline: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that must be in the file: kept and removed ones."""
        return tuple(text for mark, text in self.lines if mark != "+")

    @property
    def new(self) -> tuple[str, ...]:
        """The lines that stand there afterwards: kept and added ones."""
        return tuple(text for mark, text in self.lines if mark != "-")


def is_diff_start(lines: Sequence[str], at: int) -> bool:
    """Return whether a file's diff starts at this line: `diff --git`, or `---` with `+++` below."""
    if not 0 <= at < len(lines):
        return False
    if lines[at].startswith("diff --git "):
        return True
    following = lines[at + 1] if at + 1 < len(lines) else ""
    return lines[at].startswith("--- ") and following.startswith("+++ ")


def diff_path(lines: Sequence[str], at: int) -> tuple[str, bool, int]:
    """Return the path a diff's header names, whether it creates the file, and the line after it.

    Raises:
        ToolError: the diff renames, copies or deletes a file, is binary, or names two files.
    """
    git_header = lines[at] if lines[at].startswith("diff --git ") else None
    creates = False
    if git_header is not None:
        at += 1
    while git_header is not None and at < len(lines) and not lines[at].startswith("--- "):
        if _UNSUPPORTED.match(lines[at]):
            raise ToolError(f"{git_header}: only edits and new text files are supported")
        creates = creates or lines[at].startswith("new file mode")
        if not _EXTENDED.match(lines[at]):
            break
        at += 1
    if not is_diff_start(lines, at) or lines[at].startswith("diff --git "):
        if creates and git_header is not None:
            return git_header.rpartition(" b/")[2], True, at
        raise ToolError(f"{git_header}: the '---' and '+++' lines are missing")
    old, new = _header_name(lines[at]), _header_name(lines[at + 1])
    if new == "/dev/null":
        raise ToolError(f"{old}: deleting a file is not supported; edit it instead")
    if old == "/dev/null":
        return new.removeprefix("b/"), True, at + 2
    if old.startswith("a/") and new.startswith("b/"):
        old, new = old[2:], new[2:]
    if old != new:
        raise ToolError(f"a diff from {old} to {new}: renaming a file is not supported")
    return new, creates, at + 2


def _header_name(line: str) -> str:
    name = line[4:].split("\t", 1)[0].strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        try:
            return name[1:-1].encode("ascii").decode("unicode_escape").encode("latin-1").decode()
        except UnicodeError:
            return name[1:-1]
    return re.sub(r"\s+\([^()]*\)$", "", name)


def read_hunks(lines: Sequence[str], at: int) -> tuple[tuple[Hunk, ...], int]:
    """Return the hunks from line `at` on, and the line after the last one.

    A hunk's counts are believed when its lines bear them out; otherwise the hunk ends where its
    lines stop looking like a diff.
    """
    hunks: list[Hunk] = []
    while at < len(lines):
        line = lines[at]
        header = line if line.startswith("@@") else ""
        if not header and (hunks or line[:1] not in {"+", "-", " "} or is_diff_start(lines, at)):
            break
        body_at = at + 1 if header else at
        numbers = _NUMBERS.match(header)
        end = (_counted_end(lines, body_at, numbers) if numbers else None) or _loose_end(
            lines, body_at
        )
        hunk = _hunk(lines[body_at:end], header, numbers)
        if hunk.lines:
            hunks.append(hunk)
        at = end
        if at == body_at and not header:
            break
        while at < len(lines) and lines[at].startswith("*** End of File"):
            at += 1
    return tuple(hunks), at


def _counted_end(lines: Sequence[str], at: int, numbers: re.Match[str]) -> int | None:
    """Return where the hunk ends by its counts, None when its lines contradict them."""
    old_left = int(numbers[2] if numbers[2] is not None else 1)
    new_left = int(numbers[4] if numbers[4] is not None else 1)
    while at < len(lines) and (old_left > 0 or new_left > 0 or lines[at].startswith(_NO_NEWLINE)):
        mark = lines[at][:1] or " "
        if mark not in " +-\\":
            return None
        old_left -= mark in " -"
        new_left -= mark in " +"
        at += 1
    if old_left or new_left:
        return None
    follows = lines[at] if at < len(lines) else ""
    if follows.rstrip() == "--":  # the signature under a mailed patch
        return at
    if follows[:1] in {"+", " "} or (follows[:1] == "-" and not is_diff_start(lines, at)):
        return None
    return at


def _loose_end(lines: Sequence[str], at: int) -> int:
    start = at
    while at < len(lines):
        line = lines[at]
        if line[:1] not in {"", " ", "+", "-", "\\"} or is_diff_start(lines, at):
            break
        at += 1
    # A blank line without its leading space is context inside a hunk and a separator behind it.
    while at > start and not lines[at - 1]:
        at -= 1
    return at


def _hunk(body: Sequence[str], header: str, numbers: re.Match[str] | None) -> Hunk:
    pairs: list[tuple[str, str]] = []
    old_lacks = new_lacks = False
    for line in body:
        if line.startswith("\\"):
            mark = pairs[-1][0] if pairs else " "
            old_lacks = old_lacks or mark in " -"
            new_lacks = new_lacks or mark in " +"
            continue
        pairs.append((line[:1] or " ", line[1:]))
    heading = numbers[5] if numbers else header.strip("@").strip()
    return Hunk(
        lines=tuple(pairs),
        first_line=int(numbers[1]) if numbers else None,
        heading="" if set(heading) <= set(".… ") else heading.strip(),
        old_lacks_newline=old_lacks,
        new_lacks_newline=new_lacks,
    )
