"""How this installation of the app is set up: the environment, then what the setup page wrote.

| variable | what it is |
|---|---|
| GITHUB_APP_ID, GITHUB_APP_SLUG | the app's number and name |
| GITHUB_APP_PRIVATE_KEY_FILE | its key, a file that only this user can read |
| GITHUB_WEBHOOK_SECRET | the webhooks' secret |
| GITHUB_WEBHOOK_SECRET_OLD | the one before it, while they change |
| GITHUB_API_URL, GITHUB_SERVER_URL | of a company's own server |
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

from ..errors import UserError
from ..redaction import remember
from ..repos.sandbox.choice import Asked

CREDENTIALS = "app.json"
_API, _SERVER = "https://api.github.com", "https://github.com"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One app on one forge.

    Attributes:
        folder: Where database, mirrors and runs are kept.
        database: Path of a SQLite file, or a Postgres address.
        api_url: Of the forge's API, no slash at its end.
        server_url: Of the forge itself, likewise.
        public_url: Where people and the forge reach this server, likewise.
        app_id: The app's number; "" before it is made.
        slug: Its name in mentions.
        key_file: Its private key; None before it is made.
        secrets: Of its webhooks, newest first.
        python: The target's interpreter or environment, as `--python`; None finds one.
        sandbox: As `--sandbox`.
        daily: Most measurements that one user, and one repository, may ask for in a day.
    """

    folder: Path
    database: str
    api_url: str = _API
    server_url: str = _SERVER
    public_url: str = "http://127.0.0.1:8000"
    app_id: str = ""
    slug: str = "perfagent"
    key_file: Path | None = None
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    python: str | None = None
    sandbox: Asked = "local"
    daily: int = 20

    @property
    def host(self) -> str:
        """The API's host, which every key of the database begins with."""
        return urlsplit(self.api_url).netloc

    @property
    def is_made(self) -> bool:
        """Whether the app exists at the forge."""
        return bool(self.app_id and self.key_file and self.secrets)


def load_deployment(
    folder: Path,
    *,
    database: str | None = None,
    public_url: str | None = None,
    python: str | None = None,
    sandbox: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Deployment:
    """Return how the app is set up.

    Raises:
        UserError: Something of it cannot be right; the message says what to set.
    """
    environ = os.environ if environ is None else environ
    kept = _credentials(folder / CREDENTIALS)

    def said(name: str, key: str, default: str = "") -> str:
        return environ.get(name, "").strip() or str(kept.get(key, "")) or default

    secrets = tuple(
        secret.encode()
        for secret in (
            said("GITHUB_WEBHOOK_SECRET", "webhook_secret"),
            environ.get("GITHUB_WEBHOOK_SECRET_OLD", "").strip(),
        )
        if secret
    )
    for secret in secrets:
        remember(secret.decode())
    key = said("GITHUB_APP_PRIVATE_KEY_FILE", "key_file")
    app_id = said("GITHUB_APP_ID", "app_id")
    if app_id and not app_id.isdecimal():
        raise UserError(f"GITHUB_APP_ID is the app's number, not {app_id!r}")
    return Deployment(
        folder=folder,
        database=database or environ.get("DATABASE_URL") or str(folder / "app.sqlite"),
        api_url=_address(said("GITHUB_API_URL", "api_url", _API), "GITHUB_API_URL"),
        server_url=_address(said("GITHUB_SERVER_URL", "server_url", _SERVER), "GITHUB_SERVER_URL"),
        public_url=_address(public_url or "http://127.0.0.1:8000", "--public-url"),
        app_id=app_id,
        slug=said("GITHUB_APP_SLUG", "slug", "perfagent"),
        key_file=_key(Path(key)) if key else None,
        secrets=secrets,
        python=python,
        sandbox=_sandbox(sandbox or "local"),
    )


def _sandbox(asked: str) -> Asked:
    if asked not in get_args(Asked):
        raise UserError(f"--sandbox {asked}: choose local, docker or none")
    return asked  # pyright: ignore[reportReturnType]


def _credentials(path: Path) -> dict[str, str]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}; remove it and make the app anew") from None


def _key(path: Path) -> Path:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UserError(
            f"cannot read the app's private key {path}: {error.strerror}; set"
            " GITHUB_APP_PRIVATE_KEY_FILE"
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UserError(f"others can read the app's private key {path}: run `chmod 600 {path}`")
    return path


def _address(url: str, name: str) -> str:
    parts = urlsplit(url)
    loopback = (parts.hostname or "") in ("127.0.0.1", "localhost", "::1")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise UserError(f"{name} is no address of a server: {url!r}; write https://HOST")
    if parts.scheme == "http" and not loopback:
        raise UserError(f"{name} is not encrypted: {url!r}; write https://")
    return url.rstrip("/")
