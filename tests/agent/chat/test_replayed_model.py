"""Recorded models, and which of several models is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.agent.chat.ensemble import weights
from perfagent.agent.chat.journal import CallJournal
from perfagent.agent.chat.messages import Message
from perfagent.agent.chat.models import ModelRefused, Reply
from perfagent.agent.chat.replayed_model import Recording, ReplayedModel
from perfagent.errors import UserError
from perfagent.settings import Settings
from perfagent.tests.fakes.model_server import ModelServer, Text, Use

SYSTEM = Message(role="system", content="Be brief.")


def opening(task: str, case: str = "It took 3.2 s.") -> list[Message]:
    return [SYSTEM, Message(role="user", content=case), Message(role="user", content=task)]


def recorded(folder: Path) -> list[Reply]:
    """Record a conversation with a tool call, and another."""
    steps = [Text("", uses=[Use("read_file", {"path": "a"})]), "the change", "another", Text("")]
    journal = CallJournal(folder / "calls")
    with ModelServer(steps) as server:
        model = server.open("openai:gpt-5")

        def ask(messages: list[Message]) -> Reply:
            return journal.complete(model, messages, max_output_tokens=100, timeout_s=200)

        first = ask(opening("algorithm"))
        answer = Message(role="tool", content="2 calls", answers=first.tool_calls[0].call_id)
        second = ask([*opening("algorithm"), first.as_message(), answer])
        third = ask(opening("batch"))
        with pytest.raises(ModelRefused):
            ask(opening("empty"))
    return [first, second, third]


@pytest.fixture
def replayed(tmp_path: Path) -> tuple[ReplayedModel, list[Reply], list[str]]:
    replies = recorded(tmp_path)
    told: list[str] = []
    model = ReplayedModel(
        name="openai:gpt-5",
        recording=Recording.read(tmp_path),
        on_departure=lambda text: told.append(text),
    )
    return model, replies, told


Replayed = tuple[ReplayedModel, list[Reply], list[str]]


def ask(model: ReplayedModel, messages: list[Message]) -> Reply:
    return model.complete(messages, max_output_tokens=100, timeout_s=20)


def test_a_recording_answers_by_the_conversation_not_by_the_order_of_calls(
    replayed: Replayed,
) -> None:
    model, (first, second, third), told = replayed
    assert ask(model, opening("batch", "It took 4.0 s.")) == third
    assert ask(model, opening("algorithm", "It took 11 s.")) == first
    answer = Message(role="tool", content="37 calls", answers="any")
    assert ask(model, [*opening("algorithm"), first.as_message(), answer]) == second
    assert told == []
    with pytest.raises(ModelRefused, match="the answer is empty"):
        ask(model, opening("empty"))


def test_a_prompt_in_other_words_is_answered_and_told(replayed: Replayed) -> None:
    model, (first, *_), told = replayed
    assert ask(model, opening("algorithm", "It took for ever.")) == first
    assert told == [
        "replay: message 2 (user), line 1 differs from the recording: "
        "'It took # s.' then, 'It took for ever.' now"
    ]


def test_a_conversation_that_was_never_held_is_refused_where_it_departs(
    replayed: Replayed,
) -> None:
    model, (first, *_), _ = replayed
    with pytest.raises(ModelRefused, match=r"has no answer to this.*at the task 'invent'"):
        ask(model, opening("invent"))
    said = Message(role="assistant", content="something else")
    with pytest.raises(ModelRefused, match="departs from it before reply 2"):
        ask(model, [*opening("algorithm"), said, Message(role="user", content="Go on.")])
    ask(model, opening("algorithm"))
    with pytest.raises(ModelRefused, match="has no answer"):
        ask(model, opening("algorithm"))
    assert first.tool_calls


def test_a_folder_without_calls_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no answered model calls there"):
        Recording.read(tmp_path)


def test_models_have_weights_and_roles_fall_back_on_the_common_ones() -> None:
    settings = Settings.model_validate(
        {"model": ["openai:a=2", "anthropic:b"], "repair_model": "openai:c"}
    )
    assert weights(settings, "code") == [("openai:a", 2.0), ("anthropic:b", 1.0)]
    assert weights(settings, "plan") == weights(settings, "code")
    assert weights(settings, "repair") == [("openai:c", 1.0)]


@pytest.mark.parametrize("entry", ["openai:a=0", "openai:a=much", "=2", "openai:a=nan"])
def test_a_weight_that_is_none_is_refused(entry: str) -> None:
    with pytest.raises(UserError, match=r"--model .*WEIGHT"):
        weights(Settings(model=[entry]), "code")
