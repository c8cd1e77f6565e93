"""A run killed anywhere goes on where it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

from perfagent.tests.fakes.model_server import KEY, ModelServer, Text
from perfagent.tests.shop import Shop, snapshot

GOOD = """HYPOTHESIS: a set makes each search constant.

deliveries/pairs.py
<<<<<<< SEARCH
    known = list(second)
=======
    known = set(second)
>>>>>>> REPLACE
"""
STEPS = ("prepare", "profile", "propose", "validate", "decide", "conclude")


def events(run: Path) -> list[dict]:
    path = run / "trajectory.jsonl"
    if not path.exists():
        return []
    return [
        json.loads(line) for line in path.read_text().splitlines(keepends=True) if line[-1:] == "\n"
    ]


def arrived(run: Path, step: str) -> bool:
    return any(event["event"] == "stage" and event["stage"] == step for event in events(run))


def start(shop: Shop, run: Path, words: tuple[str, ...], environ: dict[str, str]):
    return subprocess.Popen(
        shop.argv("optimize", str(shop.repo), str(shop.workload), "--out", str(run), *words),
        cwd=shop.folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def until(condition, what: str, limit_s: float = 120) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"never saw: {what}"
        time.sleep(0.02)


def test_sigkill_at_every_step_then_resume_gives_the_same_patch_and_pays_no_call_twice(shop: Shop):
    before = snapshot(shop.repo)
    run = shop.folder / "run"
    with ModelServer(lambda request: Text(GOOD)) as server:
        environ = {**shop.environ, "OPENAI_API_KEY": KEY}
        words = (
            *("--python", shop.argv()[0], "--max-rounds", "1", "--max-pairs", "5"),
            *("--proposer", "llm", "--model", "openai:gpt-test"),
            *("--base-url", server.base_url("openai")),
        )
        process = start(shop, run, words, environ)
        for step in STEPS:
            until(lambda step=step: arrived(run, step), step)
            time.sleep(0.3)
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGKILL)
            process.wait()
            _, alive = psutil.wait_procs(children, timeout=5)
            assert alive == [], f"left behind when killed at {step}: {alive}"
            process = subprocess.Popen(
                shop.argv("resume", str(run)),
                cwd=shop.folder,
                env=environ,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        assert process.wait(timeout=240) == 0
        asked = len(server.requests)

    names = [path.name.split(".") for path in (run / "calls").iterdir()]
    answered = sum(parts[1:] == ["json"] for parts in names)
    # A kill while a reply is on the wire: nobody can have it, and the journal counts it as lost.
    lost = sum(parts[1].startswith("lost-") for parts in names if len(parts) > 2)
    assert asked <= answered + lost, "a model call that was answered was paid twice"
    assert "known = set(second)" in (run / "patch.diff").read_text()
    assert snapshot(shop.repo) == before


def test_ctrl_c_keeps_the_run_and_prints_how_to_go_on(shop: Shop):
    run = shop.folder / "run"
    process = subprocess.Popen(
        shop.argv(
            *("optimize", str(shop.repo), str(shop.workload), "--out", str(run)),
            *("--python", shop.argv()[0], "--max-rounds", "1", "--max-pairs", "5"),
        ),
        cwd=shop.folder,
        env=shop.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: arrived(run, "validate"), "validate")
    children = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert f"perfagent resume {run}" in err.splitlines()[-1]
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == []
    assert shop.perfagent("resume", str(run), "--json").status == 0
