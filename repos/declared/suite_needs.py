"""Finds what a repository's suite needs beside the project itself.

This module alone knows the places where projects write that down: extras, dependency groups and
their older dialects, requirement files, and tox.ini.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .declarations import Declarations, strings, table
from .poetry import poetry_requirements

TEST_NAMES = ("test", "tests", "testing", "unit-test", "unit-tests", "pytest")
DEVELOPMENT_NAMES = ("dev", "develop", "development")

_TEST_FILES = (
    "requirements-test.txt",
    "requirements-tests.txt",
    "requirements_test.txt",
    "requirements_tests.txt",
    "test-requirements.txt",
    "test_requirements.txt",
    "requirements/test.txt",
    "requirements/tests.txt",
    "requirements/testing.txt",
    "tests/requirements.txt",
    "test/requirements.txt",
)
_DEVELOPMENT_FILES = (
    "requirements-dev.txt",
    "requirements_dev.txt",
    "dev-requirements.txt",
    "dev_requirements.txt",
    "requirements/dev.txt",
)


@dataclass(frozen=True, kw_only=True)
class SuiteNeeds:
    """What the suite needs beside the project itself, as far as it is declared.

    Attributes:
        extras: Extras of the project.
        requirements: Requirement strings.
        files: Requirement files, relative to the project's folder.
    """

    extras: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is declared at all."""
        return bool(self.extras or self.requirements or self.files)


def find_suite_needs(declarations: Declarations) -> SuiteNeeds:
    """Return what is declared for tests, else for development, else for tox's environment.

    Development needs come second because they bring linters and documentation tools, which take
    long to install and may not install at all.
    """
    for names, files in ((TEST_NAMES, _TEST_FILES), (DEVELOPMENT_NAMES, _DEVELOPMENT_FILES)):
        extras = (
            *declarations.table("project", "optional-dependencies"),
            *declarations.table("tool", "poetry", "extras"),
            *declarations.table("tool", "flit", "metadata", "requires-extra"),
            *declarations.setup_cfg.get("options.extras_require", {}),
            *declarations.setup_py.extras,
        )
        requirements = _group_requirements(declarations.pyproject, names)
        if names is TEST_NAMES:
            requirements += declarations.setup_py.tests_require
        needs = SuiteNeeds(
            extras=tuple(dict.fromkeys(_named(extras, names))),
            requirements=tuple(dict.fromkeys(filter(_is_requirement, requirements))),
            files=declarations.existing(files),
        )
        if needs:
            return needs
    return _tox_needs(declarations)


def _group_requirements(tables: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return the requirements of the groups so named, in every dialect of pyproject.toml."""
    found: list[str] = []
    groups = table(tables, "dependency-groups")
    for group in _named(groups, names):
        found += _expand_group(groups, group, set())
    legacy = table(tables, "tool", "pdm", "dev-dependencies")
    for group in _named(legacy, names):
        found += strings(legacy[group])
    environments = table(tables, "tool", "hatch", "envs")
    # Hatch runs `hatch test` in `hatch-test` and everything else in `default`.
    stand_ins = {"test": ("hatch-test",), "dev": ("default",)}
    wanted = [extra for name in names for extra in (name, *stand_ins.get(name, ()))]
    for environment in _named(environments, wanted):
        for key in ("dependencies", "extra-dependencies"):
            found += strings(table(environments, environment).get(key))
    if "dev" in names:
        found += strings(table(tables, "tool", "uv").get("dev-dependencies"))
    return found + poetry_requirements(table(tables, "tool", "poetry"), names)


def _expand_group(groups: Mapping[str, Any], name: str, seen: set[str]) -> list[str]:
    """Return a dependency group's requirements with the groups that it includes (PEP 735)."""
    seen.add(canonicalize_name(name))
    found: list[str] = []
    entries = groups.get(name)
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
            for included in _named(groups, [entry["include-group"]]):
                if canonicalize_name(included) not in seen:
                    found += _expand_group(groups, included, seen)
    return found


def _tox_needs(declarations: Declarations) -> SuiteNeeds:
    """Return what tox.ini's default environment installs, without conditional lines."""
    environment = declarations.tox.get("testenv", {})
    requirements: list[str] = []
    files: list[str] = []
    for line in environment.get("deps", "").splitlines():
        entry = line.strip()
        if entry.startswith("-r"):
            files.append(entry[2:].strip().removeprefix("{toxinidir}/"))
        elif _is_requirement(entry):
            requirements.append(entry)
    extras = environment.get("extras", "").replace(",", " ").split()
    return SuiteNeeds(
        extras=tuple(extra for extra in extras if "{" not in extra and ":" not in extra),
        requirements=tuple(requirements),
        files=declarations.existing(files),
    )


def _named(available: Iterable[str], names: Iterable[str]) -> list[str]:
    wanted = {canonicalize_name(name) for name in names}
    return [name for name in available if canonicalize_name(name) in wanted]


def _is_requirement(line: str) -> bool:
    try:
        Requirement(line)
    except InvalidRequirement:
        return False
    return True
