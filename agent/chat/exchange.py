"""One request through a provider's SDK: its answer whole, or one of our errors.

Both SDKs come from the same generator and fail with the same class names; this module alone knows
them. The body is read here, as bytes, because the SDKs bound each read and not the call, and build
a reply object out of whatever arrives.
"""

from __future__ import annotations

import math
import re
import ssl
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from ...redaction import redacted, remember, without_known
from ...tools.investigate.toolbox import ToolSpec
from ..runs.budget import Spend
from .messages import Message, ToolCall, prompt_bound
from .models import ModelRefused, Reply, StopReason, TransientModelError
from .prices import Price

_SHORTEST_KEY = 8
MAX_BODY_BYTES = 32_000_000
CONNECT_TIMEOUT_S = 20.0
_LONGEST_DETAIL = 300
_LONGEST_WAIT_S = 3600.0
_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})
_NO_CREDIT = ("insufficient_quota", "billing", "credit balance", "exceeded your current quota")
_NO_TOOLS = re.compile(r"\btools?\b.*\b(?:support|require|enable|--jinja)", re.I | re.S)
"""Servers that could have tools and do not: llama.cpp's says so with status 500."""
_NEVER_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"})


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Whom a request goes to, as messages name it, and the key they must not show.

    Attributes:
        model: Provider and model.
        price: What its tokens cost; None when unknown.
        address: Base URL as the user gave it; None for the provider's own.
        key: The secret to keep out of every text; None when there is none.
        key_variable: The environment variable it came from.
    """

    model: str
    price: Price | None
    address: str | None
    key: str | None
    key_variable: str

    def __post_init__(self) -> None:
        """Keep the key out of everything that is written from now on."""
        remember(self.key)

    def __repr__(self) -> str:
        """Return the model's name alone."""
        return f"Endpoint({self.model})"

    @property
    def host(self) -> str:
        """Where the server is, without the credentials that an address can hold."""
        return urlsplit(self.address).netloc.rpartition("@")[2] if self.address else "the provider"

    def cleaned(self, text: str) -> str:
        """Return a provider's text fit for one line of a message: printable, short, no secret."""
        line = redacted("".join(c if c.isprintable() else " " for c in text))
        line = " ".join(line.split())
        return line if len(line) <= _LONGEST_DETAIL else line[: _LONGEST_DETAIL - 1] + "…"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The tokens of one call, as the provider counted them.

    Attributes:
        input_tokens: The whole prompt.
        output_tokens: Everything written, hidden reasoning included.
        cache_read_tokens: The part of the prompt that came from the provider's cache.
        cache_write_tokens: The part that went into it.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


def exchange(
    sdk: ModuleType,
    begin: Callable[[], AbstractContextManager[Any]],
    *,
    endpoint: Endpoint,
    timeout_s: float,
) -> bytes:
    """Send one request and return the body of the answer, at most `MAX_BODY_BYTES`.

    Args:
        sdk: The `openai` or `anthropic` module.
        begin: Starts the request and gives the SDK's streamed response.
        endpoint: Whom it goes to.
        timeout_s: Seconds for everything. A server that trickles is noticed at the first byte
            after that, one that is silent after at most twice as long.

    Raises:
        TransientModelError: As `ChatModel.complete`.
        ModelRefused: As `ChatModel.complete`.
    """
    deadline = time.monotonic() + timeout_s
    try:
        with begin() as response:
            return _read(response, endpoint, deadline, timeout_s)
    except (sdk.APITimeoutError, *_transport("TimeoutException")) as error:
        raise _too_slow(endpoint, timeout_s, maybe_billed=_was_sent(error)) from None
    except sdk.APIStatusError as error:
        raise _status_error(error, endpoint) from None
    except (sdk.APIConnectionError, *_transport("HTTPError"), ssl.SSLError) as error:
        cause = error.__cause__ or error
        detail = endpoint.cleaned(str(cause)) or type(cause).__name__
        raise TransientModelError(
            f"{endpoint.model}: the connection to {endpoint.host} failed ({detail})",
            maybe_billed=_was_sent(error),
        ) from None
    except (sdk.APIError, *_transport("InvalidURL")) as error:
        raise ModelRefused(f"{endpoint.model}: {endpoint.cleaned(str(error))}") from None


def _transport(name: str) -> tuple[type[Exception], ...]:
    """Return an exception class of each HTTP library that an SDK may be using."""
    # The SDKs moved from httpx to httpx2 and take both; reading a body raises the library's own.
    return tuple(
        getattr(sys.modules[library], name)
        for library in ("httpx", "httpx2")
        if library in sys.modules
    )


def refuse_key(endpoint: Endpoint, messages: Sequence[Message]) -> None:
    """See that the key goes out as a credential alone.

    Raises:
        ModelRefused: A message holds the key; nothing is sent.
    """
    key = endpoint.key or ""
    for message in messages:
        parts = [message.content, *(call.arguments_json for call in message.tool_calls)]
        if len(key) >= _SHORTEST_KEY and any(key in part for part in parts):
            raise ModelRefused(
                f"{endpoint.model}: not asked, since a message holds the key of "
                f"{endpoint.key_variable}; remove it from the repository and make a new one"
            )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a provider's body says, whichever its format.

    Attributes:
        text: What the model wrote.
        stop: Why it stopped.
        answered_by: The model as the provider names it; None when it does not.
        usage: The tokens; None when the provider did not count.
        tool_calls: The tools it asks to call.
        carried: As `Reply.carried`.
    """

    text: str
    stop: StopReason
    answered_by: str | None
    usage: Usage | None
    tool_calls: tuple[ToolCall, ...] = ()
    carried: str = ""


def settle(
    endpoint: Endpoint,
    answer: Answer,
    *,
    asked: Sequence[Message],
    tools: Sequence[ToolSpec],
    max_output_tokens: int,
) -> Reply:
    """Return the reply with what it cost.

    A provider that counts no tokens is charged with the most that the call can have used.

    Raises:
        ModelRefused: There is neither text nor a tool call though the model says that it finished.
    """
    counted = answer.usage or Usage(
        input_tokens=prompt_bound(asked, tools), output_tokens=max_output_tokens
    )
    usd = None
    if endpoint.price:
        usd = endpoint.price.cost_usd(
            input_tokens=counted.input_tokens,
            output_tokens=counted.output_tokens,
            cache_read_tokens=counted.cache_read_tokens,
            cache_write_tokens=counted.cache_write_tokens,
        )
    if not answer.text.strip() and not answer.tool_calls and answer.stop == "end":
        tokens = counted.input_tokens + counted.output_tokens
        raise ModelRefused(
            f"{endpoint.model}: the answer is empty",
            answered=True,
            spend=Spend(tokens=tokens, usd=usd, model_calls=1),
        )
    return Reply(
        text=without_known(answer.text),
        input_tokens=counted.input_tokens,
        output_tokens=counted.output_tokens,
        usd=usd,
        stop=answer.stop,
        model=answer.answered_by or endpoint.model.partition(":")[2],
        usage_known=answer.usage is not None,
        tool_calls=tuple(
            replace(call, arguments_json=without_known(call.arguments_json))
            for call in answer.tool_calls
        ),
        carried=without_known(answer.carried),
    )


def _read(response: Any, endpoint: Endpoint, deadline: float, timeout_s: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ModelRefused(
                f"{endpoint.model}: the answer is larger than {MAX_BODY_BYTES:,} bytes",
                answered=True,
            )
        if time.monotonic() > deadline:
            raise _too_slow(endpoint, timeout_s, maybe_billed=True)
    return bytes(body)


def _too_slow(endpoint: Endpoint, timeout_s: float, *, maybe_billed: bool) -> TransientModelError:
    return TransientModelError(
        f"{endpoint.model}: no whole answer within {timeout_s:.0f} s", maybe_billed=maybe_billed
    )


def _was_sent(error: BaseException) -> bool:
    return type(error.__cause__ or error).__name__ not in _NEVER_SENT


def _status_error(error: Any, endpoint: Endpoint) -> TransientModelError | ModelRefused:
    """Return our error for an answer with an error status."""
    status = int(error.status_code)
    words, codes = _said(error)
    said = f": {endpoint.cleaned(words)}" if words.strip() else ""
    no_credit = status == 402 or any(sign in f"{words} {codes}".lower() for sign in _NO_CREDIT)
    if no_credit and status < 500:
        return ModelRefused(
            f"{endpoint.model}: the provider wants payment ({status}){said}; add credit to the "
            f"account of {endpoint.key_variable} or name another --model",
            user_must_act=True,
        )
    if _NO_TOOLS.search(words):
        return ModelRefused(
            f"{endpoint.model}: the server takes no tools ({status}){said}", status=status
        )
    if status >= 500 or status in _TRANSIENT_STATUSES:
        return TransientModelError(
            f"{endpoint.model}: the provider is not able to answer now ({status}){said}",
            retry_after_s=retry_after_s(error.response.headers),
        )
    advice = {
        401: f"check the key in {endpoint.key_variable}",
        403: f"the key in {endpoint.key_variable} may not use this model",
        404: "check the model's name and --base-url",
    }.get(status)
    if advice:
        return ModelRefused(f"{endpoint.model}: {status}{said}; {advice}", user_must_act=True)
    return ModelRefused(
        f"{endpoint.model}: the provider refused the call ({status}){said}", status=status
    )


def _said(error: Any) -> tuple[str, str]:
    """Return the provider's words and its codes, from any of the shapes error bodies come in."""
    body = error.body
    if not isinstance(body, Mapping):
        return (body if isinstance(body, str) else "", "")
    inner = body.get("error", body)
    if not isinstance(inner, Mapping):
        return str(inner), ""
    codes = " ".join(str(inner[name]) for name in ("type", "code") if inner.get(name))
    return str(inner.get("message") or inner.get("detail") or codes), codes


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the provider asks to wait, from 0 to an hour; None if it does not."""
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            wait_s = float(value) * unit_s
        except ValueError:
            wait_s = _seconds_until(value)
        if math.isfinite(wait_s):
            return min(max(0.0, wait_s), _LONGEST_WAIT_S)
    return None


def _seconds_until(date: str) -> float:
    """Return the seconds from now to an HTTP date; not a number when it is none."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
