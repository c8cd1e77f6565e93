"""Reads the files in which a project declares things, whatever state those are in."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from .setup_script import SetupScript, read_setup_script


@dataclass(frozen=True, kw_only=True)
class Declarations:
    """The files of one project, parsed; a file that is missing or unreadable is empty.

    Attributes:
        project: The project's folder.
        pyproject: pyproject.toml.
        setup_cfg: setup.cfg, section by section.
        setup_py: The literals of setup.py.
        tox: tox.ini, section by section.
        sdist: The header of PKG-INFO, keys in lower case: present in an unpacked sdist.
    """

    project: Path
    pyproject: Mapping[str, Any]
    setup_cfg: Mapping[str, Mapping[str, str]]
    setup_py: SetupScript
    tox: Mapping[str, Mapping[str, str]]
    sdist: Mapping[str, str]

    def table(self, *keys: str) -> Mapping[str, Any]:
        """Return a nested table of pyproject.toml; empty when it is missing or no table."""
        return table(self.pyproject, *keys)

    def existing(self, files: Iterable[str]) -> tuple[str, ...]:
        """Return those of the relative paths that are files, each once."""
        return tuple(name for name in dict.fromkeys(files) if (self.project / name).is_file())


def read_declarations(project: Path) -> Declarations:
    """Read the files of the project in a folder.

    Raises:
        UserError: pyproject.toml is not valid TOML.
    """
    return Declarations(
        project=project,
        pyproject=_read_toml(project / "pyproject.toml"),
        setup_cfg=_read_config(project / "setup.cfg"),
        setup_py=read_setup_script(project / "setup.py"),
        tox=_read_config(project / "tox.ini"),
        sdist=_read_header(project / "PKG-INFO"),
    )


def table(tables: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return a nested table, or an empty one when it is missing or no table."""
    current: Any = tables
    for key in keys:
        current = current.get(key) if isinstance(current, Mapping) else None
    return current if isinstance(current, Mapping) else {}


def strings(value: Any) -> list[str]:
    """Return the strings of a list; empty for anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def first_text(*values: Any) -> str | None:
    """Return the first value that is a string with something in it."""
    return next((value for value in values if isinstance(value, str) and value.strip()), None)


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path.name} of the repository is not valid TOML ({error}); repair it in the revision"
        ) from error


def _read_config(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    # setuptools took dashes for underscores in option names for years.
    return {
        section: {
            (key.replace("-", "_") if section == "options" else key): value
            for key, value in parser[section].items()
        }
        for section in parser.sections()
    }


def _read_header(path: Path) -> dict[str, str]:
    """Return the header lines of an sdist's PKG-INFO, keys in lower case."""
    try:
        head = path.read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0]
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in head.splitlines() if ":" in line and line[0] != " ")
    return {key.strip().lower(): value.strip() for key, value in pairs}
