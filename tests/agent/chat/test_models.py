from __future__ import annotations

import logging
import time
import traceback

import pytest

from perfagent.agent.chat.messages import Message, in_turns, prompt_bound
from perfagent.agent.chat.models import (
    ChatModel,
    ModelRefused,
    Reply,
    TransientModelError,
    open_model,
)
from perfagent.errors import UserError
from perfagent.tests.fakes.model_server import (
    KEY,
    Body,
    Cut,
    Hang,
    ModelServer,
    Status,
    Step,
    Text,
    Trickle,
)

SPECS = ("openai:gpt-5", "anthropic:claude-opus-5", "openai-compatible:local")
QUESTION = [
    Message(role="system", content="Be brief.", reusable=True),
    Message(role="user", content="The facts.", reusable=True),
    Message(role="user", content="The question?"),
]

pytestmark = pytest.mark.parametrize("spec", SPECS)


def ask(model: ChatModel, *, timeout_s: float = 20, max_output_tokens: int = 100) -> Reply:
    return model.complete(QUESTION, max_output_tokens=max_output_tokens, timeout_s=timeout_s)


def failure(spec: str, step: Step, *, timeout_s: float = 20) -> Exception:
    with ModelServer([step]) as server:
        with pytest.raises((TransientModelError, ModelRefused)) as caught:
            ask(server.open(spec), timeout_s=timeout_s)
        assert len(server.requests) == 1, "nothing may be retried behind the graph's back"
    return caught.value


def test_an_answer_comes_back_with_its_tokens(spec: str) -> None:
    with ModelServer([Text("Forty-two.", input_tokens=1000, output_tokens=50)]) as server:
        reply = ask(server.open(spec))
        (request,) = server.requests
    assert reply.text == "Forty-two."
    assert (reply.input_tokens, reply.output_tokens) == (1000, 50)
    assert reply.stop == "end"
    assert reply.usage_known
    assert reply.model == spec.partition(":")[2]
    assert request.messages[0] == ("system", "Be brief.")
    assert request.messages[1:] == [("user", "The facts.\n\nThe question?")]
    assert request.max_output_tokens == 100
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_cached_prompt_tokens_are_charged_at_their_own_price(spec: str) -> None:
    step = Text("ok", input_tokens=1000, output_tokens=10, cached_tokens=600, written_tokens=300)
    with ModelServer([step]) as server:
        reply = ask(server.open(spec))
    assert reply.input_tokens == 1000
    expected = {
        "openai:gpt-5": (100 * 1.25 + 600 * 0.125 + 300 * 1.25 + 10 * 10) / 1e6,
        "anthropic:claude-opus-5": (100 * 5 + 600 * 0.5 + 300 * 6.25 + 10 * 25) / 1e6,
        "openai-compatible:local": None,
    }[spec]
    assert reply.usd == (expected if expected is None else pytest.approx(expected))


def test_only_anthropic_is_asked_to_cache_the_reusable_part(spec: str) -> None:
    with ModelServer(["ok"]) as server:
        ask(server.open(spec))
        (request,) = server.requests
    if spec.startswith("anthropic"):
        marks = ["cache_control" in block for block in request.body["messages"][0]["content"]]
        assert marks == [True, False]
        assert "cache_control" in request.body["system"][0]
    else:
        assert "cache_control" not in str(request.body)


def test_a_long_conversation_asks_for_no_more_caching_than_there_is(spec: str) -> None:
    conversation = [
        Message(role="user" if n % 2 == 0 else "assistant", content=f"turn {n}", reusable=True)
        for n in range(9)
    ]
    with ModelServer(["ok"]) as server:
        server.open(spec).complete(conversation, max_output_tokens=9, timeout_s=20)
        (request,) = server.requests
    if spec.startswith("anthropic"):
        turns = [turn["content"][0] for turn in request.body["messages"]]
        marked = [turn["text"] for turn in turns if "cache_control" in turn]
        assert marked == ["turn 0", "turn 6", "turn 7", "turn 8"]


def test_an_answer_that_was_cut_off_at_the_limit_says_so(spec: str) -> None:
    with ModelServer([Text("half an ans", stop="length"), Text("", stop="length")]) as server:
        model = server.open(spec)
        assert ask(model).stop == "length"
        assert ask(model).text == ""


def test_a_refusal_is_told_from_an_answer(spec: str) -> None:
    with ModelServer([Text("I cannot help.", stop="refusal")]) as server:
        assert ask(server.open(spec)).stop == "refusal"


def test_a_provider_that_counts_no_tokens_is_charged_with_the_most(spec: str) -> None:
    with ModelServer([Text("ok", with_usage=False)]) as server:
        reply = ask(server.open(spec))
    assert not reply.usage_known
    assert reply.input_tokens == prompt_bound(QUESTION)
    assert reply.output_tokens == 100


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_a_busy_provider_is_worth_asking_again(spec: str, status: int) -> None:
    error = failure(spec, Status(status, headers={"retry-after": "7"}))
    assert isinstance(error, TransientModelError)
    assert error.retry_after_s == 7
    assert not error.maybe_billed
    assert str(status) in str(error)


def test_a_wait_in_milliseconds_is_understood(spec: str) -> None:
    error = failure(spec, Status(429, headers={"retry-after-ms": "1500", "retry-after": "9"}))
    assert isinstance(error, TransientModelError)
    assert error.retry_after_s == 1.5


@pytest.mark.parametrize("step", [Cut(), Cut(b'{"id": '), Hang(), Trickle()])
def test_an_answer_that_never_arrives_may_have_been_billed(spec: str, step: Step) -> None:
    begin = time.monotonic()
    error = failure(spec, step, timeout_s=0.4)
    assert isinstance(error, TransientModelError)
    assert error.maybe_billed
    assert time.monotonic() - begin < 10, "the call is bounded however slowly the answer trickles"


def test_a_server_that_is_not_there_is_named_and_bills_nothing(spec: str) -> None:
    environ = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
    model = open_model(spec, base_url="http://someone:secret@127.0.0.1:1/v1", environ=environ)
    with pytest.raises(TransientModelError, match=r"127\.0\.0\.1:1 failed") as caught:
        ask(model)
    assert not caught.value.maybe_billed
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "advice"),
    [(401, "check the key in"), (403, "may not use this model"), (404, "--base-url")],
)
def test_what_the_user_can_mend_says_how(spec: str, status: int, advice: str) -> None:
    error = failure(spec, Status(status))
    assert isinstance(error, ModelRefused)
    assert error.user_must_act
    assert advice in str(error)


def test_an_empty_account_is_not_mistaken_for_a_busy_provider(spec: str) -> None:
    error = failure(spec, Status(429, "You exceeded your current quota", "insufficient_quota"))
    assert isinstance(error, ModelRefused)
    assert error.user_must_act
    assert "add credit" in str(error)


def test_a_request_the_provider_will_not_take_is_not_repeated(spec: str) -> None:
    error = failure(spec, Status(400, "prompt is too long: 300000 tokens"))
    assert isinstance(error, ModelRefused)
    assert not error.answered
    assert "prompt is too long" in str(error)


@pytest.mark.parametrize(
    "step",
    [
        Body(b"{nope"),
        Body(b"[]"),
        Body(b'{"choices": 3, "content": 3}'),
        Body(b'{"choices": [{"message": null}], "content": [{"type": 1}]}'),
        Body(b"<html>welcome to the hotel</html>", content_type="text/html"),
        Body(b"\xff\xfe\x00", content_type="application/octet-stream"),
    ],
)
def test_a_malformed_answer_is_refused_as_paid(spec: str, step: Step) -> None:
    error = failure(spec, step)
    assert isinstance(error, ModelRefused)
    assert error.answered
    assert error.spend is None, "what it cost is not known"


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_answer_is_refused_with_what_it_cost(spec: str, text: str) -> None:
    error = failure(spec, Text(text, input_tokens=30, output_tokens=2))
    assert isinstance(error, ModelRefused)
    assert error.answered
    assert error.spend is not None
    assert error.spend.tokens == 32
    assert error.spend.model_calls == 1


@pytest.mark.parametrize(
    "step",
    [
        Status(401, f"Incorrect API key provided: {KEY}"),
        Status(500, f"upstream refused Bearer {KEY}"),
        Status(400, KEY),
        Cut(),
        Body(KEY.encode()),
    ],
)
def test_the_key_is_in_no_exception_or_log(
    spec: str, step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        error = failure(spec, step)
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
    assert KEY not in shown
    assert KEY not in caplog.text


def test_the_key_is_in_no_description_of_a_model_and_no_reply(spec: str) -> None:
    with ModelServer([f"your key is {KEY}"]) as server:
        model = server.open(spec)
        assert KEY not in repr(model)
        assert KEY not in str(model)
        assert KEY not in ask(model).text


def test_a_model_is_known_by_provider_and_name(spec: str) -> None:
    environ = {"OPENAI_API_KEY": "k" * 20, "ANTHROPIC_API_KEY": "k" * 20}
    model = open_model(spec, base_url="http://127.0.0.1:9/v1", environ=environ)
    assert model.name == spec
    assert (model.price is None) == spec.startswith("openai-compatible")


def test_a_missing_key_is_named(spec: str) -> None:
    if spec.startswith("openai-compatible"):
        with ModelServer(["ok"]) as server:
            model = open_model(spec, base_url=server.base_url(spec), environ={})
            assert ask(model).text == "ok"
        return
    variable = f"{spec.partition(':')[0].upper()}_API_KEY"
    for environ in ({}, {variable: " "}):
        with pytest.raises(UserError, match=variable):
            open_model(spec, base_url=None, environ=environ)


def test_a_key_with_strange_characters_is_refused_without_showing_it(spec: str) -> None:
    if spec.startswith("openai-compatible"):
        pytest.skip("takes any key")
    environ = {"OPENAI_API_KEY": "schlüssel-geheim", "ANTHROPIC_API_KEY": "schlüssel-geheim"}
    with pytest.raises(UserError) as caught:
        open_model(spec, base_url=None, environ=environ)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://a b", "http://h:x"]
)
def test_a_malformed_address_is_refused_before_anything_is_sent(spec: str, url: str) -> None:
    environ = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
    with pytest.raises(UserError, match="--base-url"):
        open_model(spec, base_url=url, environ=environ)


def test_a_model_that_is_none_is_refused_with_what_there_is(spec: str) -> None:
    provider = spec.partition(":")[0]
    for wrong in (f"x{spec}", provider, f"{provider}:", f"{provider}: "):
        with pytest.raises(UserError, match="openai:NAME"):
            open_model(wrong, base_url=None, environ={})


def test_a_compatible_server_never_sees_openai_account_headers(
    spec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-mine")
    with ModelServer(["ok"]) as server:
        ask(server.open(spec))
        (request,) = server.requests
    assert ("org-mine" in str(request.headers)) == (spec == "openai:gpt-5")


def test_the_name_of_the_token_limit_suits_the_server(spec: str) -> None:
    with ModelServer(["ok"]) as server:
        ask(server.open(spec))
        (request,) = server.requests
    name = "max_completion_tokens" if spec == "openai:gpt-5" else "max_tokens"
    assert request.body[name] == 100


def test_messages_without_text_are_not_sent(spec: str) -> None:
    conversation = [
        Message(role="user", content="a"),
        Message(role="assistant", content=" "),
        Message(role="user", content="b"),
    ]
    assert [len(turn) for turn in in_turns(conversation)] == [2]
    with ModelServer(["ok"]) as server:
        server.open(spec).complete(conversation, max_output_tokens=9, timeout_s=20)
        assert server.requests[0].messages == [("user", "a\n\nb")]
