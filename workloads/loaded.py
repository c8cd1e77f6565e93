"""The proof that a launch ran the code of its tree: where each module came from.

A module tells its file twice, by `__file__` and by what the import system wrote down, and both must
lie in the tree, links followed. That bytecode belongs to its source is checked inside the process,
in the launches that record the answer. What code of the tree may still do is to bring in other code
by itself (`exec`, a loader of its own); the static check and the counted events answer that.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InfrastructureError
from ..repos.commands.guard_process import GUARD
from ..repos.commands.process import CommandResult
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
    target: Target, tree: Path, files: Mapping[str, Sequence[str]], result: CommandResult
) -> dict[str, LoadedModule]:
    """Return the repository's modules as loaded, each from inside the tree.

    Args:
        target: What was launched.
        tree: The tree that was to be measured.
        files: For each module its `__file__` and where the import system found it, "" for none.
        result: How the process went.

    Raises:
        WorkloadFailed: One was loaded from elsewhere though the tree has it.
    """
    roots = (str(tree), str(tree.resolve()))
    loaded: dict[str, LoadedModule] = {}
    for name, places in sorted(files.items()):
        told = [place for place in dict.fromkeys(places) if place]
        kept = [_in_tree(place, roots) for place in told]
        outside = next((place for place, path in zip(told, kept, strict=True) if not path), None)
        if outside is None and kept:
            loaded[name] = LoadedModule(path=kept[0] or "", sha256=_looked_at(told[0])[0])
        elif outside is not None and ("." not in name or _tree_has(target, tree, name)):
            raise WorkloadFailed(
                f"measured module is not the patched one: {name} was loaded from {outside}, "
                f"not from {tree}",
                kind="wrong_module",
                command=result,
            )
    return loaded


def check_bytecode(tree: Path, other_code: Sequence[str], result: CommandResult) -> None:
    """Refuse a launch in which a module of the tree ran from other code than its source.

    Args:
        tree: The tree.
        other_code: The files concerned, as the launch that records the answer found them.
        result: How the process went.

    Raises:
        WorkloadFailed: There is such a file.
    """
    if other_code:
        file = _in_tree(other_code[0], (str(tree), str(tree.resolve()))) or other_code[0]
        raise WorkloadFailed(
            f"measured module is not the patched one: {file} ran from bytecode that is not its "
            "source's",
            kind="wrong_module",
            command=result,
        )


def _in_tree(file: str, roots: tuple[str, str]) -> str | None:
    """Return a file's path relative to the tree; None when it, links followed, is outside."""
    real = _looked_at(file)[1]
    if not real.startswith(roots[1] + os.sep):
        return None
    for root in roots:
        if file.startswith(root + os.sep):
            return Path(file).relative_to(root).as_posix()
    return Path(real).relative_to(roots[1]).as_posix()


def _tree_has(target: Target, tree: Path, module: str) -> bool:
    """Tell whether the tree holds `module` (parts of a namespace package may lie elsewhere)."""
    for root in target.environment.import_roots:
        place = tree.joinpath(root, *module.split("."))
        if place.with_suffix(".py").exists() or (place / "__init__.py").exists():
            return True
        if any(place.parent.glob(place.name + ".*.so")):
            return True
    return False


def _looked_at(file: str) -> tuple[str | None, str]:
    """Return the digest of a file (None: it cannot be read) and its path with links followed."""
    try:
        status = os.stat(file)  # noqa: PTH116 - called for each module of each launch
    except OSError:
        return None, os.path.realpath(file)
    # The time of change, unlike that of modification, is not for programs to set.
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    return _look(file, stamp)


@functools.lru_cache(maxsize=65536)
def _look(file: str, _stamp: tuple[int, ...]) -> tuple[str | None, str]:
    real = os.path.realpath(file)
    try:
        return hashlib.sha256(Path(real).read_bytes()).hexdigest(), real
    except OSError:
        return None, real


def check_own_files() -> None:
    """See that perfagent's files which run beside the target's code are as they were at the start.

    The code under test runs as the same user, so it could write to them.

    Raises:
        InfrastructureError: One has changed; what is measured from then on proves nothing.
    """
    for file, sha256 in _OWN_FILES.items():
        if _looked_at(file)[0] != sha256:
            raise InfrastructureError(
                f"{file} of perfagent itself was changed while it runs; install it anew"
            )


_OWN_FILES = {
    str(file): _looked_at(str(file))[0]
    for file in (GUARD, *sorted(Path(__file__).parents[1].glob("*/inside/*.py")))
}
