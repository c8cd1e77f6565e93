"""What a model's tokens cost, and an upper bound for how many a text has.

Prices are list prices for standard processing, in US dollars per million tokens, as third parties
quoted the providers' pages (https://developers.openai.com/api/docs/pricing and
https://platform.claude.com/docs/en/about-claude/pricing) in October and November 2026; the setting
`prices` corrects or adds to them. They hold for prompts under 100,000 tokens
(some models cost more above that, and perfagent's prompts stay far below). A model that is not
listed has no price: what it costs is said to be unknown, never guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_TOKENS_PER_PRICE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a million tokens cost, in US dollars.

    Attributes:
        input_usd: Prompt tokens that no cache had.
        output_usd: Tokens the model wrote, hidden reasoning included.
        cache_read_usd: Prompt tokens the provider had cached.
        cache_write_usd: Prompt tokens the provider cached in this call.
    """

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float

    def __post_init__(self) -> None:
        figures = (self.input_usd, self.output_usd, self.cache_read_usd, self.cache_write_usd)
        if not all(math.isfinite(figure) and figure >= 0 for figure in figures):
            raise ValueError(f"a price must be finite and not negative: {figures}")

    def cost_usd(
        self,
        *,
        input_tokens: int,
        output_tokens: int,
        cache_read_tokens: int = 0,
        cache_write_tokens: int = 0,
    ) -> float:
        """Return what one call cost; `input_tokens` counts all of the prompt, cached or not."""
        fresh = max(0, input_tokens - cache_read_tokens - cache_write_tokens)
        dollars = (
            fresh * self.input_usd
            + cache_read_tokens * self.cache_read_usd
            + cache_write_tokens * self.cache_write_usd
            + output_tokens * self.output_usd
        )
        return dollars / _TOKENS_PER_PRICE

    def most_usd(self, *, prompt_tokens: int, output_tokens: int) -> float:
        """Return the most a call of this size can cost, whatever the cache does."""
        dearest = max(self.input_usd, self.cache_write_usd, self.cache_read_usd)
        return (prompt_tokens * dearest + output_tokens * self.output_usd) / _TOKENS_PER_PRICE


def _openai(input_usd: float, cached: float, output: float, *, write: float = 1.0) -> Price:
    return Price(
        input_usd=input_usd,
        output_usd=output,
        cache_read_usd=cached,
        cache_write_usd=input_usd * write,
    )


def _anthropic(input_usd: float, cached: float, output: float) -> Price:
    # A five-minute cache write costs a quarter more than fresh input on every model.
    return _openai(input_usd, cached, output, write=1.25)


PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "openai:gpt-6-astra": _openai(10.00, 1.00, 50.00, write=1.25),
        "openai:gpt-6.1-sol": _openai(2.00, 0.10, 10.00, write=1.25),
        "openai:gpt-6.1-terra": _openai(1.00, 0.05, 5.00, write=1.25),
        "openai:gpt-6-sol": _openai(2.00, 0.20, 10.00, write=1.25),
        "openai:gpt-6-luna": _openai(0.10, 0.01, 0.50, write=1.25),
        "openai:gpt-5.5": _openai(5.00, 0.50, 30.00),
        "openai:gpt-5.4": _openai(2.50, 0.25, 15.00),
        "openai:gpt-5.4-mini": _openai(0.75, 0.075, 4.50),
        "openai:gpt-5.1": _openai(1.25, 0.125, 10.00),
        "openai:gpt-5": _openai(1.25, 0.125, 10.00),
        "openai:gpt-5-mini": _openai(0.25, 0.025, 2.00),
        "openai:gpt-5-nano": _openai(0.05, 0.005, 0.40),
        "openai:gpt-4.1": _openai(2.00, 0.50, 8.00),
        "openai:gpt-4.1-mini": _openai(0.40, 0.10, 1.60),
        "openai:gpt-4o": _openai(2.50, 1.25, 10.00),
        "openai:gpt-4o-mini": _openai(0.15, 0.075, 0.60),
        "anthropic:claude-fable-5-1": _anthropic(10.00, 0.25, 50.00),
        "anthropic:claude-fable-5": _anthropic(10.00, 1.00, 50.00),
        "anthropic:claude-opus-5-5": _anthropic(4.00, 0.20, 20.00),
        "anthropic:claude-opus-5": _anthropic(5.00, 0.50, 25.00),
        "anthropic:claude-opus-4-8": _anthropic(5.00, 0.50, 25.00),
        "anthropic:claude-opus-4-7": _anthropic(5.00, 0.50, 25.00),
        "anthropic:claude-opus-4-6": _anthropic(5.00, 0.50, 25.00),
        "anthropic:claude-opus-4-5": _anthropic(5.00, 0.50, 25.00),
        "anthropic:claude-sonnet-5-5": _anthropic(2.00, 0.10, 10.00),
        "anthropic:claude-sonnet-5": _anthropic(2.00, 0.20, 10.00),
        "anthropic:claude-sonnet-4-6": _anthropic(3.00, 0.30, 15.00),
        "anthropic:claude-sonnet-4-5": _anthropic(3.00, 0.30, 15.00),
        "anthropic:claude-haiku-5-5": _anthropic(0.10, 0.01, 0.50),
        "anthropic:claude-haiku-4-5": _anthropic(1.00, 0.10, 5.00),
    }
)

_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


def price_of(name: str, overrides: Mapping[str, Price] | None = None) -> Price | None:
    """Return the price of a model, or None when it is not known.

    A dated snapshot costs what its family costs ("gpt-5-2025-08-07" as "gpt-5"); any other suffix
    is a model of its own, since "gpt-5-mini" costs a fifth of "gpt-5".

    Args:
        name: Provider and model, such as "openai:gpt-5".
        overrides: Prices from the user's settings, by the same names; they win.
    """
    for table in (overrides or {}, PRICES):
        for known in (name, _SNAPSHOT.sub("", name)):
            if known in table:
                return table[known]
    return None


_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[^\S\n]{2,}|\n+|[\x21-\x7e]|[\x00-\x1f\x7f]|[^\x00-\x7f]")
_BLANKS_PER_TOKEN = 16
_MARGIN = 1.1
_LONGEST_WORD = 12


def token_bound(text: str) -> int:
    """Return a number of tokens that a text has at most, for the tokenizers in use today.

    One for every three letters of a word (a capital begins a new one), more for what is no word,
    one for each digit and sign and run of blanks, one for each byte of anything beyond ASCII; a
    single blank goes with the word after it. Of code and prose the real count is commonly between
    half and two thirds of it.
    """
    bound = 0.0
    for piece in _PIECE.findall(text):
        if not piece[0].isascii():
            bound += len(piece.encode("utf-8", "surrogatepass"))
        elif piece[0].isalpha():
            is_word = piece[-1].islower() and len(piece) <= _LONGEST_WORD
            bound += math.ceil(len(piece) / (3 if is_word else 1.8))
        else:
            bound += math.ceil(len(piece) / _BLANKS_PER_TOKEN)
    return math.ceil(bound * _MARGIN)
