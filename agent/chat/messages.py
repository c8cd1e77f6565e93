"""The messages of a conversation with a chat model, tool calls included, and their length."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...tools.investigate.toolbox import ToolSpec
from .prices import token_bound

Role = Literal["system", "user", "assistant", "tool"]

_TOKENS_AROUND_A_MESSAGE = 16
"""Role markers and separators of a chat template: 3 to 10 in those that are public."""
_TOKENS_AROUND_A_CALL = 24
"""Markers, names of fields and the call's id, in a call and again in its result."""
TOKENS_FOR_TOOLS = 1_000
"""What a provider adds to a prompt that offers tools, or `text_tools` does: Anthropic documents
up to 530 tokens, and the text protocol's instructions are held under this by a test."""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """One call of a tool that a model asks for.

    Attributes:
        call_id: What the result refers to; unique in the conversation.
        name: The tool's name as the model wrote it, which may be no tool's.
        arguments_json: The arguments as the model wrote them; may be no JSON at all.
    """

    call_id: str
    name: str
    arguments_json: str

    def arguments(self) -> dict[str, Any] | None:
        """Return the arguments; None when they are no JSON object. Empty text is no argument."""
        if not self.arguments_json.strip():
            return {}
        try:
            # Line breaks that are not escaped are common in long texts.
            found = json.loads(self.arguments_json, strict=False)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def sendable(self) -> dict[str, Any]:
        """Return arguments that every provider takes back: those that are no object, as a text."""
        found = self.arguments()
        return {"not_a_json_object": self.arguments_json} if found is None else found


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: "system" only for the first; "tool" for what a tool answered.
        content: Its text. Messages of the same role in a row are one message in parts.
        reusable: The conversation up to here will be sent again soon; a provider that caches
            prompts on request is asked to.
        tool_calls: What an assistant asks for; each is answered before the next user message.
        answers: The id of the call that a tool's message answers; empty for other roles.
        carried: Of an assistant: what its provider wants back unchanged (see `Reply.carried`).
    """

    role: Role
    content: str
    reusable: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    answers: str = ""
    carried: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to send; a tool's answer is sent whatever it holds."""
        return not (self.content.strip() or self.tool_calls or self.role == "tool")

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON; fields for tools only where they hold something."""
        record: dict[str, Any] = {
            "role": self.role,
            "content": self.content,
            "reusable": self.reusable,
        }
        if self.tool_calls:
            record["tool_calls"] = [asdict(call) for call in self.tool_calls]
        for name in ("answers", "carried"):
            if getattr(self, name):
                record[name] = getattr(self, name)
        return record


def prompt_bound(messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> int:
    """Return the most tokens that the conversation can have as a prompt, its tools included."""
    bound = sum(_message_bound(message) for message in messages)
    if tools:
        bound += TOKENS_FOR_TOOLS + sum(_tool_bound(spec) for spec in tools)
    return bound


def _message_bound(message: Message) -> int:
    bound = token_bound(message.content) + _TOKENS_AROUND_A_MESSAGE
    bound += token_bound(message.carried) if message.carried else 0
    for call in message.tool_calls:
        # Some chat templates write the arguments as a JSON text inside JSON.
        bound += token_bound(json.dumps(json.dumps(call.sendable(), ensure_ascii=False)))
        bound += token_bound(call.name) + token_bound(call.call_id) + _TOKENS_AROUND_A_CALL
    if message.role == "tool":
        bound += token_bound(message.answers) + _TOKENS_AROUND_A_CALL
    return bound


def _tool_bound(spec: ToolSpec) -> int:
    # Some chat templates indent the schema.
    text = json.dumps(spec.parameters, indent=4, ensure_ascii=False)
    return token_bound(f"{spec.name}\n{spec.description}\n{text}") + _TOKENS_AROUND_A_CALL


def in_turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Return the messages grouped into turns: those of one role in a row together.

    Messages without text or calls are left out, since providers refuse them.
    """
    turns: list[list[Message]] = []
    for message in messages:
        if message.is_empty:
            continue
        if turns and turns[-1][0].role == message.role:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns
