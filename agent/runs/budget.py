"""Budget and spend: what a run may use, what it has used, and whether one more call fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ...errors import ToolError
from ..chat.prices import Price


class OverBudget(ToolError):
    """A model call was not made, because it could have gone over the budget."""


@dataclass(frozen=True, kw_only=True)
class Spend:
    """What was used.

    Attributes:
        rounds: Rounds of proposing and validating.
        usd: Dollars paid to model providers; None when the price of a call is unknown.
        tokens: Prompt and output tokens together.
        wall_s: Seconds. Of a whole run: since it began. Of a call: from asking to answer.
        model_calls: Calls that a provider answered, or may have.
    """

    rounds: int = 0
    usd: float | None = 0.0
    tokens: int = 0
    wall_s: float = 0.0
    model_calls: int = 0

    def __post_init__(self) -> None:
        figures = (self.rounds, self.usd or 0.0, self.tokens, self.wall_s, self.model_calls)
        if not all(math.isfinite(figure) and figure >= 0 for figure in figures):
            raise ValueError(f"a spend must be finite and not negative: {self}")

    def __add__(self, other: Spend) -> Spend:
        """Return both together; an unknown price stays unknown."""
        unknown = self.usd is None or other.usd is None
        return Spend(
            rounds=self.rounds + other.rounds,
            usd=None if unknown else (self.usd or 0.0) + (other.usd or 0.0),
            tokens=self.tokens + other.tokens,
            wall_s=self.wall_s + other.wall_s,
            model_calls=self.model_calls + other.model_calls,
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Spend:
        """Read back what `to_json` wrote."""
        return cls(**record)


class BudgetCheck(Protocol):
    """Says why a call must not be made (one clause), or None when it may be."""

    def __call__(
        self, spend: Spend, *, prompt_tokens: int, max_output_tokens: int, price: Price | None
    ) -> str | None:
        """Judge a call of at most this size on top of what was spent and is under way."""
        ...


@dataclass(frozen=True, kw_only=True)
class Left:
    """What remains of a run's limits; None means no limit.

    Attributes:
        usd: Dollars, at least 0; None also while what was spent is unknown.
        tokens: At least 0.
        wall_s: Seconds, at least 0.
    """

    usd: float | None = None
    tokens: int | None = None
    wall_s: float | None = None

    def words(self) -> str:
        """Return it for a model, such as "40,000 tokens, $0.52, 31 minutes"; empty: no limit."""
        parts: list[str] = []
        if self.tokens is not None:
            parts.append(f"{self.tokens:,} tokens")
        if self.usd is not None:
            parts.append(f"${self.usd:.2f}")
        if self.wall_s is not None:
            parts.append(f"{self.wall_s / 60:.0f} minutes")
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The limits of a run; None means no limit.

    Attributes:
        max_usd: Dollars paid to model providers.
        max_tokens: Prompt and output tokens together.
        max_wall_s: Seconds since the run began.
        max_rounds: Rounds of proposing and validating; 0 allows none.
    """

    max_usd: float | None
    max_tokens: int | None
    max_wall_s: float | None
    max_rounds: int

    def __post_init__(self) -> None:
        limits = (self.max_usd, self.max_tokens, self.max_wall_s, self.max_rounds)
        if any(limit is not None and not limit >= 0 for limit in limits):
            raise ValueError(f"a budget cannot be negative: {self}")

    def exhausted(self, spend: Spend) -> str | None:
        """Return the limit that is used up, as one clause, or None while all have room.

        Dollars that are unknown cannot be used up; `allows` refuses such calls beforehand.
        """
        if spend.rounds >= self.max_rounds:
            return f"all {self.max_rounds} rounds are done"
        if self.max_wall_s is not None and spend.wall_s >= self.max_wall_s:
            return f"the time budget of {self.max_wall_s:.0f} s is used up"
        if self.max_tokens is not None and spend.tokens >= self.max_tokens:
            return f"the token budget of {self.max_tokens:,} is used up"
        if self.max_usd is not None and spend.usd is not None and spend.usd >= self.max_usd:
            return f"the money budget of ${self.max_usd:.2f} is used up"
        return None

    def left(self, spend: Spend) -> Left:
        """Return what remains after `spend`."""
        usd = None if self.max_usd is None or spend.usd is None else self.max_usd - spend.usd
        return Left(
            usd=None if usd is None else max(0.0, usd),
            tokens=None if self.max_tokens is None else max(0, self.max_tokens - spend.tokens),
            wall_s=None if self.max_wall_s is None else max(0.0, self.max_wall_s - spend.wall_s),
        )

    def allows(
        self, spend: Spend, *, prompt_tokens: int, max_output_tokens: int, price: Price | None
    ) -> str | None:
        """Return why one more model call must not be made, as one clause, or None when it may be.

        A call is allowed only if the most it can use still fits. Rounds are not looked at: a call
        belongs to a round that has begun.

        Args:
            spend: Used so far, with the most that calls under way can use.
            prompt_tokens: The most tokens the prompt can have.
            max_output_tokens: The most tokens the model may write.
            price: The model's price; None when unknown, which no money budget can allow.
        """
        if self.max_wall_s is not None and spend.wall_s >= self.max_wall_s:
            return f"the time budget of {self.max_wall_s:.0f} s is used up"
        if self.max_tokens is not None:
            left = self.max_tokens - spend.tokens
            needed = prompt_tokens + max_output_tokens
            if needed > left:
                return f"it could use {needed:,} tokens and {max(0, left):,} are left"
        if self.max_usd is None:
            return None
        if price is None or spend.usd is None:
            return "the price is unknown, so the money budget could not be kept"
        most = price.most_usd(prompt_tokens=prompt_tokens, output_tokens=max_output_tokens)
        if spend.usd + most > self.max_usd:
            left_usd = max(0.0, self.max_usd - spend.usd)
            return f"it could cost ${most:.4f} and ${left_usd:.4f} are left"
        return None
