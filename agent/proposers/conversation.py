"""One conversation: the calls of a model, the tools it calls, and a history that stays short."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ...errors import InfrastructureError, ToolError
from ...tools.investigate.toolbox import Toolbox, ToolSpec
from ..chat.journal import CallJournal, call_key
from ..chat.messages import Message, ToolCall, prompt_bound
from ..chat.models import ChatModel, Reply
from ..chat.prices import token_bound
from ..chat.tool_answers import ToolAnswer
from ..runs.budget import BudgetCheck, Left, OverBudget, Spend

_MOST_CALLS_AT_ONCE = 8
_LONGEST_ANSWER = 24_000
_LONGEST_ECHO = 200
_SHORTEST_ELIDED = 400
_KEPT_AFTER_ELISION = 0.6
_SHORTEST_TIMEOUT_S = 1.0
_LAST_CALL_S = 60.0
_AS_BEFORE = "The same call was answered above, and nothing has changed since."
_STATUS = re.compile(r"\n\n\[(?:Left: |No calls are left).*\]\Z")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How far one conversation may go.

    Attributes:
        max_turns: Replies that may call tools; 0 offers none.
        max_tokens: Prompt and output tokens of all its calls together; None sets no limit.
        max_context_tokens: The most tokens of one prompt; older tool answers are left out of
            longer ones.
        max_output_tokens: The most tokens of one reply, hidden reasoning included.
        timeout_s: Seconds for each call.
        budget_check: As `CallJournal.complete` takes it.
        left: Says what remains of the run's budget; None tells the model nothing of it.
    """

    max_turns: int
    max_tokens: int | None
    max_context_tokens: int
    max_output_tokens: int
    timeout_s: float
    budget_check: BudgetCheck | None
    left: Callable[[], Left] | None


@dataclass(kw_only=True)
class Conversation:
    """What was said so far.

    Attributes:
        model: Whom it is with.
        journal: The run's.
        attempt: As `CallJournal.complete` takes it.
        limits: How far it may go.
        toolbox: The tools; None where none are offered.
        clean: Blots keys out of what the model is shown.
        messages: The history, as it is sent.
        spend: What the calls used, failed ones included.
        turns: Replies so far that called tools.
        is_over: Whether the model was told that it may call no more tools.
    """

    model: ChatModel
    journal: CallJournal
    attempt: str
    limits: Limits
    toolbox: Toolbox | None
    clean: Callable[[str], str]
    messages: list[Message]
    spend: Spend = field(default_factory=Spend)
    turns: int = 0
    is_over: bool = False
    _specs: tuple[ToolSpec, ...] = ()
    _key: str = ""
    _changes: int = 0
    _seen: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _texts: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._specs = tuple(self.toolbox.specs()) if self.toolbox else ()
        self.messages = [
            replace(message, content=self.clean(message.content)) for message in self.messages
        ]

    def ask(self) -> Reply:
        """Return the model's next reply, paid for once whatever becomes of this process.

        Raises:
            OverBudget: The call could use more than the run or the conversation may, or the
                history no longer fits; it was not made.
            TransientModelError: As `CallJournal.complete`.
            ModelRefused: Likewise.
        """
        self._shorten()
        self._check_size()
        limits = self.limits
        self._key = call_key(
            self.model.name,
            self.messages,
            tools=self._specs,
            max_output_tokens=limits.max_output_tokens,
            attempt=self.attempt,
        )
        reply = self.journal.complete(
            self.model,
            self.messages,
            tools=self._specs,
            max_output_tokens=limits.max_output_tokens,
            timeout_s=self._timeout_s(),
            budget_check=limits.budget_check,
            attempt=self.attempt,
        )
        tokens = reply.input_tokens + reply.output_tokens
        self.spend += Spend(usd=reply.usd, tokens=tokens, model_calls=1)
        return reply

    def say(self, text: str) -> None:
        """Add what the user says next."""
        self.messages.append(Message(role="user", content=self.clean(text), reusable=True))

    def answer_calls(self, reply: Reply) -> None:
        """Call the tools that a reply asks for and add what they say to the history."""
        self.turns += 1
        self.messages.append(reply.as_message())
        for number, call in enumerate(reply.tool_calls):
            is_final = number == len(reply.tool_calls) - 1
            found = self.journal.tool_answers.recall(self._key, number)
            if found is None:
                found = self._answer(call, number, is_final=is_final)
                self.journal.tool_answers.keep(self._key, number, call, found)
            elif found.changed_tree:
                self._repeat(call)
            self._note(call, found)
            self.is_over = self.is_over or found.is_last
            self.messages.append(
                Message(role="tool", content=found.text, answers=call.call_id, reusable=is_final)
            )

    def _repeat(self, call: ToolCall) -> None:
        """Bring the scratch tree to where it was when the recorded answer was given."""
        try:
            if self.toolbox is not None:
                self.toolbox.call(call.name, call.arguments() or {})
        except ToolError as error:
            raise InfrastructureError(
                f"the scratch tree of a conversation cannot be restored: {error}"
            ) from None

    def _answer(self, call: ToolCall, number: int, *, is_final: bool) -> ToolAnswer:
        text, changed = self._called(call, number)
        text = self.clean(text)
        if len(text) > _LONGEST_ANSWER:
            text = f"{text[:_LONGEST_ANSWER]}\n({len(text) - _LONGEST_ANSWER} more characters)"
        if not is_final:
            return ToolAnswer(text=text, changed_tree=changed)
        is_last = self._is_last(text)
        return ToolAnswer(
            text=f"{text}\n\n{self._status(is_last=is_last)}",
            changed_tree=changed,
            is_last=is_last,
        )

    def _called(self, call: ToolCall, number: int) -> tuple[str, bool]:
        """Return what a call gives, for the model, and whether it changed the scratch tree."""
        spec = next((spec for spec in self._specs if spec.name == call.name), None)
        arguments = call.arguments()
        if self.is_over:
            return "No calls are left; this one was not made.", False
        if number >= _MOST_CALLS_AT_ONCE:
            return f"Not called: at most {_MOST_CALLS_AT_ONCE} calls a reply.", False
        if spec is None or self.toolbox is None:
            known = ", ".join(spec.name for spec in self._specs)
            return f"There is no tool {call.name[:_LONGEST_ECHO]!r}. The tools: {known}.", False
        if arguments is None:
            wrote = call.arguments_json[:_LONGEST_ECHO]
            wanted = json.dumps(spec.parameters.get("properties", {}))
            return f"Not called: the arguments are no JSON object: {wrote}\nWanted: {wanted}", False
        place = self._seen.get(self._identity(call))
        if place is not None and not spec.changes_tree:
            if self.messages[place].content == self._texts[place]:
                return _AS_BEFORE, False
            return _STATUS.sub("", self._texts[place]), False
        try:
            return self.toolbox.call(call.name, arguments) or "(nothing)", spec.changes_tree
        except ToolError as error:
            return str(error), False

    def _note(self, call: ToolCall, answer: ToolAnswer) -> None:
        """Remember an answer, for the same call made again."""
        place = len(self.messages)
        if answer.changed_tree:
            self._changes += 1
        elif not answer.text.startswith(_AS_BEFORE):
            self._seen[self._identity(call)] = place
        self._texts[place] = answer.text

    def _identity(self, call: ToolCall) -> tuple[str, str, int]:
        arguments = call.arguments()
        text = call.arguments_json if arguments is None else json.dumps(arguments, sort_keys=True)
        return call.name, text, self._changes

    def _status(self, *, is_last: bool) -> str:
        """Return the line that says what is left."""
        if is_last:
            return "[No calls are left. Answer now, without calling a tool.]"
        parts = [f"{self.limits.max_turns - self.turns} replies that call tools"]
        if self.limits.max_tokens is not None:
            spare = self.limits.max_tokens - self.spend.tokens
            parts.append(f"{spare:,} tokens of this conversation")
        run = self.limits.left().words() if self.limits.left else ""
        return f"[Left: {'; '.join([*parts, *([f'{run} of the run'] if run else [])])}]"

    def _is_last(self, text: str) -> bool:
        """Return whether the next reply should be the final one: a further one might not fit."""
        if self.turns >= self.limits.max_turns:
            return True
        limits = self.limits
        prompt = min(
            prompt_bound(self.messages, self._specs) + token_bound(text), limits.max_context_tokens
        )
        # One more reply that calls a tool, and after it the one that proposes.
        wanted = 2 * (prompt + limits.max_output_tokens) + token_bound("x" * _LONGEST_ECHO)
        if limits.max_tokens is not None and self.spend.tokens + wanted > limits.max_tokens:
            return True
        left = limits.left() if limits.left else Left()
        if left.wall_s is not None and left.wall_s < _LAST_CALL_S:
            return True
        price = self.model.price
        dear = left.usd is not None and (
            price is None
            or price.most_usd(prompt_tokens=2 * prompt, output_tokens=2 * limits.max_output_tokens)
            > left.usd
        )
        return dear or (left.tokens is not None and wanted > left.tokens)

    def _check_size(self) -> None:
        limits = self.limits
        prompt = prompt_bound(self.messages, self._specs)
        if prompt > limits.max_context_tokens:
            raise OverBudget(
                f"{self.model.name} was not asked: the conversation could have {prompt:,} tokens "
                f"and may have {limits.max_context_tokens:,}"
            )
        most = self.spend.tokens + prompt + limits.max_output_tokens
        if limits.max_tokens is not None and most > limits.max_tokens:
            raise OverBudget(
                f"{self.model.name} was not asked: the conversation could come to {most:,} tokens "
                f"and may have {limits.max_tokens:,}"
            )

    def _timeout_s(self) -> float:
        left = self.limits.left() if self.limits.left else Left()
        if left.wall_s is None:
            return self.limits.timeout_s
        return max(_SHORTEST_TIMEOUT_S, min(self.limits.timeout_s, left.wall_s))

    def _shorten(self) -> None:
        """Leave out old tool answers once the history is too long, many at a time.

        What stands before the first of them stays what a provider has cached; done seldom, the
        rest is cached again.
        """
        if prompt_bound(self.messages, self._specs) <= self.limits.max_context_tokens:
            return
        goal = self.limits.max_context_tokens * _KEPT_AFTER_ELISION
        latest = max(
            (place for place, message in enumerate(self.messages) if message.role == "assistant"),
            default=0,
        )
        for place, message in enumerate(self.messages[:latest]):
            if message.role != "tool" or len(message.content) < _SHORTEST_ELIDED:
                continue
            self.messages[place] = replace(message, content=_elided(message.content))
            if prompt_bound(self.messages, self._specs) <= goal:
                return


def _elided(text: str) -> str:
    first = text.splitlines()[0][:_LONGEST_ECHO]
    return (
        f"{first}\n[{len(text) - len(first)} characters are left out to save room; call the tool "
        "again to see them]"
    )


def calls_of(reply: Reply) -> Sequence[ToolCall]:
    """Return the tool calls of a reply that can be made: none of one that was cut off."""
    return reply.tool_calls if reply.stop == "end" else ()
