"""Installs a repository from its own metadata, with what its suite needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from ..declared.metadata import DeclaredMetadata
from .installer import Installer, is_network_failure, lacks_editable, telling_line

_ADVICE = "give commands that work with --install"


def install_project(
    installer: Installer, project: Path, declared: DeclaredMetadata, extras: Sequence[str] = ()
) -> tuple[str, ...]:
    """Install the project of a folder in editable mode, what its suite needs, and pytest.

    All of it is asked for at once, so that one resolution fits everything. When that fails, the
    project alone has to install, and what the suite needs is added piece by piece.

    Args:
        installer: Where to.
        project: The project's folder, which must stay where it is.
        declared: What the project declares.
        extras: Extras that have to be installed.

    Returns:
        A line for each thing that the suite may need and that did not install.

    Raises:
        UserError: The project itself, or pytest, does not install.
        InfrastructureError: The index cannot be reached, the disk is full, or it took too long.
    """
    needs = declared.suite_needs
    everything = (*extras, *needs.extras)
    rest = [
        *((f"requirement {line}", [line]) for line in needs.requirements),
        *((f"file {name}", ["-r", name]) for name in needs.files),
    ]
    words = [word for _, words in rest for word in words]
    result = installer.install([*_itself(declared, everything), *words, "pytest"], project)
    if result.ok:
        return ()
    if is_network_failure(result):
        raise installer.failure(result, "the installation failed", _ADVICE)
    editable = _install_alone(installer, project, declared, extras)
    pieces = [
        *((f"extra {extra}", _itself(declared, [extra], editable)) for extra in needs.extras),
        *rest,
    ]
    left_out = _install_pieces(installer, project, pieces)
    if editable and rest:
        # A package that the suite needs may itself need the project, and have replaced it by a
        # release when it did not like its version.
        installer.install(["--no-deps", *_itself(declared, ())], project)
    ensure_pytest(installer, project)
    return tuple(left_out)


def _install_pieces(
    installer: Installer, project: Path, pieces: Sequence[tuple[str, list[str]]]
) -> list[str]:
    """Install named pieces, each of them pip's arguments, and return which would not install.

    All together, and where that fails each half by itself: resolving takes seconds a call.
    """
    if not pieces:
        return []
    result = installer.install([word for _, words in pieces for word in words], project)
    if result.ok:
        return []
    if len(pieces) == 1:
        return [f"{pieces[0][0]}: {telling_line(result)}"]
    middle = len(pieces) // 2
    halves = (pieces[:middle], pieces[middle:])
    return [line for half in halves for line in _install_pieces(installer, project, half)]


def run_install_commands(installer: Installer, project: Path, commands: Sequence[str]) -> None:
    """Run the user's own installation commands by the shell, in the project's folder.

    Raises:
        UserError: A command fails; the message names it and the log.
        InfrastructureError: The index cannot be reached, the disk is full, or it took too long.
    """
    for command in commands:
        result = installer.shell(command, project)
        if not result.ok:
            raise installer.failure(result, f"--install {command!r} failed", "correct the command")
    ensure_pytest(installer, project)


def ensure_pytest(installer: Installer, project: Path) -> None:
    """Install pytest where it is missing.

    Raises:
        UserError: It does not install.
        InfrastructureError: The index cannot be reached, or the disk is full.
    """
    if installer.run([str(installer.python), "-c", "import pytest"], project.parent).ok:
        return
    result = installer.install(["pytest"], project)
    if not result.ok:
        raise installer.failure(result, "pytest does not install", _ADVICE)


def reinstall_regularly(installer: Installer, project: Path, declared: DeclaredMetadata) -> None:
    """Replace an editable installation by a regular one.

    Some build backends (meson-python, scikit-build-core) put an import hook before the whole
    import path; only without it does a worktree that stands on PYTHONPATH get imported.

    Raises:
        UserError: It does not install.
        InfrastructureError: The index cannot be reached, or the disk is full.
    """
    if declared.name:
        installer.uninstall(canonicalize_name(declared.name), project)
    result = installer.install(["--no-deps", "."], project)
    if not result.ok:
        raise installer.failure(result, "the installation failed", _ADVICE)


def _install_alone(
    installer: Installer, project: Path, declared: DeclaredMetadata, extras: Sequence[str]
) -> bool:
    """Install the project without what its suite needs; return whether that is editable."""
    if not (declared.installable or declared.runtime_files):
        return False
    editable = True
    result = installer.install(_itself(declared, extras), project)
    if lacks_editable(result):
        editable = False
        result = installer.install(_itself(declared, extras, editable), project)
    if not result.ok:
        raise installer.failure(result, "the repository does not install", _ADVICE)
    return editable


def _itself(declared: DeclaredMetadata, extras: Sequence[str], editable: bool = True) -> list[str]:
    """Return pip's arguments for the project with extras, or for what it needs to run."""
    if declared.installable:
        place = f".[{','.join(dict.fromkeys(extras))}]" if extras else "."
        return ["-e", place] if editable else [place]
    return [word for name in declared.runtime_files for word in ("-r", name)]
