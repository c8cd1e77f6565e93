"""Takes in webhooks: size and time are limited, the signature comes first, then the database.

A delivery is acknowledged only when it is on the disk, and the forge is not called before.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from ..store.database import Database, StoreUnavailable
from ..store.deliveries import accept
from ..store.orders import Arrival
from .events import Us, read_event
from .signature import is_signed

MOST_BYTES = 25 * 1024 * 1024
"""What the forge sends at most."""
MOST_SECONDS = 10.0
_GUID = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True, kw_only=True)
class Reception:
    """Where webhooks arrive.

    Attributes:
        database: Where they are kept.
        host: The forge's host, whose ids they hold.
        secrets: With which they may be signed.
        us: Who the app is.
        most_bytes: Of a body.
        most_seconds: That a body may take to arrive.
    """

    database: Database
    host: str
    secrets: Sequence[bytes]
    us: Us
    most_bytes: int = MOST_BYTES
    most_seconds: float = MOST_SECONDS

    async def receive(self, request: Request) -> Response:
        """Answer one delivery: 202 when it is kept, 200 when it is known, else why not."""
        try:
            async with asyncio.timeout(self.most_seconds):
                body = await self._body(request)
        except TimeoutError:
            return _closing("the body took too long", 408)
        except ClientDisconnect:
            return _closing("the body broke off", 400)
        if body is None:
            return _closing("the body is too big", 413)
        headers = dict(request.scope["headers"])
        if not is_signed(body, headers.get(b"x-hub-signature-256"), self.secrets):
            return PlainTextResponse("not signed with the app's secret", 401)
        guid = headers.get(b"x-github-delivery", b"").decode("latin-1")
        event = headers.get(b"x-github-event", b"").decode("latin-1")
        if not _GUID.fullmatch(guid) or not _EVENT.fullmatch(event):
            return PlainTextResponse("its headers name no delivery", 400)
        return await run_in_threadpool(self._keep, guid, event, body)

    def _keep(self, guid: str, event: str, body: bytes) -> Response:
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return PlainTextResponse("the body is no JSON: choose application/json", 400)
        digest = hashlib.sha256(body).hexdigest()
        arrival = Arrival(guid=guid, event=event, action="", sha256=digest)
        try:
            fate = accept(self.database, self.host, read_event(arrival, payload, self.us))
        except StoreUnavailable:
            return PlainTextResponse("cannot keep it now; send it again", 503)
        return PlainTextResponse(fate, 202 if fate == "new" else 200)

    async def _body(self, request: Request) -> bytes | None:
        """Return the body, or None when it is too big; no more than that is ever held."""
        told = request.headers.get("content-length", "")
        if told.isdecimal() and int(told) > self.most_bytes:
            return None
        chunks, size = [], 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self.most_bytes:
                return None
            chunks.append(chunk)
        return b"".join(chunks)


def _closing(why: str, status: int) -> Response:
    """Return an answer after which the rest of the body is not read."""
    return PlainTextResponse(why, status, {"connection": "close"})
