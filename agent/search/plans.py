"""Plans in words: one call asks for several that differ in kind, before any code is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...profiles.hotspot import Hotspot
from ..chat.journal import CallJournal
from ..chat.models import ChatModel, ModelRefused, TransientModelError
from ..chat.prompts import load_prompt, strategies
from ..proposers.llm import ProposalContext, opening
from ..runs.budget import OverBudget, Spend

STRATEGY = "plan"
_PLAN = re.compile(r"^[\s#>*_\-\d.]*plan[\s*_]+([a-z]+)[*_]*\s*:[*_]*[ \t]*(.*)$", re.I | re.M)
_REASONING = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_LONGEST = 1_500


def task(number: int) -> str:
    """Return what asks for up to `number` plans."""
    return load_prompt("task-plan").render(number=str(number))


def ask_for_plans(
    model: ChatModel,
    journal: CallJournal,
    hotspots: Sequence[Hotspot],
    context: ProposalContext,
    *,
    raise_transient: bool,
) -> tuple[dict[str, str], Spend, str | None]:
    """Return the plans by kind, what they cost, and why there are none (None when there are).

    A run goes on without plans: each kind of change is then asked for by itself.

    Args:
        model: Whom to ask.
        journal: The run's.
        hotspots: Best first, at least one.
        context: With `task` as its task.
        raise_transient: False makes a provider's passing failure a reason like the others.

    Raises:
        TransientModelError: The provider failed in a way that passes.
        InfrastructureError: The journal cannot be written.
    """
    try:
        reply = journal.complete(
            model,
            opening(hotspots, context),
            max_output_tokens=context.max_output_tokens,
            timeout_s=context.timeout_s,
            budget_check=context.budget_check,
            attempt=context.attempt,
        )
    except (ModelRefused, OverBudget, TransientModelError) as error:
        if raise_transient and isinstance(error, TransientModelError):
            raise
        spend = (isinstance(error, ModelRefused) and error.spend) or Spend()
        return {}, spend, str(error)
    spend = Spend(usd=reply.usd, tokens=reply.input_tokens + reply.output_tokens, model_calls=1)
    found = parsed_plans(reply.text)
    return found, spend, None if found else "the model wrote no plan of a kind that is known"


def parsed_plans(text: str) -> dict[str, str]:
    """Return the plans of a reply by their kind; of several of one kind the first."""
    text = _REASONING.sub("", text)
    heads = list(_PLAN.finditer(text))
    known = set(strategies())
    found: dict[str, str] = {}
    for place, head in enumerate(heads, 1):
        kind = head[1].lower()
        end = heads[place].start() if place < len(heads) else len(text)
        body = " ".join(f"{head[2]}. {text[head.end() : end]}".split()).removeprefix(". ")
        if kind in known and body.strip(" ."):
            found.setdefault(kind, body if len(body) <= _LONGEST else body[: _LONGEST - 1] + "…")
    return found
