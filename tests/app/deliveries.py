"""Deliveries as the forge sends them."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

SECRET = b"a secret of the tests, long enough"
SHA = "a" * 40
BASE = "b" * 40


def sign(body: bytes, secret: bytes) -> str:
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def headers(body: bytes, event: str, secret: bytes, guid: str | None = None) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": guid or str(uuid.uuid4()),
        "x-hub-signature-256": sign(body, secret),
    }


def comment(text: str, *, number: int = 1, comment_id: int = 10, **more: Any) -> bytes:
    user = {"login": "ada", "id": 5, "type": more.pop("user_type", "User")}
    return json.dumps(
        {
            "action": "created",
            "comment": {"id": comment_id, "body": text, "user": user},
            "issue": {"number": number, "state": "open"},
            "repository": {"id": 1, "full_name": "acme/shop", "default_branch": "main"},
            "sender": user,
            "installation": {"id": 77},
            **more,
        }
    ).encode()


def pull_request(action: str, *, number: int = 3, sha: str = SHA, **more: Any) -> bytes:
    repo = {"id": 1, "full_name": "acme/shop", "default_branch": "main"}
    return json.dumps(
        {
            "action": action,
            "pull_request": {
                "number": number,
                "head": {"ref": more.pop("branch", "work"), "sha": sha, "repo": repo},
                "base": {"ref": "main", "sha": BASE, "repo": repo},
                "draft": False,
                "merged": more.pop("merged", False),
            },
            "repository": repo,
            "sender": {"login": "ada", "id": 5, "type": "User"},
            "installation": {"id": 77},
        }
    ).encode()


def access(action: str, **more: Any) -> bytes:
    return json.dumps(
        {"action": action, "installation": {"id": 77, "account": {"login": "acme"}}, **more}
    ).encode()
