"""Runs with a language model: the real SDKs against a scripted server on loopback."""

from __future__ import annotations

import pytest

from perfagent.tests.fakes.model_server import KEY, Body, Cut, ModelServer, Status, Text
from perfagent.tests.shop import Shop, snapshot

GOOD = """HYPOTHESIS: `shared` searches a list for every number; a set makes each search constant.

deliveries/pairs.py
<<<<<<< SEARCH
    known = list(second)
=======
    known = set(second)
>>>>>>> REPLACE
"""
NONSENSE = "I would suggest buying a faster computer."
WRONG = GOOD.replace("set(second)", "set(first)")
SLOWER = GOOD.replace("set(second)", "[n for n in second for _ in range(2)]")
TO_THE_TESTS = """HYPOTHESIS: tests are slow.

tests/test_pairs.py
<<<<<<< SEARCH
def test_total():
=======
def no_test_total():
>>>>>>> REPLACE
"""
BROKEN_SYNTAX = GOOD.replace("set(second)", "set(second")
CHEATING = GOOD.replace(
    "    known = set(second)\n", "    import time\n    time.perf_counter = lambda: 0.0\n"
)


def run_with(shop: Shop, server: ModelServer, provider: str, *words: str):
    model = {"openai": "openai:gpt-test", "anthropic": "anthropic:claude-test"}[provider]
    key = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}[provider]
    return shop.optimize(
        *("--proposer", "llm", "--model", model, "--base-url", server.base_url(provider)),
        # What else the machine does matters less to CPU time.
        *("--max-rounds", "1", "--metric", "cpu"),
        *words,
        **{key: KEY},
    )


@pytest.mark.parametrize("provider", ["anthropic", pytest.param("openai", marks=pytest.mark.long)])
def test_model_that_knows_the_fix_gets_it_accepted(shop: Shop, provider: str):
    with ModelServer(lambda request: Text(GOOD)) as server:
        answer = run_with(shop, server, provider)

    assert answer.status == 0, answer.err
    assert answer.record["speedup"]["ci_low"] > 1.5
    assert "shared" in server.requests[0].last_user
    assert answer.record["spend"]["tokens"] > 0
    kept = "".join(
        path.read_text(errors="replace")
        for path in (shop.folder / "state").rglob("*")
        if path.is_file()
    )
    assert KEY not in kept
    assert KEY not in answer.out + answer.err


@pytest.mark.parametrize(
    ("script", "stage"),
    [
        (Text(NONSENSE), "propose"),
        pytest.param(Text(""), "propose", marks=pytest.mark.long),
        pytest.param(Text(WRONG), "covering tests", marks=pytest.mark.long),
        pytest.param(Text(SLOWER), "quick timing", marks=pytest.mark.long),
        pytest.param(Text(TO_THE_TESTS), "in scope", marks=pytest.mark.long),
        pytest.param(Text(BROKEN_SYNTAX), "propose", marks=pytest.mark.long),
        pytest.param(Text(CHEATING), "honest", marks=pytest.mark.long),
        (Status(401), "propose"),
        pytest.param(Body(b"{not json"), "propose", marks=pytest.mark.long),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_model_costs_a_rejection_with_a_reason_and_nothing_else(shop: Shop, script, stage):
    before = snapshot(shop.repo)

    with ModelServer(lambda request: script) as server:
        answer = run_with(shop, server, "openai")

    assert answer.status == 1, answer.err
    assert answer.record["patch"] is None
    assert {candidate["stage"] for candidate in answer.record["candidates"]} == {stage}
    assert all(candidate["reason"] for candidate in answer.record["candidates"])
    assert snapshot(shop.repo) == before


@pytest.mark.parametrize("failure", [Status(429), Status(500), Cut()], ids=["429", "500", "cut"])
@pytest.mark.long
def test_provider_that_recovers_is_asked_again(shop: Shop, failure):
    failed: set[str] = set()

    def once_each(request):
        if request.last_user not in failed:
            failed.add(request.last_user)
            return failure
        return Text(GOOD)

    with ModelServer(once_each) as server:
        answer = run_with(shop, server, "openai")

    assert answer.status == 0, answer.err


@pytest.mark.long
def test_provider_that_stays_down_is_a_reason_not_a_crash(shop: Shop):
    with ModelServer(lambda request: Status(500)) as server:
        answer = run_with(shop, server, "openai")

    assert answer.status == 1, answer.err
    assert {candidate["stage"] for candidate in answer.record["candidates"]} == {"propose"}


def test_token_budget_is_never_passed(shop: Shop):
    with ModelServer(lambda request: Text(NONSENSE)) as server:
        answer = run_with(shop, server, "openai", "--max-tokens", "9000")

    assert answer.record["spend"]["tokens"] <= 9000


def test_outside_agent_works_in_a_worktree_and_its_diff_is_judged(shop: Shop):
    before = snapshot(shop.repo)
    command = "sed -i 's/known = list/known = set/' deliveries/pairs.py"

    answer = shop.optimize("--proposer", "command", "--command", command, "--metric", "cpu")

    assert answer.status == 0, answer.err
    assert answer.record["candidates"][0]["origin"] == "command"
    assert snapshot(shop.repo) == before
