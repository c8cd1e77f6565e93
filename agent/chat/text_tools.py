"""Tools for a model whose server has none: described in the prompt, called in plain text.

One call a reply:

    <tool_call>
    {"name": "read_file", "arguments": {"path": "a.py"}}
    </tool_call>
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ...tools.investigate.toolbox import ToolSpec
from .messages import Message, ToolCall
from .models import ChatModel, ModelRefused, Reply
from .prices import Price
from .prompts import load_prompt

ToolProtocol = Literal["auto", "native", "text"]

_CALL = re.compile(
    r"<(tool_call|function_call|tool_use)>\s*(.*?)\s*(?:</\1>|<tool_result|\Z)", re.I | re.S
)
_FENCED = re.compile(r"^```(?:json|tool_call)?[ \t]*\n(\{.*?\})\s*\n```", re.I | re.S | re.M)
_NAMED = re.compile(r'"(?:name|tool|function)"\s*:\s*"([\w.-]{1,64})"')
_NAMES = ("name", "tool", "tool_name", "function")
_ARGUMENTS = ("arguments", "args", "parameters", "input")


@dataclass(kw_only=True)
class ModelWithTools:
    """A model that can be offered tools whatever its server does.

    Attributes:
        model: Whom to ask.
        protocol: "native": by the server's own tool calls; "text": by the prompt; "auto": by the
            prompt once the server has refused a call that offers tools.
    """

    model: ChatModel
    protocol: ToolProtocol = "auto"
    _is_text: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """Provider and model."""
        return self.model.name

    @property
    def price(self) -> Price | None:
        """What its tokens cost; None when unknown."""
        return self.model.price

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        """Return the model's answer; see `ChatModel.complete`."""
        if tools and self.protocol != "text" and not self._is_text:
            try:
                reply = self.model.complete(
                    messages,
                    tools=tools,
                    max_output_tokens=max_output_tokens,
                    timeout_s=timeout_s,
                )
            except ModelRefused as error:
                if self.protocol == "native" or error.answered or error.status is None:
                    raise
            else:
                # Servers that do not know a model's way to write calls leave them in its text.
                return (
                    reply if reply.tool_calls else with_calls(reply, tools, label=_label(messages))
                )
        reply = self.model.complete(
            as_text(messages, tools) if tools else messages,
            max_output_tokens=max_output_tokens,
            timeout_s=timeout_s,
        )
        if not tools:
            return reply
        self._is_text = True
        return with_calls(reply, tools, label=_label(messages))


def _label(messages: Sequence[Message]) -> str:
    return f"call_{len(messages)}"


def as_text(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> list[Message]:
    """Return the conversation without tool calls: they, and the answers, are in its text."""
    names = {call.call_id: call.name for message in messages for call in message.tool_calls}
    told: list[Message] = []
    for number, message in enumerate(messages):
        content = message.content
        if number == 0:
            content = f"{content}\n\n{described(tools)}".strip()
        if message.role == "tool":
            name = names.get(message.answers, "")
            content = f'<tool_result name="{name}">\n{content}\n</tool_result>'
            told.append(Message(role="user", content=content, reusable=message.reusable))
            continue
        written = "\n".join(_written(call) for call in message.tool_calls)
        content = "\n\n".join(part for part in (content, written) if part.strip())
        told.append(replace(message, content=content, tool_calls=(), carried=""))
    return told


def described(tools: Sequence[ToolSpec]) -> str:
    """Return what tells a model of the tools and how to call them."""
    listed = "\n\n".join(
        f"{spec.name}: {spec.description}\narguments: {json.dumps(spec.parameters)}"
        for spec in tools
    )
    return load_prompt("text-tools").render(tools=listed)


def _written(call: ToolCall) -> str:
    asked = json.dumps({"name": call.name, "arguments": call.sendable()}, ensure_ascii=False)
    return f"<tool_call>\n{asked}\n</tool_call>"


def with_calls(reply: Reply, tools: Sequence[ToolSpec], *, label: str) -> Reply:
    """Return a reply with the tool call that its text holds; what follows the call is dropped.

    Args:
        reply: The reply as it came.
        tools: Those that were offered.
        label: Begins the call's id.
    """
    known = {spec.name for spec in tools}
    marked = _CALL.search(reply.text)
    fenced = None if marked else _FENCED.search(reply.text)
    if marked:
        name, arguments = _parsed(marked[2])
        begin = marked.start()
    elif fenced:
        name, arguments = _parsed(fenced[1])
        begin = fenced.start()
        if name not in known:  # JSON that is quoted for another reason
            return reply
    else:
        return reply
    call = ToolCall(call_id=f"{label}_0", name=name, arguments_json=arguments)
    # A model that has written a whole call may write on until it is cut off.
    stop = "end" if marked and reply.stop == "length" and call.arguments() else reply.stop
    return replace(reply, text=reply.text[:begin].rstrip(), tool_calls=(call,), stop=stop)


def _parsed(text: str) -> tuple[str, str]:
    """Return the name and the arguments of a call as written, however badly."""
    text = re.sub(r"\A```\w*\s*|\s*```\Z", "", text.strip())
    begin = text.find("{")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, max(begin, 0))
    except (ValueError, RecursionError):
        named = _NAMED.search(text)
        return (named[1] if named else ""), text
    if not isinstance(found, dict):
        return "", text
    inner: Any = found.get("function")
    if isinstance(inner, dict):
        found = inner
    name = next((str(found[key]) for key in _NAMES if isinstance(found.get(key), str)), "")
    arguments: Any = next((found[key] for key in _ARGUMENTS if key in found), {})
    if isinstance(arguments, str):
        return name, arguments
    return name, json.dumps(arguments, ensure_ascii=False)
