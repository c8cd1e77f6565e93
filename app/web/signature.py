"""Whether a delivery comes from the forge: HMAC-SHA256 over the bytes as they came."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from ...errors import UserError

SHORTEST_SECRET_BYTES = 20
_FORM = re.compile(rb"sha256=[0-9a-f]{64}")


def check_secrets(secrets: Sequence[bytes]) -> None:
    """Refuse to start without a secret, or with one that could be guessed.

    Raises:
        UserError: There is none, or one is too short.
    """
    if not secrets:
        raise UserError("no webhook secret: set GITHUB_WEBHOOK_SECRET, or make the app at /setup")
    if any(len(secret) < SHORTEST_SECRET_BYTES for secret in secrets):
        raise UserError(
            f"a webhook secret is shorter than {SHORTEST_SECRET_BYTES} bytes: make one with"
            " `openssl rand -hex 32`, set it here and in the app's settings"
        )


def is_signed(body: bytes, header: bytes | None, secrets: Sequence[bytes]) -> bool:
    """Return whether a body was signed with one of the secrets (more than one: while they change).

    Anything but 64 lower-case hexadecimal digits of SHA-256 is no signature.
    """
    if header is None or not _FORM.fullmatch(header):
        return False
    given = header.removeprefix(b"sha256=")
    fits = [
        hmac.compare_digest(hmac.new(secret, body, hashlib.sha256).hexdigest().encode(), given)
        for secret in secrets
        if secret
    ]
    return any(fits)
