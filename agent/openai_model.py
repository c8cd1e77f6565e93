"""Models behind OpenAI's chat-completions API: OpenAI's own, and every server that speaks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, NonNegativeInt, ValidationError

from .exchange import CONNECT_TIMEOUT_S, Endpoint, Usage, exchange, settle
from .models import Message, ModelRefused, Reply, StopReason, in_turns
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
        self, messages: Sequence[Message], *, max_output_tokens: int, timeout_s: float
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
        # Reasoning models refuse the older name of the limit; other servers know only that.
        limit = "max_completion_tokens" if self.provider == "openai" else "max_tokens"
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": turn[0].role, "content": "\n\n".join(part.content for part in turn)}
                for turn in in_turns(messages)
            ],
            limit: max_output_tokens,
            "timeout": openai.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s)),
        }
        with self._client() as client:
            create = client.chat.completions.with_streaming_response.create
            body = exchange(
                openai, lambda: create(**request), endpoint=endpoint, timeout_s=timeout_s
            )
        completion = self._parsed(body)
        choice = completion.choices[0] if completion.choices else _Choice(message=_Answer())
        text, stop = choice.message.words, _STOPS.get(choice.finish_reason, "end")
        if choice.message.refusal:
            text, stop = text or choice.message.refusal, "refusal"
        return settle(
            endpoint,
            text=text,
            stop=stop,
            answered_by=completion.model,
            usage=completion.usage and completion.usage.counted,
            asked=messages,
            max_output_tokens=max_output_tokens,
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


class _Answer(BaseModel):
    content: str | list[_Part] | None = None
    refusal: str | None = None

    @property
    def words(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content)
        return self.content or ""


class _Choice(BaseModel):
    message: _Answer
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None
    model: str | None = None
