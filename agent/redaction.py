"""Keeps keys out of what a model is shown, should repository text or a tool's output hold one."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)", re.I
)
_SHORTEST_SECRET = 8
_MARK = "[secret]"


class Redaction:
    """Blots out the values of environment variables whose names say that they are secret."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Take the secrets of `environ`: of at least 8 characters, the longest first."""
        found = {
            value.strip()
            for name, value in environ.items()
            if _SECRET_NAME.search(name) and len(value.strip()) >= _SHORTEST_SECRET
        }
        self._secrets = sorted(found, key=lambda secret: (-len(secret), secret))

    def __call__(self, text: str) -> str:
        """Return the text with each secret replaced by a mark."""
        for secret in self._secrets:
            text = text.replace(secret, _MARK)
        return text
