"""GitHub's REST interface: requests and answers by gidgethub, and what happens when it fails.

Reading is tried again; writing never is, since the first attempt may have been done. Whoever writes
looks up first whether it is there. Waiting is the queue's business: a limit is an exception.
"""

from __future__ import annotations

import email.utils
import json
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import gidgethub
import httpx
from gidgethub import sansio

from ...redaction import redacted
from ..forge import ForgeError, RateLimited, Unknown

_READS = frozenset({"GET", "HEAD"})
_TRIES = 3
_MOST_CACHED = 500
_VERSION = "2022-11-28"
_WAIT_S = 60.0
"""How long to wait where GitHub says only that it was too much."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back.

    Attributes:
        status: Of HTTP; 200 also where a kept answer still held.
        value: The body, parsed; None for none.
        next_path: Path of the next page, or None.
        was_kept: Whether the server said that a kept answer still holds.
    """

    status: int
    value: Any
    next_path: str | None
    was_kept: bool = False


class Client:
    """Talks to one server, under whatever authorization each request brings."""

    def __init__(
        self,
        api_url: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout_s: float = 20.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a client.

        Args:
            api_url: `https://api.github.com`, or `https://HOST/api/v3`.
            transport: For tests.
            timeout_s: Of one attempt: to connect, and between two pieces of an answer.
            pause: Sleeps before a read is tried again.
        """
        self.api_url = api_url.rstrip("/")
        self.host = urlsplit(self.api_url).netloc
        self._pause = pause
        # Neither proxies nor logins of the user's environment, and no redirect: a login is for
        # this host alone.
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout_s),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )
        self._kept: OrderedDict[tuple[str, str], tuple[str, bytes, str]] = OrderedDict()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        authorization: str | None,
        body: Any = None,
        media: str | None = None,
        who: str = "",
    ) -> Answer:
        """Make a request.

        Args:
            method: GET, POST, PATCH, PUT or DELETE.
            path: From the API's root, its parts quoted already.
            authorization: Value of the header, None for none.
            body: JSON; None for no body.
            media: "raw" for a file's own bytes, as text.
            who: Whose answers may be kept together, for requests that read.

        Raises:
            RateLimited: Too much was asked.
            Unknown: It was a write and may have been done.
            ForgeError: It was refused, or cannot be answered.
        """
        tries = _TRIES if method in _READS else 1
        for attempt in range(1, tries + 1):
            try:
                return self._attempt(method, path, authorization, body, media, who)
            except RateLimited:
                raise
            except ForgeError as error:
                if attempt == tries or 0 < error.status < 500:
                    raise
            self._pause(random.uniform(0.2, 0.6) * 2**attempt)  # noqa: S311 - no secret
        raise AssertionError

    def pages(
        self, path: str, *, authorization: str | None, key: str | None = None, who: str = ""
    ) -> Iterator[Any]:
        """Yield the items of all pages of a list.

        Args:
            path: Of the first page.
            authorization: As for `request`.
            key: Where a page holds its items, None when it is them.
            who: As for `request`.
        """
        current: str | None = path
        while current is not None:
            answer = self.request("GET", current, authorization=authorization, who=who)
            items = answer.value.get(key, []) if key else answer.value
            yield from items
            current = answer.next_path

    def _attempt(
        self,
        method: str,
        path: str,
        authorization: str | None,
        body: Any,
        media: str | None,
        who: str,
    ) -> Answer:
        headers = sansio.create_headers("perfagent", accept=sansio.accept_format(media=media))
        headers["x-github-api-version"] = _VERSION
        if authorization:
            headers["authorization"] = authorization
        content = b""
        if body is not None:
            content = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        kept = self._kept.get((who, path)) if method == "GET" else None
        if kept:
            headers["if-none-match"] = kept[0]
        is_write = method not in _READS
        try:
            response = self._http.request(
                method, f"{self.api_url}{path}", headers=headers, content=content
            )
        except httpx.ConnectError as error:
            raise ForgeError(f"cannot reach {self.host}: {error}") from error
        except httpx.HTTPError as error:
            told = f"{method} {path}: {type(error).__name__}"
            raise (Unknown(told) if is_write else ForgeError(told)) from error
        if response.status_code == 304 and kept:
            with self._lock:
                self._kept.move_to_end((who, path))
            return Answer(
                status=200, value=_parsed(kept[1]), next_path=kept[2] or None, was_kept=True
            )
        return self._read(method, path, response, who)

    def _read(self, method: str, path: str, response: httpx.Response, who: str) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status, is_write = response.status_code, method not in _READS
        limited = _limit(status, headers, response.content)
        if limited is not None:
            raise RateLimited(f"{self.host} asks to wait", limited)
        try:
            value, _, following = sansio.decipher_response(status, headers, response.content)
        except gidgethub.HTTPException as error:
            told = f"{method} {path}: {status} {redacted(str(error))[:300]}"
            if status >= 500 and is_write:
                raise Unknown(told, status) from error
            raise ForgeError(told, status) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            told = f"{method} {path}: {status}, and the answer cannot be read"
            raise (Unknown(told) if is_write else ForgeError(told)) from error
        next_path = self._on_this_host(following)
        etag = headers.get("etag")
        if method == "GET" and etag and len(response.content) < 1_000_000:
            with self._lock:
                self._kept[who, path] = (etag, response.content, next_path or "")
                while len(self._kept) > _MOST_CACHED:
                    self._kept.popitem(last=False)
        return Answer(status=status, value=value, next_path=next_path)

    def _on_this_host(self, url: str | None) -> str | None:
        """Return the path of a page on this server; one on another gets no login, so no request."""
        if url is None or not url.startswith(f"{self.api_url}/"):
            return None
        return url.removeprefix(self.api_url)


def part(text: str | int) -> str:
    """Return a path's part, quoted: it stays one part whatever it holds."""
    return quote(str(text), safe="")


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def _limit(status: int, headers: Mapping[str, str], content: bytes) -> float | None:
    """Return when to ask again, where an answer says that it was too much; else None."""
    if status not in (403, 429):
        return None
    now = time.time()
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return now + int(after)
    if after:
        parsed = email.utils.parsedate_to_datetime(after)
        return parsed.timestamp()
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(now + 1, float(reset))
    if status == 429 or b"secondary rate limit" in content:
        return now + _WAIT_S
    return None
