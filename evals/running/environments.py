"""How a repository is installed at one of its versions, from the data files beside this module."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, ConfigDict

from ...repos.environment.environment import EnvironmentSpec
from ...repos.git import GitError, git
from ...settings import Settings
from ..dataset.instance import Instance

_NUMBER = re.compile(r"\d+(\.\d+)*")


class Range(BaseModel):
    """How versions from one on and below another are installed.

    Attributes:
        since: The first version; "" for the very first.
        below: The first version that is no longer meant; "" for none.
        until: The day of its release, which tells where a repository has no tags; "" likewise.
        python: The interpreter's version.
        requirements: What pip installs beside the repository; `{version}` in them is its version,
            or `since` where only the day told the range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    since: str = ""
    below: str = ""
    until: str = ""
    python: str
    requirements: tuple[str, ...]

    def holds(self, version: Version) -> bool:
        """Return whether a version is meant."""
        after = not self.since or version >= Version(self.since)
        return after and (not self.below or version < Version(self.below))


class Specification(BaseModel):
    """How a repository is installed.

    Attributes:
        repo: GitHub's owner/name.
        version_file: The file that holds its version; "" where tags alone tell.
        version_pattern: A regular expression whose group 1 is the version in that file.
        ranges: By version; the first that holds one counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    repo: str
    version_file: str = ""
    version_pattern: str = ""
    ranges: tuple[Range, ...]


@cache
def specifications() -> dict[str, Specification]:
    """Return what is known, by owner/name in lower case."""
    found = (
        Specification.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        for file in resources.files(__name__.rpartition(".")[0]).iterdir()
        if file.name.endswith(".toml")
    )
    return {each.repo.lower(): each for each in found}


def environment_of(
    instance: Instance, settings: Settings, mirror: Path, commit: str
) -> EnvironmentSpec:
    """Return how to install an instance's repository.

    A container image has everything installed. Else what the user says comes first, then what the
    instance says, then the specification for the version; without one the repository is installed
    from its own metadata.

    Args:
        instance: The instance.
        settings: `python`, `install` and `image` of the user's.
        mirror: A bare repository that has the commit.
        commit: The base.
    """
    if settings.image is not None:
        return EnvironmentSpec(python=settings.python, build=settings.build)
    python, install = settings.python, tuple(settings.install) or instance.install
    requirements = instance.requirements
    if not install and not requirements:
        python_then, requirements = _of_the_time(instance, mirror, commit)
        python = python or python_then
    if not install and requirements:
        install = (
            f"python -m pip -q install wheel {shlex.join(requirements)}",
            "python -m pip -q install --no-deps --no-build-isolation -e .",
        )
    return EnvironmentSpec(python=python or instance.python, install=install, build=settings.build)


def _of_the_time(
    instance: Instance, mirror: Path, commit: str
) -> tuple[str | None, tuple[str, ...]]:
    """Return interpreter and requirements by the specification; None and () without one."""
    known = specifications().get(instance.repo.lower())
    if known is None:
        return None, ()
    versions = list(_versions(instance, known, mirror, commit))
    found = [
        (each, str(version)) for version in versions for each in known.ranges if each.holds(version)
    ]
    if not found:
        day = git(mirror, "show", "--no-patch", "--format=%cs", commit).strip()
        found = [(each, each.since) for each in known.ranges if not each.until or day < each.until]
    if not found:
        return None, ()
    chosen, version = found[0]
    named = tuple(each.replace("{version}", version) for each in chosen.requirements)
    return chosen.python, named


def _versions(
    instance: Instance, known: Specification, mirror: Path, commit: str
) -> Iterator[Version]:
    """Yield the version at a commit by each way that tells one."""
    texts = [instance.version]
    if known.version_file:
        texts.append(_matched(known, mirror, commit))
    try:
        texts.append(git(mirror, "describe", "--tags", "--abbrev=0", commit))
    except GitError:
        texts.append("")
    for text in texts:
        number = _NUMBER.search(text)
        if number:
            try:
                yield Version(number.group())
            except InvalidVersion:
                continue


def _matched(known: Specification, mirror: Path, commit: str) -> str:
    try:
        text = git(mirror, "show", f"{commit}:{known.version_file}")
    except GitError:
        return ""
    found = re.search(known.version_pattern, text)
    return found.group(1) if found else ""
