"""The LLM proposer: one strategy, one conversation, one checked change."""

from __future__ import annotations

import ast
import re
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ToolError
from ...profiles.facts import CallFacts
from ...profiles.hotspot import Hotspot
from ...tools.edits import apply_edits, parse_reply, read_text
from ...tools.paths import locate
from ..budget import BudgetCheck, OverBudget, Spend
from ..journal import CallJournal
from ..messages import Message, prompt_bound
from ..models import ChatModel, ModelRefused, Reply, TransientModelError
from ..prompts import load_prompt, strategy_prompt
from .briefing import case_text
from .proposal import Proposal

_LONGEST_HYPOTHESIS = 400
_LONGEST_PROBLEM = 4_000
_TASK_ROOM = 2_400
_HYPOTHESIS = re.compile(r"^[\s#>*_-]*hypothesis[*_]*\s*:[*_]*[ \t]*(\S.*)$", re.I | re.MULTILINE)
_REASONING = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_NUMBER_COLUMN = re.compile(r"^ {0,5}\d+ +(?:\d{1,3}%)? *\|(?: |$)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class ProposalContext:
    """What a model is told besides the hotspots, and how far the conversation may go.

    Attributes:
        workload_text: The workload's source, node id or command.
        tree: The checkout that the change is made in; only read.
        tried: One line for each candidate judged so far, oldest first, with what it measured.
        strategy: What stands for the task in the proposal's origin: one of `prompts.strategies()`,
            or any name when there is a task.
        task: What the last part of the first prompt asks for; empty asks to follow the strategy.
        facts: As `case_text` takes them.
        call_facts: Likewise.
        call_tree: Likewise.
        standing: Likewise.
        max_repairs: How often the model may mend a reply that cannot be used.
        max_prompt_tokens: The most tokens of the first prompt.
        max_output_tokens: The most tokens of each reply, hidden reasoning included.
        timeout_s: Seconds for each call.
        budget_check: As `CallJournal.complete` takes it.
        attempt: Tells apart conversations that begin alike and should differ, such as the samples
            of one round.
    """

    workload_text: str
    tree: Path
    tried: Sequence[str]
    strategy: str
    task: str = ""
    facts: Sequence[str] = ()
    call_facts: Sequence[CallFacts] = ()
    call_tree: Sequence[str] = ()
    standing: Sequence[str] = ()
    max_repairs: int = 2
    max_prompt_tokens: int = 12_000
    max_output_tokens: int = 16_000
    timeout_s: float = 600.0
    budget_check: BudgetCheck | None = None
    attempt: str = ""


class NoChange(Exception):
    """The model ended the conversation without a change; the message says why."""


def propose(
    *,
    model: ChatModel,
    journal: CallJournal,
    hotspots: Sequence[Hotspot],
    context: ProposalContext,
    raise_transient: bool = True,
) -> list[Proposal]:
    """Return what the model proposes when it follows the context's strategy: one proposal.

    Made again after a kill, it makes only the calls that were not answered. A call that the
    provider refuses, an answer that cannot be used after all repairs, and a budget that has no
    room end in a proposal with a problem.

    Args:
        model: Whom to ask.
        journal: The run's.
        hotspots: Best first, at least one.
        context: What else the model is told.
        raise_transient: False makes a provider's passing failure a problem like the others.

    Raises:
        TransientModelError: The provider failed in a way that passes; calling again goes on from
            where it failed.
        InfrastructureError: The journal cannot be written.
    """
    begin = time.monotonic()
    spend = Spend()
    hypothesis, problem = "", ""
    sources: Mapping[str, str] = {}
    conversation = opening(hotspots, context)
    for _ in range(context.max_repairs + 1):
        try:
            reply = _ask(model, journal, conversation, context)
        except (ModelRefused, OverBudget, TransientModelError) as error:
            if raise_transient and isinstance(error, TransientModelError):
                raise
            spend += (isinstance(error, ModelRefused) and error.spend) or Spend()
            problem = f"{problem}; then {error}" if problem else str(error)
            break
        tokens = reply.input_tokens + reply.output_tokens
        spend += Spend(usd=reply.usd, tokens=tokens, model_calls=1)
        hypothesis = hypothesis_of(reply.text) or hypothesis
        try:
            sources, problem = usable_sources(reply, context.tree), ""
            break
        except NoChange as error:
            problem = str(error)
            break
        except ToolError as error:
            problem = str(error)
            conversation = [*conversation, *_repair(reply, problem)]
    return [
        Proposal(
            origin=f"llm/{model.name}/{context.strategy}",
            hypothesis=hypothesis or ("" if problem else "the model states no hypothesis"),
            hotspot=_aimed_at(hotspots, sources),
            sources=sources,
            spend=spend + Spend(wall_s=round(time.monotonic() - begin, 3)),
            problem=" ".join(problem.split())[:_LONGEST_PROBLEM] or None,
        )
    ]


def _ask(
    model: ChatModel,
    journal: CallJournal,
    conversation: Sequence[Message],
    context: ProposalContext,
) -> Reply:
    return journal.complete(
        model,
        conversation,
        max_output_tokens=context.max_output_tokens,
        timeout_s=context.timeout_s,
        budget_check=context.budget_check,
        attempt=context.attempt,
    )


def opening(hotspots: Sequence[Hotspot], context: ProposalContext) -> list[Message]:
    """Return the first messages; what does not depend on the strategy comes first, to be cached."""
    system = Message(
        role="system",
        content=load_prompt("system").render(rules=load_prompt("rules").render()),
    )
    task = Message(role="user", content=context.task or strategy_prompt(context.strategy))
    # The same room for every task that is not too long, so that the case is the same for all.
    room = max(prompt_bound([task]), min(_TASK_ROOM, context.max_prompt_tokens // 5))
    case = case_text(
        hotspots,
        tree=context.tree,
        workload_text=context.workload_text,
        tried=context.tried,
        facts=context.facts,
        call_facts=context.call_facts,
        call_tree=context.call_tree,
        standing=context.standing,
        max_tokens=context.max_prompt_tokens - prompt_bound([system]) - room,
    )
    return [system, Message(role="user", content=case, reusable=True), task]


def hypothesis_of(text: str) -> str:
    """Return the hypothesis that a reply states, as one line; empty when it states none."""
    found = _HYPOTHESIS.search(_REASONING.sub("", text))
    if not found:
        return ""
    line = "".join(char for char in found[1] if char.isprintable()).strip()
    return line if len(line) <= _LONGEST_HYPOTHESIS else line[: _LONGEST_HYPOTHESIS - 1] + "…"


def usable_sources(reply: Reply, tree: Path) -> dict[str, str]:
    """Return the new text of each file that a reply changes.

    Raises:
        ToolError: The reply was cut off, has no edits, or has one that does not apply or leaves a
            file that does not parse; the message is for the model.
        NoChange: The model declined, or finds no change worth making.
    """
    if reply.stop == "refusal":
        raise NoChange(f"{reply.model} declined: {' '.join(reply.text.split())[:200] or 'no word'}")
    text = _REASONING.sub("", reply.text)
    if re.match(r"none\b", hypothesis_of(text), re.IGNORECASE):
        reason = " ".join(_HYPOTHESIS.sub("", text, count=1).split())[:300]
        raise NoChange(f"{reply.model} finds no change worth making: {reason or 'no reason given'}")
    if reply.stop == "length":
        raise ToolError(
            f"The reply was cut off at {reply.output_tokens:,} tokens. Think less and write only "
            "the hypothesis and the blocks; choose a change that fits."
        )
    try:
        sources = apply_edits(tree, parse_reply(text))
    except ToolError:
        bare = _NUMBER_COLUMN.sub("", text)
        if bare == text:
            raise
        sources = apply_edits(tree, parse_reply(bare))
    for path, new in sources.items():
        _check_syntax(tree, path, new)
    return sources


def _check_syntax(tree: Path, path: str, new: str) -> None:
    """Raise ToolError when a Python file that parsed, or is new, no longer parses."""
    if not path.endswith(".py") or _syntax_error(new) is None:
        return
    old = locate(tree, path)
    # The repository may be written for a newer Python than the one that runs here.
    if old.exists() and _syntax_error(read_text(old)) is not None:
        return
    raise ToolError(f"After the edits {path} does not parse: {_syntax_error(new)}")


def _syntax_error(text: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}: {(error.text or '').strip()}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error)
    return None


def _repair(reply: Reply, problem: str) -> list[Message]:
    """Return the turns that ask for a better reply; one that was cut off is not worth repeating."""
    request = load_prompt("repair").render(problem=problem[:_LONGEST_PROBLEM])
    answered = Message(role="assistant", content=reply.text if reply.stop == "end" else "")
    return [answered, Message(role="user", content=request, reusable=True)]


def _aimed_at(hotspots: Sequence[Hotspot], sources: Mapping[str, str]) -> str | None:
    """Return the best hotspot whose code was changed, else the best one in a changed file."""
    touched = [spot for spot in hotspots if spot.path in sources]
    changed = [spot for spot in touched if spot.source.strip() not in sources[spot.path]]
    for spot in [*changed, *touched]:
        return f"{spot.path}:{spot.function}"
    return None
