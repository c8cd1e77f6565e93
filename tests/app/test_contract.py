"""Every request of the client, in every test, is held against GitHub's description of its API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from perfagent.app.github.client import Client
from perfagent.tests.app.contract import Contract


def test_a_request_that_github_does_not_describe_is_found(peers: Path):
    contract = Contract(peers / "api.github.com.json")
    root, right = "/repos/acme/shop", {"name": "perfagent", "head_sha": "a" * 40}

    def hold(path: str, body: Any) -> None:
        sent = {"content-type": "application/json"}
        contract.hold("POST", f"{root}{path}", sent, json.dumps(body).encode())

    hold("/check-runs", right)
    assert contract.broken == []
    hold("/check-runs", {"name": "perfagent"})
    hold("/check-runs", {**right, "conclusion": "great", "status": "completed"})
    hold("/pulls", {"title": "x", "head": "b"})
    hold("/no-such-thing", {})
    assert len(contract.broken) == 4


def test_what_every_test_asks_is_held_against_it(contract: Contract):
    """The fixture `held` listens to each client that a test makes."""
    before = len(contract.seen)
    answer = httpx.Response(200, json={"default_branch": "main"})
    asked = Client("https://api.forge.example", transport=httpx.MockTransport(lambda _: answer))
    asked.request("GET", "/repos/acme/shop/pulls/17", authorization=None)
    asked.close()
    assert ("GET", "/repos/acme/shop/pulls/N") in contract.seen
    assert len(contract.seen) >= before
