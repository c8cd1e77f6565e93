"""Where pip is told to look for packages: its configuration files and PIP_* variables."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from ...errors import UserError

PYPI = "https://pypi.org/simple/"
_SECTIONS = ("global", "download")


@dataclass(frozen=True, kw_only=True)
class IndexSettings:
    """Where to look for a package, and how to get there.

    Attributes:
        index_urls: Simple indexes, the main one first; empty when none may be asked.
        find_links: Folders or pages that list archives.
        trusted_hosts: Hosts that need no valid certificate.
        certificates: File of certificate authorities; None for the usual ones.
        proxy: Proxy for every request; None for what the environment says.
        timeout_s: Seconds to wait for a server to answer.
    """

    index_urls: tuple[str, ...]
    find_links: tuple[str, ...]
    trusted_hosts: tuple[str, ...]
    certificates: str | None
    proxy: str | None
    timeout_s: float


def read_index_settings(environment: Mapping[str, str] = os.environ) -> IndexSettings:
    """Read them in pip's order: system, user and environment files, then PIP_* variables.

    Raises:
        UserError: A configuration file or a number in it cannot be read.
    """
    options: dict[str, str] = {}
    for path in _files(environment):
        options.update(_read(path))
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            options[_key(name.removeprefix("PIP_"))] = value
    asked = (options.get("index-url", PYPI), *options.get("extra-index-url", "").split())
    timeout = options.get("default-timeout", options.get("timeout", "15"))
    try:
        timeout_s = float(timeout)
    except ValueError as error:
        raise UserError(f"pip's timeout is {timeout!r}: set PIP_TIMEOUT to a number") from error
    return IndexSettings(
        index_urls=() if _is_true(options.get("no-index", "")) else asked,
        find_links=tuple(options.get("find-links", "").split()),
        trusted_hosts=tuple(options.get("trusted-host", "").split()),
        certificates=options.get("cert"),
        proxy=options.get("proxy"),
        timeout_s=timeout_s,
    )


def _files(environment: Mapping[str, str]) -> list[Path]:
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    folders = [Path(folder) / "pip" for folder in platformdirs.site_config_dir().split(os.pathsep)]
    files = [
        *(folder / "pip.conf" for folder in folders),
        Path("/etc/pip.conf"),
        Path.home() / ".pip" / "pip.conf",
        Path(platformdirs.user_config_dir("pip")) / "pip.conf",
        Path(sys.prefix) / "pip.conf",
    ]
    return [*files, Path(chosen)] if chosen else files


def _read(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"pip's configuration {path} cannot be read: {reason}") from error
    return {
        _key(name): value
        for section in _SECTIONS
        if parser.has_section(section)
        for name, value in parser.items(section)
    }


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes", "on", "y", "t")
