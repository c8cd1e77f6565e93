"""The web process: webhooks, the status page, and the setup page before the app is made."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..store.database import Database, StoreUnavailable
from .reception import Reception

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class _Guarded:
    """Adds the headers that keep a browser from running or loading anything foreign."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                known = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(
                        (name.encode(), value.encode())
                        for name, value in _HEADERS.items()
                        if name.encode() not in known
                    ),
                ]
            await send(message)

        await self.app(scope, receive, guarded)


def make_app(
    reception: Reception | None, database: Database, routes: Sequence[Route] = ()
) -> Starlette:
    """Return the ASGI application.

    Args:
        reception: Where webhooks arrive; None before the app is made.
        database: For the health check.
        routes: Of the pages.
    """

    async def webhook(request: Request) -> Response:
        if reception is None:
            return PlainTextResponse("the app is not set up yet", 503)
        return await reception.receive(request)

    def healthy(request: Request) -> Response:
        try:
            with database.transaction() as cursor:
                cursor.run("SELECT 1 AS one")
        except StoreUnavailable:
            return PlainTextResponse("the database cannot be used", 503)
        return PlainTextResponse("ok")

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/healthz", healthy),
            *routes,
        ],
        middleware=[Middleware(_Guarded)],
    )
