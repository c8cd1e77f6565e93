"""The user and password that a URL holds, kept out of command lines, logs and messages."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from ...redaction import remember


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who asks a web server for a repository.

    Attributes:
        user: The name, or a token in its place.
        password: None when the URL has none, so that git's own helpers are asked for it.
    """

    user: str = field(repr=False)
    password: str | None = field(repr=False)


def login_of(parts: SplitResult) -> Login | None:
    """Return the login in a web URL, which no message shows from now on; None if it has none."""
    if parts.username is None and parts.password is None:
        return None
    remember(parts.password)
    user = unquote(parts.username or "", errors="surrogateescape")
    password = parts.password
    if password is not None:
        password = unquote(password, errors="surrogateescape")
    return Login(user=user, password=password)


@contextmanager
def git_settings(url: str, login: Login | None) -> Iterator[list[tuple[str, str]]]:
    """Give git a login for the server of `url` alone, as settings, for the block's duration.

    The password stands in a file that only the user can read. A server that the first one sends git
    on to does not get it.
    """
    if login is None:
        yield []
        return
    parts = urlsplit(url)
    place = f"credential.{parts.scheme}://{parts.netloc}"
    if login.password is None:
        yield [(f"{place}.username", login.user)]
        return
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        file = Path(folder) / "login"
        file.touch(mode=0o600)
        text = f"username={login.user}\npassword={login.password}\n"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        command = f'!f() {{ test "$1" = get && cat {shlex.quote(str(file))}; }}; f'
        # The empty one takes the user's own helpers out: the URL says who asks.
        yield [(f"{place}.helper", ""), (f"{place}.helper", command)]
