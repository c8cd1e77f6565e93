"""Hands pip's settings of where packages come from on to uv, which reads settings of its own."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

_TO_UV = {
    "cert": "SSL_CERT_FILE",
    "constraint": "UV_CONSTRAINT",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
}


def uv_settings(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the variables that make uv look where pip would, and as pip does.

    Empty when uv has a setting of its own for where packages come from: that is the user's word.

    Args:
        environ: The environment with pip's `PIP_*` variables.
        home: The user's home folder, for pip's configuration file.
    """
    if any(name in environ for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
        return {}
    settings = pip_settings(environ, home)
    translated = {
        variable: " ".join(settings[name].split())
        for name, variable in _TO_UV.items()
        if name in settings and variable not in environ
    }
    if "UV_FIND_LINKS" in translated:
        translated["UV_FIND_LINKS"] = translated["UV_FIND_LINKS"].replace(" ", ",")
    if "UV_EXTRA_INDEX_URL" in translated:
        # pip takes the best version from all indexes; uv would stop at the first that has any.
        translated["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return translated


def pip_settings(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return pip's settings for `pip install`, by their long option's name.

    Variables go before the user's file, which goes before the machine's.
    """
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf",
    ]
    if "PIP_CONFIG_FILE" in environ:
        files.append(Path(environ["PIP_CONFIG_FILE"]))
    settings: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                settings.update(parser.items(section))
    for name, value in environ.items():
        if name.startswith("PIP_") and value:
            settings[name[len("PIP_") :].lower().replace("_", "-")] = value
    return settings
