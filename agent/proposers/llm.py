"""The LLM proposer: one strategy, one conversation, one checked change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ToolError
from ...profiles.facts.facts import CallFacts
from ...profiles.hotspot import Hotspot
from ...redaction import without_known
from ...tools.investigate.toolbox import Toolbox, ToolSpec
from ..chat.journal import CallJournal
from ..chat.messages import Message, prompt_bound
from ..chat.models import ChatModel, ModelRefused, Reply, TransientModelError
from ..chat.prompts import load_prompt, strategy_prompt
from ..runs.budget import BudgetCheck, Left, OverBudget, Spend
from .briefing import case_text
from .conversation import Conversation, Limits, calls_of
from .proposal import Proposal
from .reply_change import NoChange, checked, hypothesis_of, usable_sources

_LONGEST_PROBLEM = 4_000
_TASK_ROOM = 2_400


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
        open_toolbox: Gives the tools to investigate with, on a scratch tree of their own; None
            offers none.
        max_turns: Replies that may call tools.
        max_repairs: How often the model may mend a reply that cannot be used.
        max_prompt_tokens: The most tokens of the first prompt.
        max_output_tokens: The most tokens of each reply, hidden reasoning included.
        max_context_tokens: The most tokens of any prompt; from then on old tool answers are left
            out.
        max_conversation_tokens: The most tokens of all calls together; None sets no limit.
        timeout_s: Seconds for each call.
        budget_check: As `CallJournal.complete` takes it.
        left: Says what remains of the run's budget, for the model and for the calls' time limits.
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
    open_toolbox: Callable[[], Toolbox] | None = None
    max_turns: int = 24
    max_repairs: int = 2
    max_prompt_tokens: int = 12_000
    max_output_tokens: int = 16_000
    max_context_tokens: int = 64_000
    max_conversation_tokens: int | None = None
    timeout_s: float = 600.0
    budget_check: BudgetCheck | None = None
    left: Callable[[], Left] | None = None
    attempt: str = ""


def propose(
    *,
    model: ChatModel,
    journal: CallJournal,
    hotspots: Sequence[Hotspot],
    context: ProposalContext,
    raise_transient: bool = True,
) -> list[Proposal]:
    """Return what the model proposes when it follows the context's strategy: one proposal.

    The model may investigate with tools first. Made again after a kill, it makes only the calls
    that were not answered, of models and of tools; those that change the scratch tree are made
    again. A call that the provider refuses, an answer that cannot be used after all repairs, and a
    budget that has no room end in a proposal with a problem, or in what the scratch tree holds.

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
    toolbox = context.open_toolbox() if context.open_toolbox and context.max_turns else None
    try:
        offered = toolbox if toolbox and _has_room(toolbox.specs(), context) else None
        conversation = _begin(model, journal, hotspots, context, offered)
        end = _converse(conversation, context, raise_transient=raise_transient)
    finally:
        if toolbox is not None:
            toolbox.close()
    return [
        Proposal(
            origin=f"llm/{model.name}/{context.strategy}",
            hypothesis=end.hypothesis or ("" if end.problem else "the model states no hypothesis"),
            hotspot=_aimed_at(hotspots, end.sources),
            sources=end.sources,
            spend=conversation.spend + Spend(wall_s=round(time.monotonic() - begin, 3)),
            problem=" ".join(end.problem.split())[:_LONGEST_PROBLEM] or None,
            notes=end.notes,
        )
    ]


def _has_room(specs: Sequence[ToolSpec], context: ProposalContext) -> bool:
    """Return whether the tools leave half of the first prompt, and of the context, for the case."""
    most = min(context.max_prompt_tokens, context.max_context_tokens)
    return bool(specs) and prompt_bound([], specs) <= most / 2


def _begin(
    model: ChatModel,
    journal: CallJournal,
    hotspots: Sequence[Hotspot],
    context: ProposalContext,
    toolbox: Toolbox | None,
) -> Conversation:
    return Conversation(
        model=model,
        journal=journal,
        attempt=context.attempt,
        limits=Limits(
            max_turns=context.max_turns,
            max_tokens=context.max_conversation_tokens,
            max_context_tokens=context.max_context_tokens,
            max_output_tokens=context.max_output_tokens,
            timeout_s=context.timeout_s,
            budget_check=context.budget_check,
            left=context.left,
        ),
        toolbox=toolbox,
        clean=without_known,
        messages=opening(hotspots, context, toolbox.specs() if toolbox else ()),
    )


@dataclass(kw_only=True)
class _End:
    """How a conversation ended."""

    sources: Mapping[str, str]
    hypothesis: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


def _converse(
    conversation: Conversation, context: ProposalContext, *, raise_transient: bool
) -> _End:
    """Lead the conversation to its end."""
    end = _End(sources={})
    repairs = 0
    while repairs <= context.max_repairs:
        try:
            reply = conversation.ask()
        except (ModelRefused, OverBudget, TransientModelError) as error:
            if raise_transient and isinstance(error, TransientModelError):
                raise
            end.problem = f"{end.problem}; then {error}" if end.problem else str(error)
            if not isinstance(error, ModelRefused):
                break
            conversation.spend += error.spend or Spend()
            if not error.answered:
                break
            repairs += 1
            conversation.say(_repair(str(error)))
            continue
        end.hypothesis = hypothesis_of(reply.text) or end.hypothesis
        if calls_of(reply):
            if conversation.is_over:
                repairs += 1
                end.problem = "the model went on calling tools when no calls were left"
            conversation.answer_calls(reply)
            continue
        try:
            end.sources, end.problem = usable_sources(reply, context.tree, _draft(conversation)), ""
            return end
        except NoChange as error:
            end.problem = str(error)
            return end
        except ToolError as error:
            end.problem = str(error)
            repairs += 1
            conversation.messages.append(_as_answered(reply))
            conversation.say(_repair(end.problem))
    return _salvaged(end, conversation, context)


def _draft(conversation: Conversation) -> Mapping[str, str]:
    return conversation.toolbox.sources() if conversation.toolbox else {}


def _salvaged(end: _End, conversation: Conversation, context: ProposalContext) -> _End:
    """Take what the scratch tree holds, where a conversation broke off."""
    draft = _draft(conversation)
    if not draft:
        return end
    try:
        end.sources = checked(context.tree, draft)
    except ToolError as error:
        end.problem = f"{end.problem}; its scratch tree: {error}"
        return end
    reason = " ".join(end.problem.split())[:_LONGEST_PROBLEM]
    end.notes = (f"the conversation broke off, and its scratch tree was taken: {reason}",)
    end.problem = ""
    return end


def opening(
    hotspots: Sequence[Hotspot], context: ProposalContext, tools: Sequence[ToolSpec] = ()
) -> list[Message]:
    """Return the first messages; what does not depend on the strategy comes first, to be cached."""
    prompt = load_prompt("system-tools" if tools else "system")
    system = Message(role="system", content=prompt.render(rules=load_prompt("rules").render()))
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
        max_tokens=context.max_prompt_tokens - prompt_bound([system]) - tools_share(tools) - room,
    )
    return [system, Message(role="user", content=case, reusable=True), task]


def tools_share(tools: Sequence[ToolSpec]) -> int:
    """Return how much of the first prompt's tokens the tools count for.

    Half of their bound, which takes the schemas for indented JSON at a token a sign: tokenizers
    find less than that in them, and the code to be changed would have no room.
    """
    return prompt_bound([], tools) // 2 if tools else 0


def _repair(problem: str) -> str:
    return load_prompt("repair").render(problem=problem[:_LONGEST_PROBLEM])


def _as_answered(reply: Reply) -> Message:
    """Return a reply as a part of the history; one that was cut off is not worth repeating."""
    return Message(role="assistant", content=reply.text if reply.stop == "end" else "")


def _aimed_at(hotspots: Sequence[Hotspot], sources: Mapping[str, str]) -> str | None:
    """Return the best hotspot whose code was changed, else the best one in a changed file."""
    touched = [spot for spot in hotspots if spot.path in sources]
    changed = [spot for spot in touched if spot.source.strip() not in sources[spot.path]]
    for spot in [*changed, *touched]:
        return f"{spot.path}:{spot.function}"
    return None
