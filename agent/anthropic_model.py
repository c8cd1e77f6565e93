"""Models behind Anthropic's messages API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, NonNegativeInt, ValidationError

from .exchange import CONNECT_TIMEOUT_S, Endpoint, Usage, exchange, settle
from .models import Message, ModelRefused, Reply, StopReason, in_turns
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
        self, messages: Sequence[Message], *, max_output_tokens: int, timeout_s: float
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
            blocks = [_block(message, is_marked=id(message) in marked) for message in turn]
            if turn[0].role == "system":
                request["system"] = blocks
            else:
                request["messages"].append({"role": turn[0].role, "content": blocks})
        client = anthropic.Anthropic(
            api_key=self.key, base_url=self.base_url or _DEFAULT_URL, max_retries=0
        )
        with client:
            create = client.messages.with_streaming_response.create
            body = exchange(
                anthropic, lambda: create(**request), endpoint=endpoint, timeout_s=timeout_s
            )
        answer = self._parsed(body)
        return settle(
            endpoint,
            text="".join(block.text or "" for block in answer.content if block.type == "text"),
            stop=_STOPS.get(answer.stop_reason, "end"),
            answered_by=answer.model,
            usage=answer.usage and answer.usage.counted,
            asked=messages,
            max_output_tokens=max_output_tokens,
        )

    def _parsed(self, body: bytes) -> _Answer:
        try:
            return _Answer.model_validate_json(body)
        except ValidationError:
            raise ModelRefused(
                f"{self.name}: the answer is no message; check --base-url", answered=True
            ) from None


def _block(message: Message, *, is_marked: bool) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": message.content}
    if is_marked:
        block["cache_control"] = {"type": "ephemeral"}
    return block


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


class _Answer(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage | None = None
    model: str | None = None
