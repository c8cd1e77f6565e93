"""Models behind OpenAI's chat-completions API: OpenAI's own, and every server that speaks it."""

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

_DEFAULT_URL = "https://api.openai.com/v1"
_STOPS: dict[str | None, StopReason] = {"length": "length", "content_filter": "refusal"}


@dataclass(frozen=True, kw_only=True)
class OpenAIModel:
    """A model served over the chat-completions API.

    Attributes:
        provider: "openai" or "openai-compatible".
        model: The name the server knows it by.
        key: Sent as a bearer token; None for a server that asks for none.
        key_variable: The environment variable the key came from, for messages.
        base_url: Where the API is served; None for OpenAI's own address.
        price: What tokens cost; None when unknown.
    """

    provider: str
    model: str
    key: str | None = field(repr=False)
    key_variable: str
    base_url: str | None
    price: Price | None

    @property
    def name(self) -> str:
        """Provider and model."""
        return f"{self.provider}:{self.model}"

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        """Return the model's answer; see `ChatModel.complete`."""
        import openai

        endpoint = Endpoint(
            model=self.name,
            price=self.price,
            address=self.base_url,
            key=self.key,
            key_variable=self.key_variable,
        )
        refuse_key(endpoint, messages)
        # Reasoning models refuse the older name of the limit; other servers know only that.
        limit = "max_completion_tokens" if self.provider == "openai" else "max_tokens"
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [sent for turn in in_turns(messages) for sent in _sent(turn)],
            limit: max_output_tokens,
            "timeout": openai.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        }
        if tools:
            request["tools"] = [_offered(spec) for spec in tools]
        with self._client() as client:
            create = client.chat.completions.with_streaming_response.create
            body = exchange(
                openai, lambda: create(**request), endpoint=endpoint, timeout_s=timeout_s
            )
        completion = self._parsed(body)
        choice = completion.choices[0] if completion.choices else _Choice(message=_Message())
        answer = choice.message
        text, stop = answer.words, _STOPS.get(choice.finish_reason, "end")
        if answer.refusal:
            text, stop = text or answer.refusal, "refusal"
        calls = answer.calls(f"call_{len(messages)}")
        found = Answer(
            text=text,
            stop=stop,
            answered_by=completion.model,
            usage=completion.usage and completion.usage.counted,
            tool_calls=calls,
            carried=answer.carried(calls),
        )
        return settle(
            endpoint, found, asked=messages, tools=tools, max_output_tokens=max_output_tokens
        )

    def _client(self) -> Any:
        import openai

        client = openai.OpenAI(
            api_key=self.key or "none",
            base_url=self.base_url or _DEFAULT_URL,
            max_retries=0,
        )
        if self.provider != "openai":
            # Read by the SDK from variables that are meant for OpenAI alone.
            client.organization = client.project = None
        return client

    def _parsed(self, body: bytes) -> _Completion:
        try:
            return _Completion.model_validate_json(body)
        except ValidationError:
            raise ModelRefused(
                f"{self.name}: the answer is no chat completion; check --base-url", answered=True
            ) from None


def _offered(spec: ToolSpec) -> dict[str, Any]:
    function = {"name": spec.name, "description": spec.description}
    return {"type": "function", "function": {**function, "parameters": dict(spec.parameters)}}


def _sent(turn: Sequence[Message]) -> list[dict[str, Any]]:
    """Return a turn's messages as the API takes them: one, or one for each tool that answers."""
    role = turn[0].role
    if role == "tool":
        return [
            {"role": role, "tool_call_id": part.answers, "content": part.content} for part in turn
        ]
    words = "\n\n".join(part.content for part in turn if part.content.strip())
    calls = [_called(call, part.carried) for part in turn for call in part.tool_calls]
    if not calls:
        return [{"role": role, "content": words}]
    message: dict[str, Any] = {"role": role, "content": words or None, "tool_calls": calls}
    for part in turn:
        message.update(json.loads(part.carried)["message"] if part.carried else {})
    return [message]


def _called(call: ToolCall, carried: str) -> dict[str, Any]:
    arguments = json.dumps(call.sendable(), ensure_ascii=False)
    found: dict[str, Any] = {
        "id": call.call_id,
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }
    extra = carried and json.loads(carried)["calls"].get(call.call_id)
    return {**found, "extra_content": extra} if extra else found


class _PromptDetails(BaseModel):
    cached_tokens: NonNegativeInt | None = None
    cache_write_tokens: NonNegativeInt | None = None


class _Usage(BaseModel):
    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None
    prompt_tokens_details: _PromptDetails | None = None

    @property
    def counted(self) -> Usage | None:
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        details = self.prompt_tokens_details or _PromptDetails()
        return Usage(
            input_tokens=self.prompt_tokens,
            output_tokens=self.completion_tokens,
            cache_read_tokens=details.cached_tokens or 0,
            cache_write_tokens=details.cache_write_tokens or 0,
        )


class _Part(BaseModel):
    text: str | None = None


class _Function(BaseModel):
    name: str = ""
    # A text by the API; some servers send the object itself.
    arguments: str | dict[str, Any] | None = None


class _Call(BaseModel):
    id: str | None = None
    function: _Function = _Function()
    extra_content: Any = None
    """Signed reasoning that Gemini wants back with the call."""


class _Message(BaseModel):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None
    reasoning_content: Any = None
    """Reasoning that DeepSeek and others want back while tools answer."""
    reasoning_details: Any = None
    """The same from OpenRouter."""

    @property
    def words(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content)
        return self.content or ""

    def calls(self, label: str) -> tuple[ToolCall, ...]:
        """Return the tool calls; those without an id of their own get one from `label`."""
        found: list[ToolCall] = []
        for number, call in enumerate(self.tool_calls or []):
            taken = {earlier.call_id for earlier in found}
            is_own = bool(call.id) and call.id not in taken
            arguments = call.function.arguments
            found.append(
                ToolCall(
                    call_id=call.id if call.id and is_own else f"{label}_{number}",
                    name=call.function.name,
                    arguments_json=arguments
                    if isinstance(arguments, str)
                    else json.dumps(arguments or {}),
                )
            )
        return tuple(found)

    def carried(self, calls: Sequence[ToolCall]) -> str:
        """Return what must come back with this answer, as JSON; empty when nothing must."""
        names = ("reasoning_content", "reasoning_details")
        message = {name: value for name in names if (value := getattr(self, name))}
        extras = {
            call.call_id: raw.extra_content
            for call, raw in zip(calls, self.tool_calls or [], strict=True)
            if raw.extra_content
        }
        found = {"message": message, "calls": extras}
        return json.dumps(found, ensure_ascii=False) if calls and (message or extras) else ""


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None
    model: str | None = None
