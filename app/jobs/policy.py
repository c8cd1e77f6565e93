"""What a patch may change at the forge, whoever wrote it: looked at in the tree that it makes.

A branch of the same repository runs in its CI with its secrets, before anybody has read it. So a
patch may change existing source files of a few kinds, and nothing that builds, tests, configures or
runs anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...errors import ToolError
from ...redaction import holds_secret
from ...repos.checkout import RunRepository
from ...repos.git import git
from ...repos.patch import Patch
from ...tools.honesty.scope import out_of_scope

_SUFFIXES = (".py", ".pyx", ".pxd", ".pxi")
_FILE = "100644"
_MOST_FILES, _MOST_BYTES = 20, 200_000
_LONGEST_FILE = 2_000_000
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


class Refused(ToolError):
    """A patch that is not published; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a patch makes of a commit.

    Attributes:
        tree: Id of the resulting tree.
        files: New contents by path.
    """

    tree: str
    files: dict[str, bytes]


def apply(
    mirror: Path,
    base: str,
    diff: str,
    *,
    folder: Path,
    allows: Callable[[str], bool],
    canaries: tuple[str, ...] = (),
) -> Change:
    """Return what a diff makes of a commit, in a repository that no code of anybody could write.

    Args:
        mirror: The bare mirror that has the commit.
        base: The commit.
        diff: The diff.
        folder: Scratch space.
        allows: What the repository's configuration says of a path.
        canaries: Texts that must not leave this machine.

    Raises:
        Refused: It may not be published.
    """
    try:
        patch = Patch.parse(diff, base)
    except ToolError as error:
        raise Refused(str(error)) from error
    if patch.is_empty:
        raise Refused("it changes nothing")
    if len(diff.encode("utf-8", "surrogateescape")) > _MOST_BYTES:
        raise Refused("it is too big to be read by anybody")
    repository = RunRepository.create(folder, mirror, [base])
    try:
        tree = repository.tree_with(base, patch)
    except ToolError as error:
        raise Refused(str(error)) from error
    files = _files(repository.git_dir, base, tree)
    _require_allowed(patch, files, allows)
    for path, content in files.items():
        _require_readable(path, content, canaries)
    return Change(tree=tree, files=files)


def _files(git_dir: Path, base: str, tree: str) -> dict[str, bytes]:
    listing = git(git_dir, "diff-tree", "-r", "-z", "--raw", "--no-renames", base, tree)
    parts = listing.rstrip("\0").split("\0")
    files: dict[str, bytes] = {}
    for about, path in zip(parts[::2], parts[1::2], strict=True):
        before, after, _, blob, kind = about.lstrip(":").split(" ")
        if (before, after, kind) != (_FILE, _FILE, "M"):
            raise Refused(f"{path}: only the text of existing files may change")
        text = git(git_dir, "cat-file", "blob", blob)
        files[path] = text.encode("utf-8", "surrogateescape")
    if not 0 < len(files) <= _MOST_FILES:
        raise Refused(f"it changes {len(files)} files")
    return files


def _require_allowed(patch: Patch, files: dict[str, bytes], allows: Callable[[str], bool]) -> None:
    reasons = out_of_scope(patch)
    if reasons:
        raise Refused(reasons[0])
    for path in files:
        if not path.endswith(_SUFFIXES):
            raise Refused(f"{path}: not a source file")
        if path.startswith(".") or "/." in path:
            raise Refused(f"{path}: lies in a hidden folder")
        if not allows(path):
            raise Refused(f"{path}: left out by the repository's configuration")


def _require_readable(path: str, content: bytes, canaries: tuple[str, ...]) -> None:
    if len(content) > _LONGEST_FILE:
        raise Refused(f"{path}: too long")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None
    if any(char in _BIDI for char in text):
        raise Refused(f"{path}: holds characters that make text read otherwise than it runs")
    if any(unicodedata.category(char) == "Cc" and char not in "\n\r\t\f" for char in text):
        raise Refused(f"{path}: holds control characters")
    require_no_secret(text, canaries, path)


def require_no_secret(text: str, canaries: tuple[str, ...], what: str) -> None:
    """Refuse a text that is about to leave and holds what must not.

    Raises:
        Refused: It does.
    """
    if holds_secret(text) or any(canary in text for canary in canaries):
        raise Refused(f"{what}: holds a secret of this machine")
