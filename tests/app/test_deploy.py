"""What deployments start from: the action, the compose file, and the check made of an upload."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from perfagent.app.github.client import Client
from perfagent.app.github.shown import show
from perfagent.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
SHA = "c" * 40


def measured(**more: Any) -> dict[str, Any]:
    found = {
        "decision": "slower",
        "reason": "slower by more than 10 %",
        "slowdown": 2.0,
        "ci_low": 1.9,
        "ci_high": 2.1,
        "baseline_s": 0.05,
        "candidate_s": 0.1,
        "pairs": 10,
        "spot": None,
    }
    return {**found, **more}


def shown(tmp_path: Path, content: str) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    def script(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"check_runs": []})
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={"id": 1})

    client = Client("https://api.forge.example", transport=httpx.MockTransport(script))
    file = tmp_path / "perfagent.json"
    file.write_text(content)
    show(file, SHA, 0.1, client=client, token="t", repo="acme/shop")
    return sent


def test_an_uploaded_measurement_becomes_a_check_of_the_events_commit(tmp_path: Path):
    hostile = measured(reason="<script>@acme", head_sha="d" * 40, machine={"x": "@acme"})
    (check,) = shown(tmp_path, json.dumps(hostile))
    assert (check["conclusion"], check["head_sha"]) == ("failure", SHA)
    assert "2.00x slower" in check["output"]["title"]
    assert "own workflow" in check["output"]["summary"]
    assert "@acme" not in json.dumps(check)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"decision": "fast", "reason": ""}',
        json.dumps(measured(slowdown=-1)),
        json.dumps(measured(slowdown="NaN")),
        json.dumps(measured(reason="x" * 1000)),
        json.dumps(measured(more="x" * 200_000)),
    ],
)
def test_an_upload_that_is_no_measurement_is_refused_in_one_line(tmp_path: Path, content: str):
    with pytest.raises(UserError) as raised:
        shown(tmp_path, content)
    assert "\n" not in str(raised.value)


def test_the_action_puts_nothing_of_a_pull_request_into_a_script():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), step
        uses = step.get("uses", "")
        assert not uses.startswith("actions/checkout"), "the reporting half checks nothing out"


def test_the_documents_workflows_keep_forks_from_a_token_that_writes():
    text = (ROOT / "docs" / "github-app.md").read_text()
    blocks = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    measuring, reporting = (yaml.safe_load(block) for block in blocks if "jobs:" in block)
    assert measuring["permissions"] == {"contents": "read"}
    assert measuring[True] == "pull_request", "never pull_request_target"
    assert reporting[True]["workflow_run"]["workflows"] == [measuring["name"]]
    assert "checkout" not in json.dumps(reporting["jobs"])


def test_the_compose_file_gives_the_worker_no_port_and_nobody_a_secret_in_clear():
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text())
    services = compose["services"]
    assert services["worker"]["ports"] == []
    # Without any of these no bubblewrap runs in the container, and the worker does not start.
    unconfined = {f"{name}=unconfined" for name in ("seccomp", "apparmor", "systempaths")}
    assert set(services["worker"]["security_opt"]) == unconfined
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]
    for value in services["web"]["environment"].values():
        assert "${" in value or value.startswith("/run/keys/")
