"""Which paths a proposer may name: inside the tree, through no symbolic link, never `.git`."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from ...errors import ToolError
from ...repos.path_names import folded, is_git_folder

_SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "node_modules", "__pycache__"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".perfagent", "build", "dist"}
)
_MAX_LISTED_FILES = 20_000
_LONGEST_NAME_BYTES, _LONGEST_PATH_BYTES = 255, 2_000
"""What file systems take of a name, and of a path with room for the tree's own before it."""


def relative_path(path: str) -> str:
    """Return `path` as a clean POSIX path relative to the repository's root, by its text alone.

    A leading `./` goes; nothing else is repaired.

    Raises:
        ToolError: `path` is empty, absolute, holds a backslash or a control character, or has a
            `..` or a `.git` (also in the spellings that some file systems take for it), or is
            longer than a file's name can be.
    """
    problem = _problem_with(path)
    if problem is not None:
        raise ToolError(f"path {path!r}: {problem}; give it relative to the repository's root")
    return str(PurePosixPath(path))


def _problem_with(path: str) -> str | None:
    if not path.strip() or path != path.strip():
        return "it is empty or has blanks around it"
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in path) or "\\" in path:
        return "it holds a backslash or a control character"
    if path.startswith(("/", "~")) or path[1:3] == ":/":
        return "it is absolute"
    parts = PurePosixPath(path).parts
    if not parts or path.endswith("/"):
        return "it names no file"
    if len(path.encode()) > _LONGEST_PATH_BYTES or any(
        len(part.encode()) > _LONGEST_NAME_BYTES for part in parts
    ):
        return "it is longer than a file's name can be"
    names = [folded(part) for part in parts]
    if ".." in parts or any(not name for name in names):
        return "it leaves the repository"
    if any(is_git_folder(part) for part in parts):
        return "it lies in git's own folder"
    return None


def locate(tree: Path, path: str) -> Path:
    """Return where `path` lies on disk; the file need not exist.

    Raises:
        ToolError: as `relative_path`; or a component of it is a symbolic link, or is a file where
            a folder is needed; or the path is a folder.
    """
    parts = PurePosixPath(relative_path(path)).parts
    place = tree
    for index, part in enumerate(parts):
        place = place / part
        if place.is_symlink():
            raise ToolError(f"path {path!r}: goes through the symbolic link {part!r}")
        is_last = index == len(parts) - 1
        if (is_last and place.is_dir()) or (not is_last and place.is_file()):
            kind = "a folder, not a file" if is_last else f"{part!r} is a file, not a folder"
            raise ToolError(f"path {path!r}: {kind}")
    return place


def existing_file(tree: Path, path: str) -> Path:
    """Return where the existing file `path` lies on disk.

    Raises:
        ToolError: as `locate`, or there is no such file; the message names similar ones.
    """
    place = locate(tree, path)
    if place.is_file():
        return place
    similar = _similar_files(tree, relative_path(path))
    hint = f"; did you mean {', '.join(similar)}?" if similar else ""
    raise ToolError(f"path {path!r}: no such file in the repository{hint}")


def repository_files(tree: Path, *, suffix: str = "") -> Iterator[str]:
    """Yield the files below `tree` whose name ends in `suffix`: sorted POSIX paths, up to 20 000.

    Version control, virtual environments, caches and build output are left out; symbolic links
    are not followed.
    """
    count = 0
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        base = Path(folder)
        for name in sorted(names):
            if name.endswith(suffix) and not (base / name).is_symlink():
                yield (base / name).relative_to(tree).as_posix()
                count += 1
                if count >= _MAX_LISTED_FILES:
                    return


def _similar_files(tree: Path, path: str) -> list[str]:
    files = list(repository_files(tree))
    wanted = PurePosixPath(path).name
    same_name = [file for file in files if PurePosixPath(file).name == wanted]
    return same_name[:3] or get_close_matches(path, files, n=3, cutoff=0.75)
