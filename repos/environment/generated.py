"""Finds the files that an installation makes inside a tree, and copies them to other trees."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

NATIVE_SUFFIXES = (".so", ".pyd", ".dylib")

_COMPILED = (
    *(".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".for", ".h", ".hpp", ".pxd", ".pyx", ".rs"),
    *("CMakeLists.txt", "meson.build"),
)
_CACHE_FOLDERS = frozenset(
    {"__pycache__", ".eggs", ".git", ".mypy_cache", ".pytest_cache", ".tox", ".venv", "venv"}
)
_BUILD_FOLDERS = frozenset({"_skbuild", "build", "builddir", "dist", "target"})
_DISTANT_PAST_S = 315_619_200  # 2 January 1980: zip files, which wheels are, know nothing older
_METADATA_SUFFIXES = (".egg-info", ".dist-info")


def list_files(tree: Path) -> frozenset[str]:
    """Return every file of a tree, relative, without caches and package metadata."""
    return frozenset(_walk(tree))


def made_since(tree: Path, before: frozenset[str], *, subdir: str = "") -> tuple[str, ...]:
    """Return the files that were added to a tree, without what builds leave beside their result.

    Args:
        tree: The tree.
        before: What `list_files` returned before.
        subdir: The project's folder in it, whose build folders are left out.
    """
    project = PurePosixPath(subdir)
    return tuple(
        sorted(
            name
            for name in _walk(tree)
            if name not in before and not _in_build_folder(PurePosixPath(name), project)
        )
    )


def files_of_installation(
    found_at: Mapping[str, Path], import_roots: Iterable[str], tree: Path
) -> list[tuple[Path, Path]]:
    """Return (from, to) for what a regular installation of packages has and a tree lacks.

    Args:
        found_at: Where the interpreter finds each top-level package; one inside the tree lacks
            nothing.
        import_roots: The tree's import roots.
        tree: The tree.
    """
    inside = tree.resolve()
    return [
        (path / name, place)
        for package, path in found_at.items()
        if path.is_dir() and not path.is_relative_to(inside)
        for root in import_roots
        if (tree / root / package).is_dir()
        for name in sorted(_walk(path))
        if not (place := tree / root / package / name).exists()
    ]


def holds_compiled_code(tree: Path) -> bool:
    """Whether a tree holds anything that an installation would compile."""
    return any(name.endswith(_COMPILED) for name in _walk(tree))


def copy_files(files: Iterable[tuple[Path, Path]]) -> None:
    """Copy files (from, to), each whole or not at all, dated to the distant past.

    A build that compares times, some by whole seconds, must find everything in a fresh checkout
    newer than what was compiled before it, or it would not compile a patched source again.
    """
    for origin, place in files:
        place.parent.mkdir(parents=True, exist_ok=True)
        half_copied = place.with_name(f"{place.name}.perfagent-new")
        shutil.copy2(origin, half_copied)
        os.utime(half_copied, (_DISTANT_PAST_S, _DISTANT_PAST_S))
        half_copied.replace(place)


def _walk(tree: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(tree):
        folders[:] = [
            name
            for name in folders
            if name not in _CACHE_FOLDERS and not name.endswith(_METADATA_SUFFIXES)
        ]
        prefix = os.path.relpath(folder, tree).replace(os.sep, "/")
        for name in files:
            if name != ".git" and not name.endswith(".pyc"):
                yield name if prefix == "." else f"{prefix}/{name}"


def _in_build_folder(path: PurePosixPath, project: PurePosixPath) -> bool:
    if not path.is_relative_to(project):
        return False
    parts = path.relative_to(project).parts
    return len(parts) > 1 and parts[0] in _BUILD_FOLDERS
