"""Chat models: what is asked of one, what it answers, and how it can fail.

A model is named "openai:NAME", "anthropic:NAME" or "openai-compatible:NAME". Keys come from the
environment alone and stay in the adapter: they are in no message, record, log line or exception.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from ...errors import InfrastructureError, ToolError, UserError
from ...redaction import remember
from ...tools.investigate.toolbox import ToolSpec
from ..runs.budget import Spend
from .messages import Message, ToolCall
from .prices import Price, price_of

StopReason = Literal["end", "length", "refusal"]

PROVIDERS = ("openai", "anthropic", "openai-compatible")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model answered.

    Attributes:
        text: What it wrote, without hidden reasoning. Never empty when `stop` is "end" and no
            tool is called.
        input_tokens: Prompt tokens, cached ones included.
        output_tokens: Tokens written, hidden reasoning included.
        usd: What the call cost, or None when the model's price is unknown.
        stop: "end": finished; "length": cut off at the limit; "refusal": the model or its provider
            declined.
        model: The model that answered, as the provider names it.
        usage_known: False when the provider did not count; the token numbers are then upper bounds.
        tool_calls: The tools it asks to call, in its order.
        carried: What the provider wants to have back with this message as long as its tool calls
            are being answered (signed reasoning), as JSON; empty when there is none.
    """

    text: str
    input_tokens: int
    output_tokens: int
    usd: float | None
    stop: StopReason
    model: str
    usage_known: bool = True
    tool_calls: tuple[ToolCall, ...] = ()
    carried: str = ""

    def as_message(self) -> Message:
        """Return it as a message of the conversation."""
        return Message(
            role="assistant",
            content=self.text,
            tool_calls=self.tool_calls,
            carried=self.carried if self.tool_calls else "",
        )


def reply_from_json(record: Mapping[str, Any]) -> Reply:
    """Read back what `dataclasses.asdict` made of a reply."""
    fields = dict(record)
    fields["tool_calls"] = tuple(ToolCall(**call) for call in fields.get("tool_calls", ()))
    return Reply(**fields)


class TransientModelError(InfrastructureError):
    """The provider failed in a way that passes: busy, overloaded, cut off, too slow.

    Attributes:
        retry_after_s: How long the provider asks to wait, in seconds; None when it does not say.
        maybe_billed: The provider may have answered, and charge for it, though no answer arrived.
    """

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, maybe_billed: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.maybe_billed = maybe_billed


class ModelRefused(ToolError):
    """The same call would fail again: it was refused, or the answer is of no use.

    Attributes:
        answered: The provider accepted the call, so it is paid for; asking again would cost again.
        spend: What the answer used; None when it does not say. Nothing when not answered.
        user_must_act: The user can mend it (a wrong key, no such model, no credit left); the
            message says how.
        status: The HTTP status of the refusal; None when the answer itself is of no use.
    """

    def __init__(
        self,
        message: str,
        *,
        answered: bool = False,
        spend: Spend | None = None,
        user_must_act: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.answered = answered
        self.spend = spend if answered else Spend()
        self.user_must_act = user_must_act


class ChatModel(Protocol):
    """A model that answers a conversation. Safe to use from several threads."""

    @property
    def name(self) -> str:
        """Provider and model, such as "openai:gpt-5"."""
        ...

    @property
    def price(self) -> Price | None:
        """What its tokens cost; None when unknown."""
        ...

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        """Return the model's answer. Nothing is retried here.

        Args:
            messages: The conversation, ending with the user or with what tools answered.
            tools: What it may ask to call; the same throughout a conversation.
            max_output_tokens: The most the model may write, hidden reasoning included.
            timeout_s: Seconds for the whole call, however slowly the answer trickles in.

        Raises:
            TransientModelError: Status 408, 409, 429 or 5xx, a cut connection, too slow.
            ModelRefused: Any other status, or a malformed or empty answer.
        """
        ...


class MissingKey(UserError):
    """A model was named, but its key is not in the environment."""


def open_model(
    spec: str,
    *,
    base_url: str | None,
    environ: Mapping[str, str],
    prices: Mapping[str, Price] | None = None,
) -> ChatModel:
    """Return the model that `spec` names. Nothing is sent yet.

    Args:
        spec: "openai:NAME", "anthropic:NAME" or "openai-compatible:NAME".
        base_url: Where the provider's API is served; None for its own address. Needed for
            "openai-compatible".
        environ: Where the key is: OPENAI_API_KEY, ANTHROPIC_API_KEY; for "openai-compatible"
            PERFAGENT_API_KEY or else OPENAI_API_KEY, or none.
        prices: Prices from the user's settings, by model name.

    Raises:
        MissingKey: The key is not in the environment.
        UserError: No such provider, no model name, no key, no or a malformed base URL.
    """
    provider, _, name = spec.partition(":")
    if provider not in PROVIDERS or not name.strip():
        wanted = ", ".join(f"{known}:NAME" for known in PROVIDERS)
        raise UserError(f"--model {spec!r} names no model perfagent can ask; use one of {wanted}")
    price = price_of(spec, prices)
    if provider == "anthropic":
        from .anthropic_model import AnthropicModel

        return AnthropicModel(
            model=name,
            key=_key(environ, spec, "ANTHROPIC_API_KEY"),
            base_url=_address(base_url, environ, "ANTHROPIC_BASE_URL"),
            price=price,
        )
    from .openai_model import OpenAIModel

    if provider == "openai":
        return OpenAIModel(
            provider=provider,
            model=name,
            key=_key(environ, spec, "OPENAI_API_KEY"),
            key_variable="OPENAI_API_KEY",
            base_url=_address(base_url, environ, "OPENAI_BASE_URL"),
            price=price,
        )
    if not base_url:
        raise UserError(f"--model {spec} needs the server's address; give it with --base-url")
    variable = "PERFAGENT_API_KEY" if environ.get("PERFAGENT_API_KEY") else "OPENAI_API_KEY"
    return OpenAIModel(
        provider=provider,
        model=name,
        key=environ.get(variable) or None,
        key_variable=variable,
        base_url=_address(base_url, {}, "--base-url"),
        price=price,
    )


def _key(environ: Mapping[str, str], spec: str, variable: str) -> str:
    key = environ.get(variable, "").strip()
    if not key:
        raise MissingKey(f"--model {spec} needs a key; set {variable} in the environment")
    if not key.isascii() or not key.isprintable():
        raise UserError(f"{variable} holds characters that no key has; set it again")
    return key


def _address(base_url: str | None, environ: Mapping[str, str], variable: str) -> str | None:
    url = base_url or environ.get(variable)
    if not url:
        return None
    try:
        parts = urlsplit(url)
        remember(parts.password)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or not url.isprintable() or " " in url:
        given_as = "--base-url" if base_url else variable
        raise UserError(f"{given_as} {url!r} is no web address; write http(s)://HOST[:PORT]/PATH")
    return url
