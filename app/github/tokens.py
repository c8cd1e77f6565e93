"""What proves who asks: the app's own signature, and tokens of one repository and few rights."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import jwt

from ...errors import UserError
from ...redaction import remember
from ..forge import ForgeError
from .client import Answer, Client, part

_EARLY_S = 300.0
_JWT_S, _JWT_REFRESH_S, _SKEW_S = 540, 420.0, 60

READ = {"contents": "read", "metadata": "read"}
"""Enough to clone."""
TALK = {"checks": "write", "issues": "write", "pull_requests": "write", "metadata": "read"}
"""Enough to answer: comments, checks, and to read pull requests."""
PUBLISH = {"contents": "write", "pull_requests": "write", "issues": "write", "metadata": "read"}
"""Enough for a branch and its pull request; asked for only then."""


class AppKey:
    """Signs as the app. The key is read when it is needed and not kept."""

    def __init__(self, app_id: str, key_file: Path) -> None:
        self.app_id = app_id
        self._file = key_file
        self._token, self._until = "", 0.0
        self._lock = threading.Lock()

    def authorization(self) -> str:
        """Return the header's value, good for two minutes at least.

        Raises:
            UserError: The key cannot be read, or is none.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                now = int(time.time())
                claims = {"iat": now - _SKEW_S, "exp": now - _SKEW_S + _JWT_S, "iss": self.app_id}
                try:
                    self._token = jwt.encode(claims, self._file.read_bytes(), algorithm="RS256")
                except (OSError, ValueError, jwt.PyJWTError) as error:
                    raise UserError(f"cannot sign with {self._file}: {error}") from None
                remember(self._token)
                self._until = time.monotonic() + _JWT_REFRESH_S
            return f"Bearer {self._token}"


class Tokens:
    """Installation tokens, by host, app, installation, repositories and rights."""

    def __init__(self, client: Client, key: AppKey) -> None:
        self.client = client
        self.key = key
        self._kept: dict[tuple[Any, ...], tuple[str, float]] = {}
        self._locks: dict[tuple[Any, ...], threading.Lock] = {}
        self._guard = threading.Lock()

    def authorization(self, installation: str, repo: str, rights: Mapping[str, str]) -> str:
        """Return the header's value for a token of one repository; "" as repo: of all."""
        return f"Bearer {self.token(installation, repo, rights)}"

    def token(self, installation: str, repo: str, rights: Mapping[str, str]) -> str:
        """Return a token that is good for five minutes at least.

        Raises:
            ForgeError: There is no such installation, or it does not give these rights.
        """
        key = self._key(installation, repo, rights)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token, until = self._kept.get(key, ("", 0.0))
            if time.time() < until - _EARLY_S:
                return token
            body: dict[str, Any] = {"permissions": dict(rights)}
            if repo:
                body["repositories"] = [repo.partition("/")[2]]
            answer = self.client.request(
                "POST",
                f"/app/installations/{part(installation)}/access_tokens",
                authorization=self.key.authorization(),
                body=body,
            )
            token, until = _read(answer)
            remember(token)
            self._kept[key] = (token, until)
            return token

    def drop(self, installation: str, repo: str, rights: Mapping[str, str]) -> None:
        """Forget a token that the server does not take any more."""
        self._kept.pop(self._key(installation, repo, rights), None)

    def revoke(self, installation: str, repo: str, rights: Mapping[str, str]) -> None:
        """Have the server refuse a token from now on; it need not be kept, nor be good still."""
        token, _ = self._kept.pop(self._key(installation, repo, rights), ("", 0.0))
        if token:
            # Where this fails the token ends by itself, an hour after it was made.
            with suppress(ForgeError):
                self.client.request(
                    "DELETE", "/installation/token", authorization=f"Bearer {token}"
                )

    def request(
        self,
        method: str,
        path: str,
        *,
        installation: str,
        repo: str,
        rights: Mapping[str, str],
        **more: Any,
    ) -> Answer:
        """Make a request with an installation's token; one that was revoked is renewed once."""
        who = f"{installation}/{repo}/{sorted(rights.items())}"
        try:
            authorization = self.authorization(installation, repo, rights)
            return self.client.request(method, path, authorization=authorization, who=who, **more)
        except ForgeError as error:
            if error.status != 401:
                raise
        self.drop(installation, repo, rights)
        authorization = self.authorization(installation, repo, rights)
        return self.client.request(method, path, authorization=authorization, who=who, **more)

    def _key(self, installation: str, repo: str, rights: Mapping[str, str]) -> tuple[Any, ...]:
        return (
            self.client.host,
            self.key.app_id,
            installation,
            repo,
            frozenset(rights.items()),
        )


def _read(answer: Answer) -> tuple[str, float]:
    try:
        expires = datetime.fromisoformat(answer.value["expires_at"].replace("Z", "+00:00"))
        return answer.value["token"], expires.timestamp()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ForgeError("the server's token cannot be read") from error
