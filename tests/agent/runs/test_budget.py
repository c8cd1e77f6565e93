from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfagent.agent.chat.prices import PRICES, Price, price_of, token_bound
from perfagent.agent.runs.budget import Budget, Spend

UNLIMITED = Budget(max_usd=None, max_tokens=None, max_wall_s=None, max_rounds=100)
DEAR = Price(input_usd=10, output_usd=50, cache_read_usd=1, cache_write_usd=12.5)


def test_spends_add_up_and_an_unknown_price_stays_unknown() -> None:
    one = Spend(rounds=1, usd=0.5, tokens=10, wall_s=1.5, model_calls=1)
    assert one + one == Spend(rounds=2, usd=1.0, tokens=20, wall_s=3.0, model_calls=2)
    assert (one + Spend(usd=None)).usd is None
    assert (Spend(usd=None) + one).usd is None


def test_a_spend_survives_json() -> None:
    for spend in (Spend(), Spend(rounds=1, usd=None, tokens=3, wall_s=0.25, model_calls=2)):
        assert Spend.from_json(json.loads(json.dumps(spend.to_json()))) == spend


@pytest.mark.parametrize("wrong", [{"tokens": -1}, {"usd": -0.1}, {"wall_s": float("nan")}])
def test_a_negative_spend_cannot_win_budget_back(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="negative"):
        Spend(**wrong)  # pyright: ignore[reportArgumentType]


def test_a_negative_budget_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Budget(max_usd=-1, max_tokens=None, max_wall_s=None, max_rounds=1)


@pytest.mark.parametrize(
    ("budget", "spend", "reason"),
    [
        (Budget(max_usd=None, max_tokens=None, max_wall_s=None, max_rounds=0), Spend(), "0 rounds"),
        (UNLIMITED, Spend(rounds=100), "all 100 rounds"),
        (UNLIMITED, Spend(rounds=99, tokens=10**9, usd=1e6, wall_s=1e6), None),
        (Budget(max_usd=1, max_tokens=None, max_wall_s=None, max_rounds=9), Spend(usd=1), "$1.00"),
        (Budget(max_usd=1, max_tokens=None, max_wall_s=None, max_rounds=9), Spend(usd=None), None),
        (Budget(max_usd=None, max_tokens=9, max_wall_s=None, max_rounds=9), Spend(tokens=9), "9"),
        (Budget(max_usd=None, max_tokens=9, max_wall_s=None, max_rounds=9), Spend(tokens=8), None),
        (Budget(max_usd=None, max_tokens=None, max_wall_s=5, max_rounds=9), Spend(wall_s=5), "5 s"),
    ],
)
def test_a_limit_that_is_used_up_is_named(budget: Budget, spend: Spend, reason: str | None) -> None:
    said = budget.exhausted(spend)
    assert (said is None) if reason is None else (said is not None and reason in said)


def test_a_call_is_made_only_if_the_most_it_can_use_fits() -> None:
    budget = Budget(max_usd=None, max_tokens=1000, max_wall_s=None, max_rounds=1)
    fits = {"prompt_tokens": 300, "max_output_tokens": 200, "price": None}
    assert budget.allows(Spend(tokens=500), **fits) is None
    assert "500 tokens and 499 are left" in str(budget.allows(Spend(tokens=501), **fits))


def test_money_is_reckoned_as_if_the_whole_prompt_were_written_to_the_cache() -> None:
    budget = Budget(max_usd=0.0135, max_tokens=None, max_wall_s=None, max_rounds=1)
    call = {"prompt_tokens": 1000, "max_output_tokens": 20, "price": DEAR}
    assert budget.allows(Spend(), **call) is None
    assert "$0.0135" in str(budget.allows(Spend(usd=0.0001), **call))


def test_a_money_budget_never_pays_an_unknown_price() -> None:
    budget = Budget(max_usd=5, max_tokens=None, max_wall_s=None, max_rounds=1)
    call = {"prompt_tokens": 1, "max_output_tokens": 1}
    assert "price is unknown" in str(budget.allows(Spend(), price=None, **call))
    assert "price is unknown" in str(budget.allows(Spend(usd=None), price=DEAR, **call))
    assert UNLIMITED.allows(Spend(usd=None), price=None, **call) is None


def test_no_call_begins_after_the_time_is_up() -> None:
    budget = Budget(max_usd=None, max_tokens=None, max_wall_s=60, max_rounds=1)
    call = {"prompt_tokens": 1, "max_output_tokens": 1, "price": None}
    assert budget.allows(Spend(wall_s=59), **call) is None
    assert "time budget of 60 s" in str(budget.allows(Spend(wall_s=60), **call))


@given(
    prompt=st.integers(0, 10**6),
    output=st.integers(0, 10**6),
    read=st.integers(0, 10**6),
    written=st.integers(0, 10**6),
)
def test_no_use_of_the_cache_costs_more_than_was_reckoned_with(
    prompt: int, output: int, read: int, written: int
) -> None:
    read = min(read, prompt)
    written = min(written, prompt - read)
    for price in PRICES.values():
        cost = price.cost_usd(
            input_tokens=prompt,
            output_tokens=output,
            cache_read_tokens=read,
            cache_write_tokens=written,
        )
        most = price.most_usd(prompt_tokens=prompt, output_tokens=output)
        assert cost <= most * (1 + 1e-12)


def test_a_dated_snapshot_costs_what_its_family_costs() -> None:
    assert price_of("openai:gpt-5-2025-08-07") == PRICES["openai:gpt-5"]
    assert price_of("anthropic:claude-opus-4-5-20251101") == PRICES["anthropic:claude-opus-4-5"]


@pytest.mark.parametrize(
    "name",
    [
        "openai:gpt-5-pro",
        "openai:gpt-55",
        "openai:gpt-5-mini-audio",
        "anthropic:gpt-5",
        "openai-compatible:gpt-5",
        "gpt-5",
    ],
)
def test_a_price_is_never_guessed_from_a_similar_name(name: str) -> None:
    assert price_of(name) is None


def test_the_users_own_price_wins() -> None:
    assert price_of("openai:gpt-5", {"openai:gpt-5": DEAR}) == DEAR
    assert price_of("openai-compatible:mine", {"openai-compatible:mine": DEAR}) == DEAR


# Counted with cl100k_base, the tokenizer of GPT-4.
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("    for code in codes:\n        if code in seen:\n            return None\n", 16),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("0123456789" * 20, 67),
        ("qjxzvkwpfmdbhgtlcynsr" * 5, 55),
        ("性能优化", 4),
        ("\n\n\n    \t\t", 2),
        ("a1B2c3D4e5F6g7H8", 16),
    ],
)
def test_a_text_never_has_more_tokens_than_its_bound(text: str, tokens: int) -> None:
    assert tokens <= token_bound(text) <= 4 * tokens + 1
