"""Carrying out the edits of a model's reply on a tree: all of them, or none with a reason for each.

Line ends, the encoding, a missing final newline and every line an edit does not change stay as
they are in the file.
"""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ...errors import ToolError
from .diff_text import Hunk
from .paths import existing_file, locate, relative_path
from .placement import NotPlacedError, Place, place
from .replies import Edit, FileDiff, Replacement, WholeFile, parse_reply

__all__ = [
    "Edit",
    "FileDiff",
    "Replacement",
    "WholeFile",
    "apply_edits",
    "parse_reply",
    "read_text",
    "write_texts",
]

_NUMBERED = re.compile(r"^ {0,6}\d+\| ?")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_MAX_REPORTED = 5


def apply_edits(
    tree: Path,
    edits: Sequence[Edit],
    *,
    replaceable: Collection[str] = (),
    drafted: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the new text of each file that the edits change; nothing is written.

    SEARCH/REPLACE blocks see the edits before them; the hunks of one diff are all placed in the
    text that the diff found. A whole-file text for an existing file counts only when the file was
    asked for by name; beside other edits it is taken for a quotation and left out.

    Args:
        tree: the checkout.
        edits: from `parse_reply`.
        replaceable: existing files that may be replaced as a whole.
        drafted: texts that stand for those of the checkout; part of what is returned.

    Raises:
        ToolError: an edit has no place, or several, or a path that it may not have; the message
            names each such edit and shows the closest lines. Or the edits change nothing.
    """
    texts: dict[str, str] = dict(drafted)
    originals: dict[str, str] = {}
    problems: list[str] = []
    quotations: list[str] = []
    seen: set[Edit] = set()
    for edit in edits:
        # Models draft a block and repeat it in their final answer.
        if (unnumbered := replace(edit, number=0)) in seen:
            continue
        seen.add(unnumbered)
        try:
            path = relative_path(edit.path)
            if isinstance(edit, WholeFile) and _is_quotation(tree, path, texts, replaceable):
                quotations.append(path)
                continue
            before = texts[path] if path in texts else _current_text(tree, edit)
            originals.setdefault(path, before or "")
            texts[path] = _edited(before, edit)
        except (ToolError, NotPlacedError) as error:
            problems.append(f"{_label(edit)}: {error}")
    if problems:
        more = f"\n({len(problems) - _MAX_REPORTED} more)" if len(problems) > _MAX_REPORTED else ""
        raise ToolError("\n".join(problems[:_MAX_REPORTED]) + more)
    changed = {path: texts[path] for path, text in originals.items() if texts.get(path) != text}
    if changed:
        return {**drafted, **changed}
    if quotations:
        raise ToolError(
            f"{quotations[0]} exists: change it with SEARCH/REPLACE blocks instead of a whole file"
        )
    raise ToolError("the edits change nothing: the new code equals the old code")


def read_text(place_on_disk: Path) -> str:
    """Return a file's text with its line ends as they are.

    A byte-order mark and, in a Python file, the declared encoding are obeyed.

    Raises:
        ToolError: the file is not text in its encoding.
    """
    raw = place_on_disk.read_bytes()
    try:
        return raw.decode(_encoding(place_on_disk, raw))
    except (ValueError, SyntaxError, LookupError) as error:
        raise ToolError(f"{place_on_disk.name} cannot be read as text: {error}") from None


def write_texts(tree: Path, texts: Mapping[str, str]) -> None:
    """Write each text to its path below `tree`, in the encoding that an existing file has.

    Each file is replaced in one step and keeps its mode; missing folders are made.

    Raises:
        ToolError: a path leads outside or through a symbolic link, or a text has a character that
            the file's encoding lacks.
    """
    targets = {path: locate(tree, path) for path in texts}
    for path, target in targets.items():
        raw = target.read_bytes() if target.exists() else b""
        try:
            content = texts[path].encode(_encoding(target, raw))
        except UnicodeError as error:
            raise ToolError(f"{path}: the file's encoding has no such character: {error}") from None
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}.new")
        beside.write_bytes(content)
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        beside.replace(target)


def _encoding(path: Path, raw: bytes) -> str:
    if path.suffix in {".py", ".pyi", ".pyx"}:
        return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    return "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"


def _label(edit: Edit) -> str:
    kind = {Replacement: "block", FileDiff: "diff", WholeFile: "file"}[type(edit)]
    return f"{kind} {edit.number} ({edit.path})"


def _is_quotation(
    tree: Path, path: str, texts: Mapping[str, str], replaceable: Collection[str]
) -> bool:
    return path not in replaceable and (path in texts or locate(tree, path).exists())


def _current_text(tree: Path, edit: Edit) -> str | None:
    """Return the file's text; None when the edit creates a file and there is none."""
    on_disk = locate(tree, edit.path)
    if on_disk.exists():
        return read_text(on_disk)
    if isinstance(edit, Replacement):
        creates = any(not search.strip() for search, _ in edit.splits)
    else:
        creates = isinstance(edit, WholeFile) or edit.creates
    return None if creates else read_text(existing_file(tree, edit.path))


def _edited(before: str | None, edit: Edit) -> str:
    if isinstance(edit, WholeFile):
        return edit.text if before is None else _with_line_ends_of(before, edit.text)
    if isinstance(edit, Replacement):
        return _replaced(before, edit)
    if edit.creates and before:
        raise ToolError("the diff creates the file, but it exists")
    return _patched(before or "", edit.hunks)


def _replaced(before: str | None, edit: Replacement) -> str:
    search, replacement = edit.splits[-1]
    if not search.strip():
        if before is not None and before.strip():
            raise ToolError("the SEARCH part is empty, but the file exists: quote the old lines")
        return f"{replacement}\n" if replacement else ""
    failure: NotPlacedError | None = None
    for search, replacement in edit.splits:
        if not search.strip():
            continue
        try:
            return _patched(before or "", [_as_hunk(search, replacement)], may_indent=True)
        except NotPlacedError as error:
            failure = error
    raise failure if failure is not None else NotPlacedError("the SEARCH part is blank")


def _as_hunk(search: str, replacement: str) -> Hunk:
    """Turn a block into a hunk, so that lines common to both sides stay as the file has them."""
    old = search.split("\n")
    new = replacement.split("\n") if replacement else []
    if all(_NUMBERED.match(line) for line in old if line.strip()):
        # The model copied the line numbers of what it was shown.
        old = [_NUMBERED.sub("", line) for line in old]
        new = [_NUMBERED.sub("", line) for line in new]
    pairs: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for verb, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if verb == "equal":
            pairs += [(" ", line) for line in old[old_from:old_to]]
        else:
            pairs += [("-", line) for line in old[old_from:old_to]]
            pairs += [("+", line) for line in new[new_from:new_to]]
    return Hunk(lines=tuple(pairs))


class _Splice(NamedTuple):
    start: int
    end: int
    new: tuple[str, ...]


def _patched(before: str, hunks: Sequence[Hunk], *, may_indent: bool = False) -> str:
    lines = _LINE.findall(before)
    contents = [_content(line) for line in lines]
    splices: list[_Splice] = []
    ends_with_newline = before.endswith("\n") or not before
    for number, hunk in enumerate(hunks, 1):
        try:
            found = _place_of(contents, hunk, may_indent=may_indent)
        except NotPlacedError as error:
            prefix = f"hunk {number}: " if len(hunks) > 1 else ""
            raise NotPlacedError(f"{prefix}{error}") from None
        made, end = _splices(hunk, found)
        splices += made
        if end >= len(lines) and hunk.new_lacks_newline:
            ends_with_newline = False
        elif end >= len(lines) and hunk.old_lacks_newline:
            ends_with_newline = True
    return _joined(lines, sorted(splices, key=lambda s: (s.start, s.end)), ends_with_newline)


def _place_of(contents: Sequence[str], hunk: Hunk, *, may_indent: bool) -> Place:
    if hunk.old:
        return place(
            contents,
            hunk.old,
            first_line=hunk.first_line,
            heading=hunk.heading,
            may_indent=may_indent,
        )
    if contents:
        raise NotPlacedError("it only adds lines and shows no line of the file to add them to")
    return Place(start=0)


def _splices(hunk: Hunk, found: Place) -> tuple[list[_Splice], int]:
    """Return the changed stretches of a placed hunk, and the line behind its last old one."""
    splices: list[_Splice] = []
    first, last = found.skipped_top, len(hunk.old) - found.skipped_bottom
    at, seen = found.start, 0
    for is_kept, run in groupby(hunk.lines, key=lambda pair: pair[0] == " "):
        start, added = at, []
        for mark, text in run:
            if mark == "+":
                added.append(found.indent + text if text.strip() else text)
            else:
                at += first <= seen < last
                seen += 1
        if not is_kept:
            splices.append(_Splice(start, at, tuple(added)))
    return splices, at


def _joined(lines: Sequence[str], splices: Sequence[_Splice], ends_with_newline: bool) -> str:
    crlf = sum(line.endswith("\r\n") for line in lines)
    end_of_line = "\r\n" if crlf * 2 > len(lines) else "\n"
    out: list[str] = []
    at = 0
    for splice in splices:
        if splice.start < at:
            raise NotPlacedError(f"two hunks change the same lines, near line {splice.start + 1}")
        out += lines[at : splice.start]
        out += [line + end_of_line for line in splice.new]
        at = splice.end
    out += lines[at:]
    ended = [line if line.endswith("\n") else line + end_of_line for line in out]
    if ended and not ends_with_newline:
        ended[-1] = _content(out[-1]) if out[-1].endswith("\n") else out[-1]
    return "".join(ended)


def _content(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _with_line_ends_of(before: str, text: str) -> str:
    lines = _LINE.findall(text)
    model = _LINE.findall(before)
    if sum(line.endswith("\r\n") for line in model) * 2 <= len(model):
        return text
    return "".join(f"{_content(line)}\r\n" for line in lines)
