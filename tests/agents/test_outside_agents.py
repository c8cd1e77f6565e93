"""Real outside agents from PyPI, driven by the scripted model, through the commands of the docs.

Needs AGENTS_DIR, a folder with a virtual environment for each; `make test-agents` makes them.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from perfagent.tests.fakes.model_server import KEY, ModelServer, Received
from perfagent.tests.shop import Answer, Shop, lay_out_shop, snapshot

pytestmark = pytest.mark.agents

DOCS = Path(__file__).resolve().parents[2] / "docs" / "outside-agents.md"
FIX = """HYPOTHESIS: membership in a list is a scan; a set answers at once

deliveries/pairs.py
```
<<<<<<< SEARCH
    known = list(second)
=======
    known = set(second)
>>>>>>> REPLACE
```
"""
STEPS = (
    "THOUGHT: a set will do.\n\n```mswea_bash_command\n"
    "sed -i 's/known = list/known = set/' deliveries/pairs.py\n```",
    "THOUGHT: done.\n\n```mswea_bash_command\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT\n```",
)


def documented(agent: str) -> str:
    """Return the command that the docs give for an agent."""
    found = re.search(
        rf"<!-- agent: {agent}==\S+ -->\n```sh\n(.*?)```", DOCS.read_text(), re.DOTALL
    )
    assert found, f"{DOCS} has no command for {agent}"
    return found[1]


def mini_swe_agent(request: Received) -> str:
    return STEPS[min(sum(role == "assistant" for role, _ in request.messages), 1)]


def aider(request: Received) -> str:
    return FIX


SCRIPTS = {"mini-swe-agent": mini_swe_agent, "aider-chat": aider}


@pytest.fixture
def agents() -> Path:
    """The folder with an environment for each agent."""
    folder = os.environ.get("AGENTS_DIR")
    if not folder:
        pytest.skip("AGENTS_DIR is not set: run `make test-agents`")
    return Path(folder)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("agent", SCRIPTS)
def test_a_real_agent_s_patch_is_judged(agent: str, agents: Path, tmp_path: Path):
    shop: Shop = lay_out_shop(tmp_path, tmp_path / "cache")
    before = snapshot(shop.repo)
    script = tmp_path / "agent.sh"
    script.write_text(documented(agent))
    home = tmp_path / "home"
    home.mkdir()

    with ModelServer(SCRIPTS[agent]) as server:
        answer = shop.optimize(
            *("--proposer", "command", "--command", f"sh {script}"),
            *("--pass-env", "OPENAI_API_KEY", "--pass-env", "OPENAI_API_BASE"),
            *("--pass-env", "MODEL"),
            timeout=500,
            PATH=f"{agents / agent / 'bin'}:{os.environ['PATH']}",
            HOME=str(home),
            MODEL="scripted",
            OPENAI_API_KEY=KEY,
            OPENAI_API_BASE=server.base_url("openai:scripted"),
        )

    assert answer.status == 0, answer.err
    (candidate,) = answer.record["candidates"]
    assert (candidate["origin"], candidate["outcome"]) == ("command", "accepted")
    assert candidate["files"] == ["deliveries/pairs.py"]
    assert answer.record["speedup"]["ci_low"] > 2
    asked = server.requests[0].text
    assert "deliveries/pairs.py" in asked
    assert "def shared(first, second)" in asked
    assert snapshot(shop.repo) == before
    assert KEY not in answer.out + answer.err


def exported_at_once(shop: Shop, folder: Path) -> Answer:
    target = (str(shop.repo), str(shop.workload), "--python", sys.prefix)
    return shop.perfagent("openevolve", "export", *target, "--out", str(folder))


def exported_from_a_run(shop: Shop, folder: Path) -> Answer:
    ended = shop.optimize("--proposer", "rewrites", "--out", "run")
    assert ended.status in (0, 1), ended.err
    return shop.perfagent("export", "run", "--format", "openevolve", "--out", str(folder))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("export", [exported_at_once, exported_from_a_run])
def test_openevolve_evolves_and_its_champion_is_measured_again(
    export: Callable[[Shop, Path], Answer], agents: Path, tmp_path: Path
):
    shop: Shop = lay_out_shop(tmp_path, tmp_path / "cache")
    folder = tmp_path / "evolve"
    made = export(shop, folder)
    assert made.status == 0, made.err
    assert "# EVOLVE-BLOCK-START" in (folder / "initial_program.py").read_text()

    with ModelServer(aider) as server:
        done = subprocess.run(
            [
                *(agents / "openevolve/bin/openevolve-run", folder / "initial_program.py"),
                *(folder / "evaluator.py", "--config", folder / "config.yaml"),
                *("--output", folder / "out", "--iterations", "1"),
                *("--api-base", server.base_url("openai:x"), "--primary-model", "scripted"),
            ],
            cwd=tmp_path,
            env={**shop.environ, "OPENAI_API_KEY": KEY, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=800,
        )
    assert done.returncode == 0, done.stderr
    assert "known = list(second)" in server.requests[0].text

    best = folder / "out/best/best_program.py"
    assert "known = set(second)" in best.read_text(), done.stderr
    checked = shop.perfagent("openevolve", "check", str(folder), str(best), "--json")
    assert checked.status == 0, checked.err
    assert checked.record["speedup"]["ci_low"] > 2
