"""Hands pip's settings of where packages come from on to uv, which reads settings of its own."""

from __future__ import annotations

from collections.abc import Mapping

from .pip_settings import PYPI, read_index_settings

_OWN_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_NO_INDEX")


def uv_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make uv look where pip would, and as pip does.

    Empty when uv has a setting of its own for where packages come from: that is the user's word.

    Args:
        environ: The environment with pip's `PIP_*` variables.

    Raises:
        UserError: pip's configuration cannot be read.
    """
    if any(name in environ for name in _OWN_INDEX):
        return {}
    settings = read_index_settings(environ)
    translated = {
        "SSL_CERT_FILE": settings.certificates or "",
        "UV_CONSTRAINT": environ.get("PIP_CONSTRAINT", ""),
        "UV_FIND_LINKS": ",".join(settings.find_links),
        "UV_INSECURE_HOST": " ".join(settings.trusted_hosts),
    }
    if not settings.index_urls:
        translated["UV_NO_INDEX"] = "1"
    elif settings.index_urls != (PYPI,):
        translated["UV_DEFAULT_INDEX"] = settings.index_urls[0]
    if len(settings.index_urls) > 1:
        translated["UV_EXTRA_INDEX_URL"] = " ".join(settings.index_urls[1:])
        # pip takes the best version from all indexes; uv would stop at the first that has any.
        translated["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in translated.items() if value and name not in environ}
