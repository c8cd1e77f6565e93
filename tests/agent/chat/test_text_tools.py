"""The plain-text way to call tools: what models write is understood, and what is none is left."""

from __future__ import annotations

import pytest

from perfagent.agent.chat.messages import TOKENS_FOR_TOOLS, Message, ToolCall, prompt_bound
from perfagent.agent.chat.models import Reply
from perfagent.agent.chat.prices import token_bound
from perfagent.agent.chat.text_tools import as_text, described, with_calls
from perfagent.tests.fakes.scratch_tools import spec

TOOLS = [spec("read_file", "path"), spec("edit", "path", "text")]


def reply(text: str, stop: str = "end") -> Reply:
    return Reply(
        text=text,
        input_tokens=1,
        output_tokens=1,
        usd=None,
        stop=stop,  # pyright: ignore[reportArgumentType]
        model="m",
    )


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "read_file", "arguments": {"path": "a.py"}}</tool_call>',
        'First I look.\n<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n',
        '<tool_call>\n```json\n{"tool": "read_file", "args": {"path": "a.py"}}\n```\n</tool_call>',
        '<function_call>{"function": {"name": "read_file", "arguments": {"path": "a.py"}}}'
        "</function_call>",
        '<tool_call>{"name": "read_file", "arguments": "{\\"path\\": \\"a.py\\"}"}</tool_call>',
        '<tool_call>{"name": "read_file", "arguments": {"path": "a.py"}}\n<tool_result>x = 1',
        'So:\n```json\n{"name": "read_file", "parameters": {"path": "a.py"}}\n```\nI wait.',
        '<tool_call>{"name": "read_file", "arguments": {"path": "a.py"}}</tool_call>\n'
        '<tool_call>{"name": "edit", "arguments": {}}</tool_call>',
    ],
)
def test_a_call_is_found_however_it_is_written_and_only_the_first(text: str) -> None:
    found = with_calls(reply(text), TOOLS, label="call_2")
    assert [(call.name, call.arguments()) for call in found.tool_calls] == [
        ("read_file", {"path": "a.py"})
    ]
    assert "tool_call" not in found.text
    assert "x = 1" not in found.text


def test_text_with_line_breaks_that_are_not_escaped_is_an_argument() -> None:
    text = '<tool_call>{"name": "edit", "arguments": {"text": "a\n  b"}}</tool_call>'
    (call,) = with_calls(reply(text), TOOLS, label="c").tool_calls
    assert call.arguments() == {"text": "a\n  b"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('<tool_call>{"name": "read_file", "arguments": {"path": </tool_call>', "read_file"),
        ("<tool_call>read_file(a.py)</tool_call>", ""),
    ],
)
def test_a_call_that_cannot_be_read_is_a_call_all_the_same(text: str, name: str) -> None:
    (call,) = with_calls(reply(text), TOOLS, label="c").tool_calls
    assert call.name == name
    assert call.arguments() is None


@pytest.mark.parametrize(
    "text",
    ["HYPOTHESIS: none", '```json\n{"name": "Ada", "arguments": {}}\n```', "```python\nx\n```"],
)
def test_json_that_names_no_tool_is_no_call(text: str) -> None:
    assert with_calls(reply(text), TOOLS, label="c").tool_calls == ()


def test_a_call_that_is_whole_counts_although_the_model_wrote_on_until_it_was_cut_off() -> None:
    whole = '<tool_call>{"name": "edit", "arguments": {"path": "a"}}</tool_call> and then'
    assert with_calls(reply(whole, "length"), TOOLS, label="c").stop == "end"
    cut = '<tool_call>{"name": "edit", "arguments": {"path": "a'
    assert with_calls(reply(cut, "length"), TOOLS, label="c").stop == "length"


def test_what_the_protocol_adds_is_within_the_bound_that_the_budget_goes_by() -> None:
    call = ToolCall(call_id="c0", name="read_file", arguments_json='{"path": "é\\n"}')
    conversation = [
        Message(role="system", content="Be brief."),
        Message(role="user", content="Go."),
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="x = 1", answers="c0"),
    ]
    assert prompt_bound(as_text(conversation, TOOLS)) <= prompt_bound(conversation, TOOLS)
    assert token_bound(described([])) < TOKENS_FOR_TOOLS
