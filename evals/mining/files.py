"""Which files of tests go with a change, told from names alone: no test has run yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ...repos.git import GitError, git
from ...repos.patch import Patch
from .commits import Found, is_test

_MOST_OF_ALL = 20
"""So few files of tests all go with a change that none of them is likely to go with."""

_MOST, _MOST_NAMES = 6, 12


def test_files(mirror: Path, found: Found) -> tuple[str, ...]:
    """Return the base's files of tests that may reach a change, the likeliest first.

    A file that the commit touches, that is named after a changed file, that lies beside it, or
    that names a changed function, is likely to.
    """
    listed = git(mirror, "ls-tree", "-r", "--name-only", "-z", found.base).split("\0")
    tests = [path for path in listed if path and stem(path) and is_test(path)]
    touched = set(touched_tests(found))
    changed = [PurePosixPath(path) for path in found.functions]
    mentions = _mentions(mirror, found)

    def points(path: str) -> int:
        score = 8 * (path in touched) + min(mentions.get(path, 0), 3)
        score += max(_alike(stem(path), each.stem.strip("_")) for each in changed)
        return score + 2 * any(PurePosixPath(path).parent.parent == e.parent for e in changed)

    ranked = sorted(((points(path), path) for path in tests), key=lambda pair: -pair[0])
    likely = tuple(path for score, path in ranked[:_MOST] if score)
    return likely or (tuple(tests) if len(tests) <= _MOST_OF_ALL else ())


def touched_tests(found: Found) -> list[str]:
    """Return the files of tests that a commit touches or adds."""
    return [path for path in touched_files(found) if stem(path)]


def touched_files(found: Found) -> list[str]:
    """Return what a commit touches or adds among tests and benchmarks."""
    return list(Patch.parse(found.test_patch, found.base).files) if found.test_patch else []


def stem(path: str) -> str:
    """Return what a file of tests is named after; "" for other files."""
    own = PurePosixPath(path).stem
    if not path.endswith(".py"):
        return ""
    for bare in (own.removeprefix("test_"), own.removesuffix("_test")):
        if bare != own:
            return bare
    return ""


def _alike(first: str, second: str) -> int:
    words = [set(name.split("_")) for name in (first, second)]
    if first == second:
        return 4
    return 2 if words[0] <= words[1] or words[1] <= words[0] else 0


def _mentions(mirror: Path, found: Found) -> dict[str, int]:
    """Return how many of the changed functions each file names."""
    count: dict[str, int] = {}
    for name in list(dict.fromkeys(_names(found.functions.values())))[:_MOST_NAMES]:
        words = ("grep", "-l", "-w", "-F", "-z", "-e", name, found.base, "--", "*.py")
        try:
            paths = git(mirror, *words).split("\0")
        except GitError:
            continue  # no file does
        for path in paths:
            bare = path.partition(":")[2]
            count[bare] = count.get(bare, 0) + 1
    return count


def _names(functions: Iterable[tuple[str, ...]]) -> Iterable[str]:
    """Yield what callers write: a function's name, or its class's where the name is special."""
    for qualname in (name for names in functions for name in names):
        parts = [part for part in qualname.split(".") if re.fullmatch(r"\w+", part)]
        plain = [part for part in parts if not re.fullmatch(r"__\w+__", part)]
        if plain:
            yield plain[-1]
