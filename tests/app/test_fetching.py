"""How the worker's git fetches: no other host learns a login, and nobody's configuration counts.

Each trap is sprung by plain git first, so that a test that passes has tested something.
"""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from perfagent.errors import PerfagentError
from perfagent.repos.source.mirror import open_mirror
from perfagent.repos.source.ref import parse_repo
from perfagent.tests.app.served import Served
from perfagent.tests.shop import git, write_repo

TOKEN = "ghs_aBcDeFgHiJkLmNoPqRsT0123456789"


class Elsewhere:
    """Two servers: the first sends git on to the second, which notes every login it is shown."""

    def __init__(self) -> None:
        self.logins: list[str] = []
        self.second = Served(Starlette(routes=[Route("/{rest:path}", self.ask)]))
        self.first = Served(Starlette(routes=[Route("/{rest:path}", self.send_on)]))

    def ask(self, request: Request) -> Response:
        given = request.headers.get("authorization")
        if given:
            self.logins.append(base64.b64decode(given.partition(" ")[2]).decode())
        return Response("who are you", 401, {"www-authenticate": 'Basic realm="evil"'})

    def send_on(self, request: Request) -> Response:
        return RedirectResponse(f"{self.second.url}{request.url.path}?{request.url.query}")


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    with made.second, made.first:
        yield made


def test_a_server_that_sends_git_on_learns_no_login(
    quiet: None, elsewhere: Elsewhere, tmp_path: Path
):
    url = elsewhere.first.url
    asking = tmp_path / "ask"
    asking.write_text(f"#!/bin/sh\necho {TOKEN}\n")
    asking.chmod(0o755)
    plain = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_ASKPASS": str(asking)}
    words = ["git", "-c", "http.followRedirects=true", "clone", f"{url}/acme/shop.git", "x"]
    subprocess.run(words, env=plain, cwd=tmp_path, capture_output=True)
    assert any(TOKEN in login for login in elsewhere.logins), "the trap is one"
    elsewhere.logins.clear()
    source = parse_repo(f"{url.replace('://', f'://x-access-token:{TOKEN}@')}/acme/shop.git")
    with pytest.raises(PerfagentError) as raised:
        open_mirror(source, tmp_path / "cache")
    assert elsewhere.logins == []
    assert TOKEN not in str(raised.value)


def test_an_operators_filters_and_rewritten_addresses_do_not_count(
    quiet: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    files = {"code.py": "one = 1\n", ".gitattributes": "*.py filter=evil\n"}
    write_repo(tmp_path / "repo", files)
    canary = tmp_path / "canary"
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        f'[filter "evil"]\n\tsmudge = touch {canary}; cat\n'
        f'[url "file:///nowhere/"]\n\tinsteadOf = {tmp_path}/\n'
    )
    plain = {"PATH": os.environ["PATH"], "HOME": str(home)}
    clone = ["git", "clone", "-q", f"file://{tmp_path}/repo", str(tmp_path / "plain")]
    subprocess.run(clone, env=plain, capture_output=True)
    assert canary.exists(), "the trap is one"
    canary.unlink()
    monkeypatch.setenv("HOME", str(home))
    mirror = open_mirror(parse_repo(str(tmp_path / "repo")), tmp_path / "cache")
    from perfagent.repos.checkout import RunRepository

    head = git(tmp_path / "repo", "rev-parse", "HEAD").strip()
    tree = RunRepository.create(tmp_path / "run", mirror, [head]).checkout("base", head)
    assert (tree / "code.py").read_text() == "one = 1\n"
    assert not canary.exists()
