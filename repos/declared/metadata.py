"""Reads what a repository declares about its installation; runs nothing of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import UserError
from .declarations import Declarations, first_text, read_declarations, strings, table
from .suite_needs import SuiteNeeds, find_suite_needs

_METADATA_FILES = ("pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "PKG-INFO")


@dataclass(frozen=True, kw_only=True)
class DeclaredMetadata:
    """What the project in one folder declares.

    Attributes:
        name: The distribution's name; None when it is not written down as plain text.
        version: Its version, known only for an unpacked sdist (from PKG-INFO); else None.
        installable: Whether pip can install the folder.
        requires_python: A version specifier; None when none is declared.
        import_roots: The folders that hold its top-level packages, relative to the project's
            folder ("" for itself), as declared; empty when nothing says.
        suite_needs: What its suite needs: what is named after tests, else what is named after
            development, else the environment that tox makes.
        runtime_files: Requirement files to install when the folder is not installable.
        defining_files: The files (relative) whose content defines what gets installed.
    """

    name: str | None = None
    version: str | None = None
    installable: bool = False
    requires_python: str | None = None
    import_roots: tuple[str, ...] = ()
    suite_needs: SuiteNeeds = field(default_factory=SuiteNeeds)
    runtime_files: tuple[str, ...] = ()
    defining_files: tuple[str, ...] = ()


def read_metadata(project: Path) -> DeclaredMetadata:
    """Read what the project in a folder declares; what cannot be understood is left out.

    Raises:
        UserError: pyproject.toml is not valid TOML.
    """
    declarations = read_declarations(project)
    declared = declarations.table("project")
    config, script, sdist = declarations.setup_cfg, declarations.setup_py, declarations.sdist
    return DeclaredMetadata(
        name=first_text(
            declared.get("name"),
            declarations.table("tool", "poetry").get("name"),
            config.get("metadata", {}).get("name"),
            script.name,
            sdist.get("name"),
        ),
        version=sdist.get("version"),
        installable=_installable(declarations),
        requires_python=first_text(
            declared.get("requires-python"),
            config.get("options", {}).get("python_requires"),
            script.python_requires,
            sdist.get("requires-python"),
        ),
        import_roots=_import_roots(declarations),
        suite_needs=find_suite_needs(declarations),
        runtime_files=declarations.existing(("requirements.txt",)),
        defining_files=_defining_files(project),
    )


def find_subdir(tree: Path) -> str:
    """Return where in a tree the project lies: "" for its root, or a folder below it.

    A root that declares nothing and has no installable project within two levels is itself the
    project. Folders of tests, documentation and examples are not looked into.

    Raises:
        UserError: The root declares nothing, and several folders below it do.
    """
    if _declares_project(tree):
        return ""
    aside = {"test", "tests", "testing", "docs", "doc", "examples", "example", "benchmarks"}
    found: list[str] = []
    folders = [tree]
    for _ in range(2):
        folders = [
            child
            for folder in folders
            for child in sorted(folder.iterdir())
            if child.is_dir() and not child.name.startswith(".") and child.name not in aside
        ]
        found += [
            folder.relative_to(tree).as_posix() for folder in folders if _declares_project(folder)
        ]
        if found:
            break
    if len(found) > 1:
        raise UserError(
            f"the repository holds several projects ({', '.join(found[:8])}): "
            "choose one with --subdir"
        )
    return found[0] if found else ""


def _declares_project(folder: Path) -> bool:
    return (folder / "setup.py").is_file() or (folder / "pyproject.toml").is_file()


def _installable(declarations: Declarations) -> bool:
    if (declarations.project / "setup.py").is_file():
        return True
    # A pyproject.toml with nothing but tools' settings declares no project.
    return bool(declarations.pyproject) and bool(
        "project" in declarations.pyproject
        or "build-system" in declarations.pyproject
        or declarations.table("tool", "poetry")
        or "metadata" in declarations.setup_cfg
    )


def _import_roots(declarations: Declarations) -> tuple[str, ...]:
    """Return the declared folders of packages that exist, in every build backend's dialect."""
    tool = declarations.table("tool")
    config = declarations.setup_cfg
    found: list[Any] = [table(tool, "setuptools", "package-dir").get("")]
    found += strings(table(tool, "setuptools", "packages", "find").get("where"))
    for line in config.get("options", {}).get("package_dir", "").splitlines():
        package, _, folder = line.partition("=")
        found += [folder.strip()] if not package.strip() and folder.strip() else []
    found += config.get("options.packages.find", {}).get("where", "").split()
    found += declarations.setup_py.package_dir
    packages = table(tool, "poetry").get("packages")
    for entry in packages if isinstance(packages, list) else []:
        found.append(table({"entry": entry}, "entry").get("from"))
    wheel = table(tool, "hatch", "build", "targets", "wheel")
    found += strings(wheel.get("sources"))
    for package in (
        *strings(wheel.get("packages")),
        *strings(table(tool, "scikit-build", "wheel").get("packages")),
    ):
        found.append(Path(package).parent.as_posix())
    found.append(table(tool, "pdm", "build").get("package-dir"))
    found.append(table(tool, "maturin").get("python-source"))
    found.append(table(tool, "uv", "build-backend").get("module-root"))
    roots = [root.strip("/").removeprefix("./") for root in found if isinstance(root, str)]
    roots = ["" if root == "." else root for root in roots if ".." not in Path(root).parts]
    return tuple(dict.fromkeys(root for root in roots if (declarations.project / root).is_dir()))


def _defining_files(project: Path) -> tuple[str, ...]:
    """Return every file that may define an installation, requirement files included."""
    patterns = (
        "*requirements*.txt",
        "requirements/*.txt",
        "*/requirements.txt",
        "constraints*.txt",
    )
    found = {path for pattern in patterns for path in project.glob(pattern) if path.is_file()}
    found |= {project / name for name in _METADATA_FILES if (project / name).is_file()}
    return tuple(sorted(path.relative_to(project).as_posix() for path in found))
