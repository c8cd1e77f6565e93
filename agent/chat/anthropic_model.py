"""Models behind Anthropic's messages API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, NonNegativeInt, ValidationError

from ...tools.investigate.toolbox import ToolSpec
from .exchange import (
    CONNECT_TIMEOUT_S,
    Answer,
    Endpoint,
    Usage,
    exchange,
    refuse_key,
    settle,
)
from .messages import Message, ToolCall, in_turns
from .models import ModelRefused, Reply, StopReason
from .prices import Price

_DEFAULT_URL = "https://api.anthropic.com"
_MOST_CACHE_MARKS = 4
_STOPS: dict[str | None, StopReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


@dataclass(frozen=True, kw_only=True)
class AnthropicModel:
    """A model served over the messages API.

    Attributes:
        model: The name the server knows it by.
        key: The API key.
        base_url: Where the API is served, without its /v1; None for Anthropic's own address.
        price: What tokens cost; None when unknown.
    """

    model: str
    key: str = field(repr=False)
    base_url: str | None
    price: Price | None

    @property
    def name(self) -> str:
        """Provider and model."""
        return f"anthropic:{self.model}"

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        """Return the model's answer; see `ChatModel.complete`."""
        import anthropic

        endpoint = Endpoint(
            model=self.name,
            price=self.price,
            address=self.base_url,
            key=self.key,
            key_variable="ANTHROPIC_API_KEY",
        )
        refuse_key(endpoint, messages)
        request: dict[str, Any] = {
            "model": self.model,
            "max_tokens": max_output_tokens,
            "messages": [],
            "timeout": anthropic.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        }
        turns = in_turns(messages)
        reusable = [id(message) for turn in turns for message in turn if message.reusable]
        # The longest prefixes are the ones that save; the first is what conversations share.
        marked = {*reusable[:1], *reusable[1:][-(_MOST_CACHE_MARKS - 1) :]}
        for turn in turns:
            blocks = [
                block
                for message in turn
                for block in _blocks(message, is_marked=id(message) in marked)
            ]
            if turn[0].role == "system":
                request["system"] = blocks
            else:
                _append(request["messages"], turn[0].role, blocks)
        if tools:
            request["tools"] = [_offered(spec) for spec in tools]
        client = anthropic.Anthropic(
            api_key=self.key, base_url=self.base_url or _DEFAULT_URL, max_retries=0
        )
        with client:
            create = client.messages.with_streaming_response.create
            body = exchange(
                anthropic, lambda: create(**request), endpoint=endpoint, timeout_s=timeout_s
            )
        answer = self._parsed(body)
        found = Answer(
            text="".join(block.text or "" for block in answer.content if block.type == "text"),
            stop=_STOPS.get(answer.stop_reason, "end"),
            answered_by=answer.model,
            usage=answer.usage and answer.usage.counted,
            tool_calls=answer.calls(f"call_{len(messages)}"),
            carried=_carried(body),
        )
        return settle(
            endpoint, found, asked=messages, tools=tools, max_output_tokens=max_output_tokens
        )

    def _parsed(self, body: bytes) -> _Body:
        try:
            return _Body.model_validate_json(body)
        except ValidationError:
            raise ModelRefused(
                f"{self.name}: the answer is no message; check --base-url", answered=True
            ) from None


def _offered(spec: ToolSpec) -> dict[str, Any]:
    found = {"name": spec.name, "description": spec.description}
    return {**found, "input_schema": dict(spec.parameters)}


def _append(messages: list[dict[str, Any]], role: str, blocks: list[dict[str, Any]]) -> None:
    """Add a turn; what tools answered is part of the user's, before what the user says."""
    sent_as = "user" if role == "tool" else role
    if messages and messages[-1]["role"] == sent_as:
        messages[-1]["content"] += blocks
    else:
        messages.append({"role": sent_as, "content": blocks})


def _blocks(message: Message, *, is_marked: bool) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = json.loads(message.carried) if message.carried else []
    if message.role == "tool":
        answer = {"type": "tool_result", "tool_use_id": message.answers}
        blocks.append({**answer, "content": message.content or "(nothing)"})
    elif message.content.strip():
        blocks.append({"type": "text", "text": message.content})
    for call in message.tool_calls:
        asked = {"type": "tool_use", "id": call.call_id, "name": call.name}
        blocks.append({**asked, "input": call.sendable()})
    if is_marked:
        blocks[-1]["cache_control"] = {"type": "ephemeral"}
    return blocks


def _carried(body: bytes) -> str:
    """Return the signed reasoning of an answer, which must come back while tools answer."""
    blocks = [
        block
        for block in json.loads(body)["content"]
        if block["type"] in ("thinking", "redacted_thinking")
    ]
    return json.dumps(blocks, ensure_ascii=False) if blocks else ""


class _Usage(BaseModel):
    input_tokens: NonNegativeInt | None = None
    output_tokens: NonNegativeInt | None = None
    cache_read_input_tokens: NonNegativeInt | None = None
    cache_creation_input_tokens: NonNegativeInt | None = None

    @property
    def counted(self) -> Usage | None:
        if self.input_tokens is None or self.output_tokens is None:
            return None
        read = self.cache_read_input_tokens or 0
        written = self.cache_creation_input_tokens or 0
        return Usage(
            input_tokens=self.input_tokens + read + written,
            output_tokens=self.output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
        )


class _Block(BaseModel):
    type: str
    text: str | None = None
    id: str | None = None
    name: str = ""
    input: Any = None


class _Body(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage | None = None
    model: str | None = None

    def calls(self, label: str) -> tuple[ToolCall, ...]:
        """Return the tool calls; those without an id get one from `label`."""
        return tuple(
            ToolCall(
                call_id=block.id or f"{label}_{number}",
                name=block.name,
                arguments_json=json.dumps(block.input, ensure_ascii=False),
            )
            for number, block in enumerate(self.content)
            if block.type == "tool_use"
        )
