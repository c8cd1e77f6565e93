"""The files that a workload writes, as part of its answer.

For a command every file below the tree counts that the launch created, changed or deleted; for any
kind the files that the setting `outputs` names. What an earlier launch left and this one does not
touch is seen only when it is named there.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import UserError
from .nodes import Difference

MOST_TEXT_BYTES = 1_000_000
"""Larger files, and any that are not UTF-8, are compared by their digest alone."""

MOST_TEXTS_BYTES = 8_000_000
"""Together with the other files' lines no more than this is kept as lines."""

_CHUNK_BYTES = 1_000_000
_SHOWN = 80
_NO_OUTPUT = frozenset(
    {".git", "__pycache__", ".pytest_cache", ".hypothesis", ".benchmarks", ".mypy_cache"}
    | {".ruff_cache", ".perfagent", ".ipynb_checkpoints"}
)
_NO_OUTPUT_NAMES = re.compile(r".*\.py[co]\Z|\.coverage(\..*)?\Z|\.nfs.*\Z")

Signature = tuple[int, int, int, int]
Snapshot = Mapping[str, Signature]


def snapshot(tree: Path) -> dict[str, Signature]:
    """Return what tells, of each file below `tree`, whether it is written later on.

    Left out are version control, caches and byte code. The time of a file's last change cannot be
    set back by a program, so a file rewritten with the same content counts as written.
    """
    return dict(_files(tree, ""))


def _files(tree: Path, below: str) -> Iterator[tuple[str, Signature]]:
    try:
        entries = sorted(os.scandir(tree / below), key=lambda entry: entry.name)
    except OSError:
        return  # gone meanwhile, or closed to us
    for entry in entries:
        path = f"{below}{entry.name}"
        if entry.name in _NO_OUTPUT or _NO_OUTPUT_NAMES.match(entry.name):
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode):
            yield from _files(tree, f"{path}/")
        elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            yield path, (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def written(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the paths of files that were created, changed or deleted between two snapshots."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def matching(globs: Sequence[str], tree: Path) -> dict[str, list[str]]:
    """Return for each glob the files below `tree` that match it, as POSIX paths.

    Raises:
        UserError: A glob is empty or leads out of the tree.
    """
    check_globs(globs)
    return {
        glob: sorted(
            path.relative_to(tree).as_posix() for path in tree.glob(glob) if path.is_file()
        )
        for glob in globs
    }


def check_globs(globs: Sequence[str]) -> None:
    """Check that globs of outputs stay below the tree.

    Raises:
        UserError: A glob is empty or leads out of the tree.
    """
    for glob in globs:
        if not glob or Path(glob).is_absolute() or ".." in Path(glob).parts:
            raise UserError(f"--output {glob!r}: give a path or glob relative to the repository")


def described(tree: Path, paths: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the files' contents as plain JSON, by path.

    Each is {"size", "sha256", "lines"}, with the tree's own path replaced in text and `lines` None
    for large files and for those that are not text; {"link"} for a symbolic link, {"deleted"} for
    one that is not there.
    """
    left_bytes = MOST_TEXTS_BYTES
    found = {}
    for path in sorted(set(paths)):
        entry = _described(tree, tree / path, min(MOST_TEXT_BYTES, left_bytes))
        if entry.get("lines") is not None:
            left_bytes -= entry["size"]
        found[path] = entry
    return found


def _described(tree: Path, file: Path, most_bytes: int) -> dict[str, Any]:
    if file.is_symlink():
        return {"link": str(file.readlink()).replace(str(tree), "<tree>")}
    digest = hashlib.sha256()
    try:
        size = file.stat().st_size
        if size <= MOST_TEXT_BYTES:
            content = file.read_bytes().replace(os.fsencode(tree), b"<tree>")
            digest.update(content)
            text = _text(content) if size <= most_bytes else None
            lines = None if text is None else text.split("\n")
            return {"size": len(content), "sha256": digest.hexdigest(), "lines": lines}
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return {"deleted": True}
    except OSError as error:
        return {"unreadable": error.strerror or str(error)}
    return {"size": size, "sha256": digest.hexdigest(), "lines": None}


def _text(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def file_differences(
    base: Mapping[str, Any], candidate: Mapping[str, Any], masked: frozenset[str]
) -> Iterator[tuple[str, Difference]]:
    """Yield the differences between two answers' files, each with its part, "file PATH"."""
    for path in sorted({*base, *candidate}):
        part = f"file {path}"
        if part in masked:
            continue
        ours, theirs = base.get(path), candidate.get(path)
        if ours is None or theirs is None:
            holder = "base" if theirs is None else "candidate"
            entry: Mapping[str, Any] = ours or theirs or {}
            verb = "deletes" if "deleted" in entry else "writes"
            yield part, Difference(path=part, what=f"only the {holder} {verb} it")
        elif ours != theirs:
            different = _different(part, ours, theirs)
            yield from ((part, each) for each in different if each.path not in masked)


def _different(
    part: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    lines, others = ours.get("lines"), theirs.get("lines")
    if lines is None or others is None:
        what = f"base {_summary(ours)}, candidate {_summary(theirs)}"
        yield Difference(path=part, what=what)
        return
    changed = [at for at, (a, b) in enumerate(zip(lines, others, strict=False)) if a != b]
    if len(lines) != len(others):
        # With lines more or fewer the places no longer match: the file differs as a whole.
        at = changed[0] if changed else min(len(lines), len(others))
        what = f"from line {at + 1} on: base {_line(lines, at)}, candidate {_line(others, at)}"
        yield Difference(path=part, what=what)
        return
    for at in changed:
        what = f"base {_line(lines, at)}, candidate {_line(others, at)}"
        yield Difference(path=f"{part} line {at + 1}", what=what)


def _line(lines: Sequence[str], at: int) -> str:
    if at >= len(lines) or (at == len(lines) - 1 and not lines[at]):
        return "ends"
    return repr(lines[at]) if len(lines[at]) <= _SHOWN else repr(lines[at][:_SHOWN]) + "…"


def _summary(entry: Mapping[str, Any]) -> str:
    if "deleted" in entry:
        return "deletes it"
    if "link" in entry:
        return f"links it to {entry['link']}"
    if "unreadable" in entry:
        return f"leaves it unreadable ({entry['unreadable']})"
    return f"writes {entry['size']} bytes with digest {entry['sha256'][:12]}"
