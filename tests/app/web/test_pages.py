"""The status page and the setup page."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from perfagent.app.deployment import Deployment, load_deployment
from perfagent.app.github.client import Client
from perfagent.app.store.database import Database
from perfagent.app.store.orders import Order
from perfagent.app.store.queue import Queue
from perfagent.app.web.pages import Pages
from perfagent.app.web.server import make_app
from perfagent.app.web.setup import RIGHTS, Setup
from perfagent.errors import UserError
from perfagent.tests.app.served import Served

EVIL = "<script>alert(1)</script>"


def results() -> list[dict[str, Any]]:
    spot = {"path": f"{EVIL}.py", "line": 3, "function": EVIL}
    return [
        {
            "name": EVIL,
            "decision": "slower",
            "slowdown": 2.0,
            "ci_low": 1.9,
            "ci_high": 2.1,
            "reason": EVIL,
            "spot": spot,
        }
    ]


def filled(database: Database) -> tuple[Queue, str]:
    queue = Queue(database)
    order = Order(
        kind="check",
        lane="bench",
        key="k",
        repo="acme/shop",
        installation="7",
        requester=EVIL,
        request={"number": 3, "sha": EVIL, "workload": EVIL},
    )
    queue.put("forge", order)
    job = queue.claim("bench")
    assert job
    queue.finish(job, "done", f"failure: {EVIL}", {"results": results(), "notes": [EVIL]})
    return queue, job.id


def test_what_others_named_is_shown_as_text_and_nothing_may_run(sqlite: Database, tmp_path: Path):
    queue, job = filled(sqlite)
    run = tmp_path / job / "run"
    run.mkdir(parents=True)
    (run / "report.html").write_text("<script>1</script>")
    app = make_app(None, sqlite, Pages(queue, folder=tmp_path).routes())
    with Served(app) as server, server.client() as client:
        for path in ("/", f"/jobs/{job}", "/jobs/unknown", "/style.css"):
            answer = client.get(path)
            assert EVIL not in answer.text
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        page = client.get(f"/jobs/{job}").text
        assert "&lt;script&gt;" in page
        report = client.get(f"/jobs/{job}/report")
        policy = report.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src 'none'; ")
        far = client.get("/", headers={"x-forwarded-for": "192.0.2.1"})
        assert "acme/shop" not in far.text, "the list is for people on this machine"
        assert client.get("/jobs/..%2f..%2fapp.json").status_code == 404


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def setting_up(folder: Path, made: list[str], clock: Clock) -> Setup:
    def script(request: httpx.Request) -> httpx.Response:
        made.append(request.url.path)
        assert "authorization" not in request.headers
        answer = {
            "id": 42,
            "slug": "our-perf",
            "pem": "-----BEGIN KEY-----",
            "webhook_secret": "s" * 40,
            "client_secret": "c" * 40,
        }
        return httpx.Response(201, json=answer)

    client = Client("https://api.forge.example", transport=httpx.MockTransport(script))
    deployment = Deployment(folder=folder, database="")
    return Setup(deployment, client, clock=clock)


def test_the_app_is_made_once_by_who_started_the_server(sqlite: Database, tmp_path: Path):
    made: list[str] = []
    clock = Clock()
    setup = setting_up(tmp_path, made, clock)
    with Served(make_app(None, sqlite, setup.routes())) as server, server.client() as client:

        def begin() -> str:
            page = client.get("/setup", params={"token": setup.token})
            assert page.status_code == 200
            assert "form-action https://github.com;" in page.headers["content-security-policy"]
            return page.text.partition("?state=")[2].partition('"')[0]

        assert client.get("/setup", params={"token": "guess"}).status_code == 403
        assert client.get("/setup/callback?code=abc&state=guess").status_code == 403
        late = begin()
        clock.now += 601
        assert client.get(f"/setup/callback?code=abc&state={late}").status_code == 403
        state = begin()
        other = httpx.get(f"{server.url}/setup/callback?code=abc&state={state}", trust_env=False)
        assert other.status_code == 403, "another browser"
        state = begin()
        assert client.get(f"/setup/callback?code=..%2Fx&state={state}").status_code == 400
        state = begin()
        assert made == []
        assert client.get(f"/setup/callback?code=abc123&state={state}").status_code == 200
        assert made == ["/app-manifests/abc123/conversions"]
        assert client.get(f"/setup/callback?code=abc123&state={state}").status_code == 404
        assert client.get("/setup", params={"token": setup.token}).status_code == 404
    for name in ("app.pem", "app.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert "client_secret" not in json.loads((tmp_path / "app.json").read_text())
    loaded = load_deployment(tmp_path, environ={})
    assert (loaded.app_id, loaded.slug, loaded.is_made) == ("42", "our-perf", True)
    assert "s" * 40 not in repr(loaded)


def test_the_manifest_asks_for_no_right_that_is_not_explained():
    assert set(RIGHTS) == {"contents", "pull_requests", "checks", "issues", "metadata"}
    assert "workflows" not in RIGHTS


BAD = {
    "a key that others can read": ({"GITHUB_APP_PRIVATE_KEY_FILE": "open.pem"}, "chmod 600"),
    "no key": ({"GITHUB_APP_PRIVATE_KEY_FILE": "none.pem"}, "none.pem"),
    "no number": ({"GITHUB_APP_ID": "perfagent"}, "number"),
    "no encryption": ({"GITHUB_API_URL": "http://ghe.example/api/v3"}, "https"),
    "a login in the address": ({"GITHUB_API_URL": "https://me@ghe.example"}, "address"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_deployment_that_cannot_be_right_is_refused_in_one_line(tmp_path: Path, what: str):
    (tmp_path / "open.pem").touch(mode=0o644)
    environ, told = BAD[what]
    if "GITHUB_APP_PRIVATE_KEY_FILE" in environ:
        name = environ["GITHUB_APP_PRIVATE_KEY_FILE"]
        environ = {"GITHUB_APP_PRIVATE_KEY_FILE": str(tmp_path / name)}
    with pytest.raises(UserError, match=told) as raised:
        load_deployment(tmp_path, environ=environ)
    assert "\n" not in str(raised.value)
