"""Holds requests against GitHub's own description of its API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from perfagent.app.github.client import Client

# Parameters that may hold slashes, which the library does not match.
_SLASHED = (
    (re.compile(r"(/repos/[^/]+/[^/]+/contents/)(.+)"), "path"),
    (re.compile(r"(/repos/[^/]+/[^/]+/git/(?:ref|refs)/)(.+)"), "ref"),
)
_USED = re.compile(
    r"/repos/\{owner\}/\{repo\}(?:$|/(?:pulls|issues|check-runs|commits/\{ref\}/check-runs|git/|"
    r"contents/|collaborators/\{username\}/permission))|/app(?:$|/|-manifests)|/installation/"
)


class Request:
    """A request in the library's form."""

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        parts = urlsplit(url)
        path = parts.path
        for pattern, _ in _SLASHED:
            if found := pattern.fullmatch(path):
                path = found[1] + found[2].replace("/", "%2F")
        self.host_url = "https://api.github.com"
        self.path = path
        self.full_url_pattern = self.host_url + path
        self.method = method.lower()
        self.body = body or None
        self.content_type = headers.get("content-type", "application/json").split(";")[0]
        query = [item.partition("=")[::2] for item in parts.query.split("&") if item]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(list(headers.items())), cookie={}
        )


class Contract:
    """Every request that was made, and what of it GitHub's description does not allow."""

    def __init__(self, description: Path) -> None:
        whole = json.loads(description.read_text(encoding="utf-8"))
        whole["paths"] = {path: item for path, item in whole["paths"].items() if _USED.match(path)}
        whole.pop("webhooks", None)
        whole.pop("x-webhooks", None)
        self._spec = OpenAPI.from_dict(whole, config=Config(spec_validator_cls=None))
        self.seen: set[tuple[str, str]] = set()
        self._held: set[tuple[str, str, bytes]] = set()
        self.broken: list[str] = []

    def listen_to(self, client: Client) -> None:
        """Hold each request that a client sends from now on."""
        root = urlsplit(client.api_url).path

        def hold(request: httpx.Request) -> None:
            path = request.url.raw_path.decode().removeprefix(root)
            self.hold(request.method, path, dict(request.headers), request.content)

        client._http.event_hooks["request"].append(hold)

    def hold(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        """Note a request, and why it is not valid."""
        # Two requests that differ in ids and numbers alone are valid or not together.
        like = re.sub(rb"[0-9a-f]{8,64}|\d+", b"N", body)
        alike = (method, re.sub(r"[0-9a-f]{40}|\d+", "N", path), like)
        if alike in self._held:
            return
        self._held.add(alike)
        request: Any = Request(method, path, headers, body)
        try:
            self._spec.validate_request(request)
        except Exception as error:  # noqa: BLE001 - of many kinds
            cause = error.__cause__ or error
            details = getattr(cause, "schema_errors", ())
            told = "; ".join(str(each.message)[:300] for each in details) or repr(cause)
            self.broken.append(f"{method} {path}: {told}")
        self.seen.add((method, re.sub(r"[0-9a-f]{40}|\d+", "N", path.partition("?")[0])))
