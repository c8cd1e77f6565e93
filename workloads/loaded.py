"""The proof that a launch ran the code of its tree: where each module came from."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..repos.process import CommandResult
from .failure import WorkloadFailed
from .target import Target


@dataclass(frozen=True, kw_only=True)
class LoadedModule:
    """A module of the repository as the launch loaded it.

    Attributes:
        path: Its file, relative to the tree (POSIX).
        sha256: Of the file's bytes; None when it cannot be read.
    """

    path: str
    sha256: str | None


def checked_modules(
    target: Target, tree: Path, files: Mapping[str, str], result: CommandResult
) -> dict[str, LoadedModule]:
    """Return the repository's modules as loaded, each from inside the tree.

    Raises:
        WorkloadFailed: One was loaded from elsewhere though the tree has it.
    """
    roots = {str(tree), str(tree.resolve())}
    loaded: dict[str, LoadedModule] = {}
    for name, file in sorted(files.items()):
        if not file:
            continue
        inside = next((root for root in roots if file.startswith(root + os.sep)), None)
        if inside is None and (real := os.path.realpath(file)).startswith(str(tree.resolve())):
            inside, file = str(tree.resolve()), real
        if inside is not None:
            path = Path(file).relative_to(inside).as_posix()
            loaded[name] = LoadedModule(path=path, sha256=_sha256(file))
        elif "." not in name or _tree_has(target, tree, name):
            raise WorkloadFailed(
                f"measured module is not the patched one: {name} was loaded from {file}, "
                f"not from {tree}",
                kind="wrong_module",
                command=result,
            )
    return loaded


def _tree_has(target: Target, tree: Path, module: str) -> bool:
    """Tell whether the tree holds `module` (parts of a namespace package may lie elsewhere)."""
    for root in target.environment.import_roots:
        place = tree.joinpath(root, *module.split("."))
        if place.with_suffix(".py").exists() or (place / "__init__.py").exists():
            return True
        if any(place.parent.glob(place.name + ".*.so")):
            return True
    return False


def _sha256(file: str) -> str | None:
    try:
        status = os.stat(file)  # noqa: PTH116 - called for each module of each launch
    except OSError:
        return None
    return _sha256_of(file, status.st_mtime_ns, status.st_size, status.st_ino)


@functools.lru_cache(maxsize=65536)
def _sha256_of(file: str, _mtime_ns: int, _size: int, _inode: int) -> str | None:
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return None
