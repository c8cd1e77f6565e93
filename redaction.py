"""The one place that keeps secrets out of what perfagent writes, prints and raises.

A secret is known by its value or by its look. By value: what stands in variables of the environment
that are named like secrets, and what was given to `remember`. By look: a password in a URL, an
assignment to a name like `API_KEY`, the tokens of well-known services.

Messages lose both kinds. Files of a run lose the values alone, for they hold code, where a look may
deceive.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

MARK = "[secret]"
"""What stands in the place of a secret."""

_SHORTEST = 8
_SHORTEST_GUESSED = 12
_NAME = re.compile(
    r"(?:^|_)(?:KEY|PAT|PASS)(?:$|_)|_AUTH$|APIKEY|TOKEN(?!S|IZER)|SECRET|PASSW|PASSPHRASE|CREDENTIAL"
)
# Every repetition has a bound or a fixed place to begin at: a log of megabytes takes no minutes.
_URL_USER = re.compile(
    r"""((?i:https?)://)[^\s/?\#@'"<>\\]{1,999}@
    | (?<![\w+.-])([A-Za-z][\w+.-]{0,30}://)[^\s/?\#@:'"<>\\]{0,255}:[^\s/?\#@'"<>\\]{1,999}@""",
    re.VERBOSE,
)
# A shell's word may be put together of quoted parts and plain ones.
_ASSIGNED = re.compile(r"""\b([A-Z][A-Z0-9_]{0,99})=(?:'[^']{0,999}'|"[^"]{0,999}"|[^\s'"\\])+""")
_OPTION = re.compile(
    r"""(?<![\w-])(--?[\w-]{0,40}(?:api-?key|token|secret|password)(?:=|\s{1,9}))
    (?:'[^']{0,999}'|"[^"]{0,999}"|[^\s'"\\-])(?:'[^']{0,999}'|"[^"]{0,999}"|[^\s'"\\])*""",
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"\b(bearer|basic)(\s{1,9})[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:gh[a-z]_|github_pat_|glpat-|sk-|xox[a-z]-|hf_|pypi-|npm_|AKIA|ASIA|AIza|ya29\.)"
    r"(?=[\w.-]{0,255}\d)[\w.-]{16,}"
)

_remembered: set[str] = set()
_lock = threading.Lock()


def remember(secret: str | None) -> None:
    """Keep a value out of everything from now on, in this process; shorter than 8 is too common."""
    if secret and len(secret) >= _SHORTEST:
        with _lock:
            _remembered.update(
                {secret, unquote(secret), quote(secret, safe="", errors="surrogatepass")}
            )


def is_secret_name(name: str) -> bool:
    """Return whether a variable of that name is meant to hold a secret."""
    return _NAME.search(name.upper()) is not None


def is_secret(name: str, value: str) -> bool:
    """Return whether a variable holds a secret, by its name or by a password in its URL."""
    return is_secret_name(name) or bool(_URL_USER.search(value))


def redacted(text: str) -> str:
    """Return a message without secrets."""
    text = without_known(text)
    text = _URL_USER.sub(lambda found: f"{found[1] or found[2]}{MARK}@", text)
    text = _ASSIGNED.sub(
        lambda found: f"{found[1]}={MARK}" if is_secret_name(found[1]) else found[0], text
    )
    text = _OPTION.sub(lambda found: found[1] + MARK, text)
    text = _BEARER.sub(lambda found: found[1] + found[2] + MARK, text)
    return _TOKEN.sub(MARK, text)


def redacted_values(value: Any) -> Any:
    """Return JSON values whose texts, keys excepted, are redacted."""
    if isinstance(value, dict):
        return {key: redacted_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_values(item) for item in value]
    return redacted(value) if isinstance(value, str) else value


def without_known(text: str) -> str:
    """Return a text without the secrets that are known by their value; it may be JSON."""
    for secret in _known():
        for written in {secret, json.dumps(secret)[1:-1]}:
            text = text.replace(written, MARK)
    return text


def holds_secret(text: str) -> bool:
    """Return whether a secret that is known by its value stands in the text."""
    return any(secret in text for secret in _known())


def _known() -> list[str]:
    """Return the secrets known by value, longest first, so that none hides within another."""
    with _lock:
        found = set(_remembered)
    found.update(_of_environment(os.environ.items()))
    return sorted(found, key=lambda secret: (-len(secret), secret))


def _of_environment(variables: Iterable[tuple[str, str]]) -> Iterable[str]:
    for name, value in variables:
        if "://" in value:
            yield from _password(value)
        elif is_secret_name(name) and _looks_random(value):
            yield value


def _password(url: str) -> Iterable[str]:
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return
    if _looks_random(password):
        yield from {password, unquote(password)}


def _looks_random(value: str) -> bool:
    """Return whether a value is no word and no path, which would stand in innocent texts too."""
    return (
        len(value) >= _SHORTEST_GUESSED
        and not value.startswith(("/", "~", "."))
        and any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
        and not any(char.isspace() for char in value)
    )
