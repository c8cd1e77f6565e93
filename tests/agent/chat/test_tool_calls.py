"""Tool calls through the adapters: offered, asked for, answered, over both wire formats."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from perfagent.agent.chat.messages import Message, ToolCall, prompt_bound
from perfagent.agent.chat.models import ChatModel, Reply, reply_from_json
from perfagent.tests.fakes.model_server import Body, ModelServer, Text, Use
from perfagent.tools.investigate.toolbox import ToolSpec

QUESTION = [
    Message(role="system", content="Be brief.", reusable=True),
    Message(role="user", content="The question?"),
]
over_each_wire = pytest.mark.parametrize(
    "spec", ["openai:gpt-5", "anthropic:claude-opus-5", "openai-compatible:local"]
)

READ = ToolSpec(
    name="read_file",
    description="Returns a file's text.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}},
)


def ask_with_tools(model: ChatModel, *more: Message) -> Reply:
    return model.complete([*QUESTION, *more], tools=[READ], max_output_tokens=100, timeout_s=20)


@over_each_wire
def test_a_model_is_offered_the_tools_and_calls_two_of_them_at_once(spec: str) -> None:
    uses = [Use("read_file", {"path": "a.py"}), Use("read_file", {"path": "é.py"})]
    with ModelServer([Text("Let me look.", uses=uses)]) as server:
        reply = ask_with_tools(server.open(spec))
        (request,) = server.requests
    assert request.tools == ["read_file"]
    assert reply.text == "Let me look."
    assert reply.stop == "end"
    assert [call.name for call in reply.tool_calls] == ["read_file", "read_file"]
    assert [call.arguments() for call in reply.tool_calls] == [{"path": "a.py"}, {"path": "é.py"}]
    assert len({call.call_id for call in reply.tool_calls}) == 2
    assert reply_from_json(json.loads(json.dumps(asdict(reply)))) == reply


@over_each_wire
def test_what_tools_answered_reaches_the_model_under_the_calls_id(spec: str) -> None:
    uses = [Use("read_file", {"path": "a.py"}), Use("read_file", {"path": "b.py"})]
    with ModelServer([Text("", uses=uses), "done"]) as server:
        model = server.open(spec)
        reply = ask_with_tools(model)
        results = [
            Message(role="tool", content=f"text of {call.arguments_json}", answers=call.call_id)
            for call in reply.tool_calls
        ]
        later = Message(role="user", content="Go on.")
        ask_with_tools(model, reply.as_message(), *results, later)
        second = server.requests[1]
    ids = [call.call_id for call in reply.tool_calls]
    assert [call_id for call_id, _ in second.tool_results] == ids
    assert "b.py" in second.tool_results[1][1]
    assert second.last_user.endswith("Go on.")
    sent = next(m for m in second.body["messages"] if m["role"] == "assistant")
    if spec.startswith("anthropic"):
        kinds = [block["type"] for block in sent["content"]]
        assert kinds == ["thinking", "tool_use", "tool_use"], "signed reasoning goes back with it"
        assert sent["content"][1]["input"] == {"path": "a.py"}
        assert [block["type"] for block in second.body["messages"][2]["content"]] == [
            "tool_result",
            "tool_result",
            "text",
        ]
    else:
        assert json.loads(sent["tool_calls"][1]["function"]["arguments"]) == {"path": "b.py"}


def test_arguments_that_are_no_json_are_kept_and_never_sent_back_as_such() -> None:
    uses = [Use("read_file", '{"path": "a.py'), Use("read_file", "[1]"), Use("read_file", "")]
    with ModelServer([Text("", uses=uses), "done"]) as server:
        model = server.open("openai-compatible:m")
        reply = ask_with_tools(model)
        answers = [Message(role="tool", content="?", answers=c.call_id) for c in reply.tool_calls]
        ask_with_tools(model, reply.as_message(), *answers)
        sent = server.requests[1].body["messages"][2]["tool_calls"]
    assert [call.arguments() for call in reply.tool_calls] == [None, None, {}]
    assert [json.loads(call["function"]["arguments"]) for call in sent] == [
        {"not_a_json_object": '{"path": "a.py'},
        {"not_a_json_object": "[1]"},
        {},
    ]


def test_calls_without_ids_or_with_equal_ones_are_told_apart() -> None:
    uses = [Use("read_file", call_id=""), Use("read_file", call_id="x"), Use("other", call_id="x")]
    with ModelServer([Text("", uses=uses)]) as server:
        reply = ask_with_tools(server.open("openai-compatible:m"))
    assert len({call.call_id for call in reply.tool_calls}) == 3
    assert all(call.call_id for call in reply.tool_calls)


def test_a_server_that_sends_reasoning_with_its_calls_gets_it_back() -> None:
    call = {"id": "c", "function": {"name": "read_file", "arguments": {"path": "a.py"}}}
    answer = {
        "role": "assistant",
        "content": None,
        "reasoning_content": "hm",
        "tool_calls": [{**call, "extra_content": {"signature": "s"}}],
    }
    body = {"choices": [{"message": answer, "finish_reason": "tool_calls"}], "model": "m"}
    with ModelServer([Body(json.dumps(body).encode()), "done"]) as server:
        model = server.open("openai-compatible:m")
        reply = ask_with_tools(model)
        result = Message(role="tool", content="text", answers="c")
        ask_with_tools(model, reply.as_message(), result)
        sent = server.requests[1].body["messages"][2]
    assert reply.tool_calls[0].arguments() == {"path": "a.py"}
    assert sent["reasoning_content"] == "hm"
    assert sent["tool_calls"][0]["extra_content"] == {"signature": "s"}


def test_tools_calls_and_their_answers_count_towards_the_bound_of_the_prompt() -> None:
    call = ToolCall(call_id="c", name="read_file", arguments_json='{"path": "a.py"}')
    asked = Message(role="assistant", content="", tool_calls=(call,), carried="x" * 400)
    answered = Message(role="tool", content="word " * 200, answers="c")
    bare = prompt_bound(QUESTION)
    assert prompt_bound(QUESTION, [READ]) > bare + 1000
    assert prompt_bound([*QUESTION, asked]) > bare + 200
    assert prompt_bound([*QUESTION, asked, answered]) > bare + 400
