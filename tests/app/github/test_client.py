"""The client of GitHub's API, against a scripted server: what goes wrong with a request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from perfagent.app.forge import ForgeError, RateLimited, Unknown
from perfagent.app.github.client import Client
from perfagent.app.github.tokens import READ, TALK, AppKey, Tokens
from perfagent.redaction import redacted

Script = Callable[[httpx.Request], httpx.Response]
STATELESS = "ghs_12345_" + "eyJhbGciOi-JSUzI1NiIs_InR5cCI6IkpXVCJ9." * 13 + "A-b_c9"


def client(script: Script, host: str = "api.forge.example") -> Client:
    return Client(
        f"https://{host}", transport=httpx.MockTransport(script), pause=lambda seconds: None
    )


def minting(calls: list[httpx.Request], then: Script, token: str = "ghs_" + "a1" * 18) -> Script:
    def script(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if request.url.path.endswith("/access_tokens"):
            number = sum(call.url.path.endswith("/access_tokens") for call in calls)
            expires = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 3600))
            answer = {"token": f"{token}{number}", "expires_at": f"{expires}.123Z"}
            return httpx.Response(201, json=answer)
        return then(request)

    return script


def test_a_read_is_tried_again_and_a_write_never(key_file: Path):
    calls: list[str] = []

    def script(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        return httpx.Response(502, json={"message": "Bad Gateway"})

    asked = client(script)
    with pytest.raises(ForgeError):
        asked.request("GET", "/x", authorization=None)
    assert calls == ["GET"] * 3
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        calls.clear()
        with pytest.raises(Unknown):
            asked.request(method, "/x", authorization=None, body={})
        assert calls == [method], "it may have been done"


LIMITS = {
    "primary": ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "{soon}"}, 403, b"{}", 1000),
    "secondary": ({"retry-after": "40"}, 403, b"{}", 40),
    "too many": ({}, 429, b"{}", 60),
    "in words": ({}, 403, b'{"message": "You have exceeded a secondary rate limit"}', 60),
}


@pytest.mark.parametrize("how", LIMITS)
def test_a_limit_says_when_to_come_back_and_nobody_sleeps(how: str):
    headers, status, body, wait = LIMITS[how]
    soon = str(int(time.time()) + 1000)
    sent = {key: value.format(soon=soon) for key, value in headers.items()}
    asked = client(lambda request: httpx.Response(status, headers=sent, content=body))
    with pytest.raises(RateLimited) as raised:
        asked.request("GET", "/x", authorization=None)
    assert abs(raised.value.until - time.time() - wait) < 5


def test_a_refusal_is_no_limit():
    answer = httpx.Response(403, json={"message": "Resource not accessible by integration"})
    with pytest.raises(ForgeError) as raised:
        client(lambda request: answer).request("GET", "/x", authorization=None)
    assert not isinstance(raised.value, RateLimited)
    assert raised.value.status == 403


def test_a_kept_answer_is_asked_for_by_its_tag_and_by_who_asks():
    seen = []

    def script(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("if-none-match"))
        if seen[-1] == '"one"':
            return httpx.Response(304)
        return httpx.Response(200, json={"n": 1}, headers={"etag": '"one"'})

    asked = client(script)
    first = asked.request("GET", "/x", authorization="a", who="a")
    second = asked.request("GET", "/x", authorization="a", who="a")
    asked.request("GET", "/x", authorization="b", who="b")
    assert (first.value, first.was_kept) == ({"n": 1}, False)
    assert (second.value, second.was_kept) == ({"n": 1}, True)
    assert seen == [None, '"one"', None]


def test_a_redirect_is_not_followed_and_a_page_elsewhere_is_not_asked_for():
    asked_hosts = []

    def script(request: httpx.Request) -> httpx.Response:
        asked_hosts.append(request.url.host)
        if request.method == "POST":
            return httpx.Response(307, headers={"location": "https://evil.example/x"})
        link = '<https://evil.example/x?page=2>; rel="next"'
        return httpx.Response(200, json=[1], headers={"link": link})

    asked = client(script)
    with pytest.raises(ForgeError):
        asked.request("POST", "/x", authorization="Bearer secret", body={})
    assert list(asked.pages("/x", authorization="Bearer secret")) == [1]
    assert set(asked_hosts) == {"api.forge.example"}


def test_pages_are_followed_to_the_end():
    def script(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("page", 1))
        link = f'<https://api.forge.example/repositories/7/x?page={page + 1}>; rel="next"'
        headers = {"link": link} if page < 3 else {}
        return httpx.Response(200, json=[page], headers=headers)

    assert list(client(script).pages("/x", authorization=None)) == [1, 2, 3]


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError])
def test_a_write_without_an_answer_may_have_been_done(error: type[Exception]):
    def script(request: httpx.Request) -> httpx.Response:
        raise error("broken off")

    with pytest.raises(Unknown):
        client(script).request("POST", "/x", authorization=None, body={})


def test_a_write_whose_answer_is_cut_short_may_have_been_done():
    cut = httpx.Response(
        201, content=b'{"id": 1, "ti', headers={"content-type": "application/json"}
    )
    with pytest.raises(Unknown):
        client(lambda request: cut).request("POST", "/x", authorization=None, body={})


def test_a_server_that_hangs_is_given_up(tmp_path: Path):
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        asked = Client(f"http://127.0.0.1:{port}", timeout_s=0.2, pause=lambda seconds: None)
        with pytest.raises(Unknown):
            asked.request("POST", "/x", authorization=None, body={})
        asked.close()


def test_the_app_signs_what_github_asks_for(key_file: Path):
    sent = AppKey("42", key_file).authorization()
    private = serialization.load_pem_private_key(key_file.read_bytes(), None)
    claims = jwt.decode(
        sent.removeprefix("Bearer "), private.public_key(), algorithms=["RS256"], issuer="42"
    )
    assert claims["iat"] <= time.time()
    assert claims["exp"] <= claims["iat"] + 600
    assert claims["exp"] > time.time() + 120


def test_a_token_is_of_one_repository_and_few_rights_and_is_kept(key_file: Path):
    calls: list[httpx.Request] = []
    tokens = Tokens(
        client(minting(calls, lambda r: httpx.Response(200, json={}))), AppKey("42", key_file)
    )
    first = tokens.token("7", "acme/shop", READ)
    assert tokens.token("7", "acme/shop", READ) == first
    assert tokens.token("7", "acme/shop", TALK) != first
    assert tokens.token("7", "acme/other", READ) != first
    assert len(calls) == 3
    assert json.loads(calls[0].content) == {"permissions": READ, "repositories": ["shop"]}


def test_no_token_crosses_to_another_host(key_file: Path):
    seen: dict[str, set[str]] = {}

    def of(host: str) -> Tokens:
        def then(request: httpx.Request) -> httpx.Response:
            seen.setdefault(host, set()).add(request.headers["authorization"])
            return httpx.Response(200, json={})

        script = minting([], then, token=f"ghs_{host}_0123456789012345678")
        return Tokens(client(script, host), AppKey("42", key_file))

    both = [of("one.example"), of("two.example")]
    for tokens in (*both, *both):
        tokens.request("GET", "/x", installation="7", repo="acme/shop", rights=READ)
    assert all(host in token for host, sent in seen.items() for token in sent)
    assert len(seen) == 2


def test_a_revoked_token_is_renewed_once(key_file: Path):
    calls: list[httpx.Request] = []

    def then(request: httpx.Request) -> httpx.Response:
        fresh = request.headers["authorization"].endswith("2")
        return httpx.Response(200 if fresh else 401, json={"message": "Bad credentials"})

    tokens = Tokens(client(minting(calls, then)), AppKey("42", key_file))
    answer = tokens.request("GET", "/x", installation="7", repo="a/b", rights=READ)
    assert answer.status == 200
    assert len(calls) == 4
    never = Tokens(
        client(minting([], lambda r: httpx.Response(401, json={}))), AppKey("42", key_file)
    )
    with pytest.raises(ForgeError) as raised:
        never.request("GET", "/x", installation="7", repo="a/b", rights=READ)
    assert raised.value.status == 401


def test_a_stateless_token_of_520_characters_is_known_for_a_secret(key_file: Path):
    assert len(STATELESS) > 500
    calls: list[httpx.Request] = []
    script = minting(calls, lambda r: httpx.Response(200, json={}), token=STATELESS)
    token = Tokens(client(script), AppKey("42", key_file)).token("7", "a/b", READ)
    assert token.startswith(STATELESS)
    for text in (token, f"https://x-access-token:{token}@forge/a/b", f"Bearer {token}"):
        assert STATELESS[4:40] not in redacted(f"git failed: {text} !")
    # By its look too, in another process that never saw it.
    import subprocess
    import sys

    code = "import sys; from perfagent.redaction import redacted; print(redacted(sys.argv[1]))"
    other = subprocess.run(
        [sys.executable, "-c", code, f"token {STATELESS}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "eyJ" not in other.stdout


def broken_values() -> list[Any]:
    return [None, [], {}, {"token": "x"}, {"token": "x", "expires_at": "soon"}]


@pytest.mark.parametrize("value", broken_values())
def test_a_token_that_cannot_be_read_is_an_error_of_the_forge(key_file: Path, value: Any):
    asked = client(lambda request: httpx.Response(201, json=value))
    with pytest.raises(ForgeError):
        Tokens(asked, AppKey("42", key_file)).token("7", "a/b", READ)
