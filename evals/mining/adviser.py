"""The model that mining may ask: whether a commit is an improvement, and for a workload.

It only leaves commits out and writes scripts that are measured like any other: what is kept holds
without it. Every call is on disk before its answer is used, so that none is paid for twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...agent.chat.ensemble import weights
from ...agent.chat.journal import CallJournal
from ...agent.chat.messages import Message
from ...agent.chat.models import TransientModelError
from ...agent.chat.open import open_chat
from ...agent.chat.prices import Price
from ...agent.chat.prompts import fenced, load_prompt
from ...agent.gate.opinion import vote_of
from ...agent.runs.budget import Budget, Spend
from ...errors import InfrastructureError, ToolError
from ...redaction import without_known
from ...settings import Settings
from .commits import Found

_TRIES = 3
_TIMEOUT_S = 300.0
_MOST_OUTPUT_TOKENS = 8_000
_LETTERS_A_TOKEN = 2
"""So few that a prompt of that many letters stays below its tokens."""

FASTER, OTHER = "faster", "other"


class NoAnswer(Exception):
    """The model gave no answer; the message is one line that says why."""


@dataclass(frozen=True, kw_only=True)
class Adviser:
    """The models of the settings, with the calls that were paid and what may be spent."""

    settings: Settings
    journal: CallJournal
    budget: Budget

    def refusal(self, found: Found, tell: Callable[[str], None]) -> str:
        """Return why a commit is no improvement, "" where it is one or the model does not say."""
        text = load_prompt("commit-verdict").render(
            message=fenced(self.short(found.message, 0.2)),
            patch=fenced(self.short(found.patch, 0.7), "diff"),
        )
        try:
            vote = vote_of(self.ask([Message(role="user", content=text)], found), (FASTER, OTHER))
        except NoAnswer as error:
            tell(f"  the model is not heard: {error}")
            return ""
        if vote.verdict is None:
            tell(f"  the model is not heard: {vote.reason}")
        return f"the model calls it no improvement: {vote.reason}" if vote.verdict == OTHER else ""

    def ask(self, messages: Sequence[Message], found: Found) -> str:
        """Return what the model answers about a commit.

        Raises:
            NoAnswer: It gave none, or may not be asked any more.
        """
        problem = ""
        for _ in range(_TRIES):
            try:
                reply = self.journal.complete(
                    open_chat(self.settings, self.model_for(found)),
                    messages,
                    max_output_tokens=min(self.settings.max_output_tokens, _MOST_OUTPUT_TOKENS),
                    timeout_s=_TIMEOUT_S,
                    budget_check=self._allows,
                    attempt=found.commit,
                )
            except TransientModelError as error:
                problem = str(error)
                continue
            except (ToolError, InfrastructureError) as error:
                raise NoAnswer(" ".join(str(error).split())) from None
            if reply.stop == "end":
                return reply.text
            raise NoAnswer("it was cut off" if reply.stop == "length" else "it declined")
        raise NoAnswer(" ".join(problem.split()))

    def model_for(self, found: Found) -> str:
        """Return the model that is asked about a commit, drawn by weight and by the seed."""
        entries = weights(self.settings, "code")
        draw = random.Random(f"{self.settings.seed} {found.commit}")  # noqa: S311 - no secret
        (spec,) = draw.choices([spec for spec, _ in entries], [weight for _, weight in entries])
        return spec

    def short(self, text: str, share: float) -> str:
        """Return a text without secrets, in so much of a prompt."""
        most = int(share * _LETTERS_A_TOKEN * self.settings.max_prompt_tokens)
        text = without_known(text)
        return text if len(text) <= most else f"{text[:most]}\n(cut off here)"

    def spent(self) -> str:
        """Return what the calls of the journal used, for people."""
        spend = self.journal.spend
        price = "" if spend.usd is None else f", ${spend.usd:.2f}"
        return f"model: {spend.model_calls} calls, {spend.tokens:,} tokens{price}"

    def _allows(
        self, spend: Spend, *, prompt_tokens: int, max_output_tokens: int, price: Price | None
    ) -> str | None:
        return self.budget.allows(
            replace(spend, wall_s=0.0),
            prompt_tokens=prompt_tokens,
            max_output_tokens=max_output_tokens,
            price=price,
        )


def open_adviser(settings: Settings, name: str) -> Adviser:
    """Return the models of the settings, asked about the history of one repository.

    Args:
        settings: Names the models, and what may be spent: what earlier minings of the repository
            spent counts, since their answers are used again.
        name: What the repository is called.

    Raises:
        UserError: There is no such provider, or its key is missing.
    """
    for spec, _ in weights(settings, "code"):
        open_chat(settings, spec)
    return Adviser(
        settings=settings,
        journal=CallJournal(settings.state_dir / "mining" / name.replace("/", "__") / "calls"),
        budget=Budget(
            max_usd=settings.max_usd,
            max_tokens=settings.max_tokens,
            max_wall_s=None,
            max_rounds=1,
        ),
    )
