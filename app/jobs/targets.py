"""A workload as a repository's configuration names it, and the words that run perfagent on it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ...errors import UserError
from ...repos.git import GitError, git
from ..deployment import Deployment
from .configuration import Configuration

_KINDS = ("pytest:", "python:", "cmd:")


def workload_word(workload: str, mirror: Path, base: str, folder: Path) -> str:
    """Return what perfagent is given as WORKLOAD; a script is taken from the base commit.

    Args:
        workload: As the configuration says it.
        mirror: The bare mirror.
        base: The commit whose script counts; never a pull request's own.
        folder: Where the script is put.

    Raises:
        UserError: There is no such script in the base commit.
    """
    if workload.startswith(_KINDS):
        return workload
    path = PurePosixPath(workload)
    if path.is_absolute() or ".." in path.parts or path.suffix != ".py":
        raise UserError(f"workload {workload!r} is no script of the repository")
    try:
        text = git(mirror, "cat-file", "blob", f"{base}:{path}")
    except GitError:
        raise UserError(f"there is no script {workload} in {base[:12]}") from None
    script = folder / path.name
    script.write_text(text, encoding="utf-8", errors="surrogateescape")
    return str(script)


def option_words(configuration: Configuration, deployment: Deployment) -> list[str]:
    """Return the options that a repository's configuration and the deployment ask for."""
    words = ["--sandbox", deployment.sandbox]
    if deployment.python:
        words += ["--python", deployment.python]
    for command in configuration.install:
        words += ["--install", command]
    if configuration.build:
        words += ["--build", configuration.build]
    return words


def suite_words(configuration: Configuration) -> list[str]:
    """Return the options of the suite."""
    if configuration.no_tests:
        return ["--no-tests"]
    return ["--tests", configuration.tests] if configuration.tests else []
