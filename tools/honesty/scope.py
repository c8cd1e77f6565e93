"""What a patch may not touch: what judges it, what builds it, and what runs before it.

Tests, the workload, continuous integration, build and lock files, and the hooks that Python runs
at its start stay as they are, unless the user allows a path by name.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from ...repos.patch import Patch
from ...repos.path_names import folded

_KINDS: dict[str, re.Pattern[str]] = {
    "is part of the tests": re.compile(
        r"""(?:.*/)? (?: tests/.* | test_[^/]*\.py | [^/]*_tests?\.py | tests\.py | conftest\.py )
        | test(?:ing)?/.* | test\.py""",
        re.VERBOSE,
    ),
    "belongs to continuous integration": re.compile(
        r"""(?:.*/)? \.(?: github | gitlab | circleci | buildkite | ci | azure-pipelines
            | woodpecker | drone | builds | semaphore | cirrus )/.*
        | (?:.*/)? (?: \.gitlab-ci\.ya?ml | \.travis\.yml | \.?appveyor\.yml | jenkinsfile
            | azure-pipelines[^/]*\.yml | bitbucket-pipelines\.yml | \.(?:cirrus|drone)\.yml
            | \.?codecov\.ya?ml | buildspec\.yml | cloudbuild\.ya?ml | \.readthedocs\.ya?ml
            | \.pre-commit-config\.yaml )""",
        re.VERBOSE,
    ),
    "defines dependencies, the build, or how tests and tools run": re.compile(
        r"""(?:.*/)? (?: pyproject\.toml | setup\.(?:py|cfg) | [^/]*requirements[^/]*\.(?:txt|in)
            | requirements/.* | constraints[^/]*\.txt | tox\.ini | noxfile\.py
            | (?:gnu)?makefile | [^/]*\.mk | \.?pytest\.(?:ini|toml) | \.coveragerc | manifest\.in
            | meson\.build | meson_options\.txt | cmakelists\.txt | hatch\.toml | pipfile
            | [^/]*\.lock | pylock[^/]*\.toml | (?:pdm|pixi|cargo|perfagent)\.toml
            | environment[^/]*\.ya?ml | package-lock\.json | (?:[^/]*\.)?dockerfile | justfile
            | \.git(?:attributes|modules|ignore) | \.python-version )
        | setup_[^/]*\.py | (?:hatch_)?build\.py | versioneer\.py""",
        re.VERBOSE,
    ),
    "is run by Python at its start, before the library": re.compile(
        r"""(?:.*/)? (?: (?:site|user)customize(?:\.py|/.*) | [^/]*\.pth | [^/]*\.egg-link
            | __editable__[^/]* )""",
        re.VERBOSE,
    ),
    "is a compiled file": re.compile(r".*\.(?:so|pyd|dll|dylib|pyc|pyo|o|a)"),
    "is metadata of an installed package": re.compile(r"(?:.*/)?[^/]*\.(?:dist|egg)-info/.*"),
    "belongs to perfagent": re.compile(r"(?:.*/)?\.perfagent/.*"),
}
_CODE_ROOTS = frozenset({"src", "lib", "python"})
_TEST_TOOLS = frozenset({"pytest", "_pytest", "pluggy", "perfagent", "coverage", "hypothesis"})
_DOCTEST_ID = re.compile(r"^[^\[]*\.[^\[]*$")


def out_of_scope(
    patch: Patch,
    suite_files: Collection[str] = (),
    workload_path: str | None = None,
    *,
    allow: Sequence[str] = (),
) -> list[str]:
    """Return why a patch may not touch the files it touches, one readable reason a file.

    Names are compared as a file system does that ignores case and Unicode forms.

    Args:
        patch: the patch.
        suite_files: files that hold tests and nothing else (see `files_of_tests`).
        workload_path: the workload's script when it lies in the repository.
        allow: patterns of paths the user allows (`docs/*`, `setup.py`); `*` also matches `/`.

    Returns:
        An empty list when the patch stays in scope.
    """
    scope = Scope.of(suite_files, workload_path, allow=allow)
    existing = set(patch.base_lines())
    reasons = ((path, scope.refuses(path, is_new=path not in existing)) for path in patch.files)
    return [f"{path}: {reason}" for path, reason in reasons if reason is not None]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is out of scope in one repository; make it with `of`."""

    tests: frozenset[str]
    workload: str | None
    allow: tuple[str, ...]

    @classmethod
    def of(
        cls,
        suite_files: Collection[str] = (),
        workload_path: str | None = None,
        *,
        allow: Sequence[str] = (),
    ) -> Scope:
        """Return the scope; arguments as for `out_of_scope`."""
        return cls(
            tests=frozenset(folded(path) for path in suite_files),
            workload=folded(workload_path) if workload_path else None,
            allow=tuple(allow),
        )

    def refuses(self, path: str, *, is_new: bool) -> str | None:
        """Return why a file may not be changed ("is part of the tests"), None when it may be.

        Args:
            path: Relative to the repository's root.
            is_new: Whether the repository has no such file yet.
        """
        if any(fnmatchcase(path, pattern) for pattern in self.allow):
            return None
        name = folded(path)
        reason = "is the workload" if name == self.workload else _reason(name, self.tests)
        return _shadowing(name) if reason is None and is_new else reason


def files_of_tests(node_ids: Iterable[str]) -> frozenset[str]:
    """Return the files that the tests with these node ids stand in.

    A doctest in a module is left out: its file is the code itself, which a patch may change.
    """
    files: set[str] = set()
    for node_id in node_ids:
        path, _, name = node_id.partition("::")
        if not (path.endswith(".py") and "::" not in name and _DOCTEST_ID.match(name)):
            files.add(path)
    return frozenset(files)


def _reason(path: str, tests: Collection[str]) -> str | None:
    if path in tests or _is_in_test_folder(path, tests):
        return "is part of the tests"
    return next((reason for reason, kind in _KINDS.items() if kind.fullmatch(path)), None)


def _is_in_test_folder(path: str, tests: Collection[str]) -> bool:
    """A folder `test` inside a package may be library (django.test), unless the suite is there."""
    folders = PurePosixPath(path).parts[:-1]
    if "test" not in folders:
        return False
    folder = "/".join(folders[: folders.index("test") + 1])
    return any(test.startswith(f"{folder}/") for test in tests)


def _shadowing(path: str) -> str | None:
    """A new top-level module called `time` would be imported instead of the real one."""
    parts = [part for part in PurePosixPath(path).parts if part not in _CODE_ROOTS]
    if not parts or len(parts) > 2 or not path.endswith(".py"):
        return None
    top = parts[0].removesuffix(".py")
    is_module = len(parts) == 1 or parts[1] == "__init__.py"
    if is_module and top in sys.stdlib_module_names | _TEST_TOOLS:
        return f"would be imported instead of the real module {top}"
    return None
