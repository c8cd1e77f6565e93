"""Applies a patch, forgiving more and more, and says how much had to be forgiven."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ...errors import ToolError
from ...repos.commands.process import run_command
from ...repos.git import GitError, git
from ...repos.patch import Patch
from .ground import Ground

_FUZZ = 5
_STEERS_TESTS = frozenset({"conftest.py", "pytest.ini", ".pytest.ini"})


def understood(ground: Ground, text: str) -> tuple[Patch, str]:
    """Return a patch that applies exactly, and the rung that made it one.

    Each rung starts from a clean tree of the base, and a rung that fails leaves nothing. What a
    later rung makes of the patch is read back from the tree as a patch of its own.

    Args:
        ground: The base.
        text: A unified diff.

    Raises:
        ToolError: It applies in no way, or is none that may be applied.
    """
    patch = Patch.parse(text, ground.ref.commit)
    first = ""
    for rung, apply in _RUNGS:
        if rung == "exact":
            name = f"try-{patch.sha256[:12]}"
            try:
                ground.repository.checkout(name, ground.ref.commit, patch)
            except ToolError as error:
                first = str(error)
                continue
            finally:
                ground.repository.remove(name)
            return patch, rung
        found = _tried(ground, patch, apply)
        if found is not None and not found.is_empty:
            return found, rung
    raise ToolError(first)


def _tried(ground: Ground, patch: Patch, apply: Callable[[Path, Patch], bool]) -> Patch | None:
    name = f"rung-{patch.sha256[:12]}"
    try:
        tree = ground.repository.checkout(name, ground.ref.commit)
        if not apply(tree, patch):
            return None
        return ground.repository.diff(tree, ground.ref.commit)
    except (GitError, ToolError):
        return None
    finally:
        ground.repository.remove(name)


def _ignoring_space(tree: Path, patch: Patch) -> bool:
    git(tree, "apply", "--whitespace=nowarn", "--ignore-whitespace", "-", stdin=patch.as_bytes)
    return True


def _three_way(tree: Path, patch: Patch) -> bool:
    git(tree, "apply", "--3way", "--whitespace=nowarn", "-", stdin=patch.as_bytes)
    return True


def _with_fuzz(tree: Path, patch: Patch) -> bool:
    """Apply as `patch` does, which finds its place by fewer lines of context; all or nothing."""
    if shutil.which("patch") is None:
        return False
    argv = ["patch", "--batch", "--forward", f"--fuzz={_FUZZ}", "-p1", "--no-backup-if-mismatch"]
    done = run_command(
        [*argv, "--reject-file=-"],
        cwd=tree,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
        stdin=patch.as_bytes,
    )
    return done.ok


_RUNGS: tuple[tuple[str, Callable[[Path, Patch], bool]], ...] = (
    ("exact", lambda tree, patch: True),
    ("ignoring white space", _ignoring_space),
    ("three-way", _three_way),
    (f"with fuzz {_FUZZ}", _with_fuzz),
)


def restore_tests(ground: Ground, tree: Path, patch: Patch) -> tuple[str, ...]:
    """Put files that judge a patch back as the base has them; return their paths.

    These are the covering tests, and whatever configures pytest below any folder. One that the
    base does not have is deleted.
    """
    judges = ground.instance.covering_tests
    wanted = [
        path
        for path in patch.files
        if PurePosixPath(path).name in _STEERS_TESTS
        or any(PurePosixPath(path).is_relative_to(judge.split("::")[0]) for judge in judges)
    ]
    there = [path for path in wanted if (ground.base / path).exists()]
    if there:
        ground.repository.put_back(tree, there)
    for path in wanted:
        if path not in there:
            (tree / path).unlink(missing_ok=True)
    return tuple(wanted)
