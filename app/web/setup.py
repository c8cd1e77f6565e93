"""Makes the app at the forge, in three clicks: the manifest flow.

The page opens with a token that is printed on the console, from this machine or over TLS, and no
more once the app is made. What comes back is written with rights for this user alone, and never
logged.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ...redaction import remember
from ..deployment import CREDENTIALS, Deployment
from ..forge import ForgeError
from ..github.client import Client
from .pages import _page
from .server import POLICY

KEY = "app.pem"
_OPEN_S = 600.0
_CODE = re.compile(r"[A-Za-z0-9]{1,100}")
_OWNER = re.compile(r"[A-Za-z0-9-]{1,39}")
RIGHTS = {
    "contents": ("write", "to read the code, and to push a branch for each pull request"),
    "pull_requests": ("write", "to open pull requests, and to read those that are checked"),
    "checks": ("write", "to say whether a pull request is slower"),
    "issues": ("write", "to answer commands in comments"),
    "metadata": ("read", "every app has it: to find the repository"),
}
EVENTS = ("issue_comment", "pull_request", "check_run", "check_suite")
_COOKIE = "perfagent-setup"


def manifest(deployment: Deployment) -> dict[str, Any]:
    """Return what the app is made of; no right that the app does not use."""
    return {
        "name": "perfagent",
        "url": "https://github.com/perfagent/perfagent",
        "hook_attributes": {"url": f"{deployment.public_url}/webhook", "active": True},
        "redirect_url": f"{deployment.public_url}/setup/callback",
        "public": False,
        "default_permissions": {name: right for name, (right, _) in RIGHTS.items()},
        "default_events": list(EVENTS),
    }


class Setup:
    """The setup page of a deployment whose app is not made yet."""

    def __init__(self, deployment: Deployment, client: Client, *, clock: Any = time.monotonic):
        self.deployment = deployment
        self.token = secrets.token_urlsafe(24)
        self._client = client
        self._clock = clock
        self._states: dict[str, tuple[float, str]] = {}
        self._made = False

    def routes(self) -> list[Route]:
        """Return where it is."""
        return [Route("/setup", self.begin), Route("/setup/callback", self.callback)]

    async def begin(self, request: Request) -> Response:
        """Show the button."""
        refused = self._refused(request)
        if refused:
            return refused
        given = request.query_params.get("token", "")
        if not _same(given, self.token):
            return PlainTextResponse("open the address that `perfagent serve` printed", 403)
        owner = request.query_params.get("organization", "")
        if owner and not _OWNER.fullmatch(owner):
            return PlainTextResponse("that is no organization's name", 400)
        state, cookie = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._states[state] = (self._clock() + _OPEN_S, cookie)
        server = self.deployment.server_url
        place = f"/organizations/{quote(owner)}" if owner else ""
        answer = _page(
            "setup.html",
            server=server,
            action=f"{server}{place}/settings/apps/new?state={state}",
            manifest=json.dumps(manifest(self.deployment)),
            rights=[(f"{name}: {right}", why) for name, (right, why) in RIGHTS.items()],
        )
        # The form leads to the forge, and nowhere else.
        parts = urlsplit(server)
        target = f"form-action {parts.scheme}://{parts.netloc}"
        answer.headers["content-security-policy"] = POLICY.replace("form-action 'self'", target)
        answer.set_cookie(
            _COOKIE,
            cookie,
            max_age=int(_OPEN_S),
            path="/setup",
            httponly=True,
            samesite="lax",
            secure=self.deployment.public_url.startswith("https://"),
        )
        return answer

    async def callback(self, request: Request) -> Response:
        """Take what the forge sends back, once."""
        refused = self._refused(request)
        if refused:
            return refused
        begun = self._states.pop(request.query_params.get("state", ""), None)
        given = request.cookies.get(_COOKIE, "")
        if begun is None or self._clock() > begun[0] or not _same(given, begun[1]):
            return PlainTextResponse("this link is not, or no longer, good: begin again", 403)
        code = request.query_params.get("code", "")
        if not _CODE.fullmatch(code):
            return PlainTextResponse("the forge sent no code: begin again", 400)
        try:
            made = await run_in_threadpool(self._convert, code)
        except ForgeError as error:
            return PlainTextResponse(f"the forge did not make the app: {error}", 502)
        return _page(
            "made.html", install=f"{self.deployment.server_url}/apps/{made}/installations/new"
        )

    def _refused(self, request: Request) -> Response | None:
        if self._made:
            return PlainTextResponse("the app is made already", 404)
        near = request.client is not None and request.client.host in ("127.0.0.1", "::1")
        if not near and not self.deployment.public_url.startswith("https://"):
            return PlainTextResponse("set it up from this machine, or over https", 403)
        return None

    def _convert(self, code: str) -> str:
        answer = self._client.request(
            "POST", f"/app-manifests/{code}/conversions", authorization=None
        ).value
        try:
            key, secret = str(answer["pem"]), str(answer["webhook_secret"])
            app_id, slug = int(answer["id"]), str(answer["slug"])
        except (KeyError, TypeError, ValueError):
            raise ForgeError("its answer lacks the app's key") from None
        if not re.fullmatch(r"[a-z0-9-]{1,100}", slug):
            raise ForgeError("its answer has a name that is none")
        remember(secret)
        folder = self.deployment.folder
        _write_privately(folder / KEY, key)
        kept = {
            "app_id": str(app_id),
            "slug": slug,
            "webhook_secret": secret,
            "key_file": str(folder / KEY),
            "api_url": self.deployment.api_url,
            "server_url": self.deployment.server_url,
        }
        _write_privately(folder / CREDENTIALS, json.dumps(kept, indent=1))
        self._made = True
        return slug


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), secret.encode())


def _write_privately(path: Path, text: str) -> None:
    """Write a new file that only this user can read; one that is there is not touched."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
