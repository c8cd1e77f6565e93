"""The call journal: every model call of a run on disk, so that none is paid for twice.

A folder of JSON files, named by the call's key (see `call_key`):

    KEY.json           answered: the messages, the reply or why it is of no use, what it used
    KEY.intent.json    asked and not answered: under way, or cut off; holds the most it can use
    KEY.lost-N.json    an intent whose answer never came, though the provider may charge for it
    KEY.tool-N.json    what the N-th tool that the reply calls answered (`tool_answers.py`)

A reply is on disk before anybody sees it. Format 1; every file is written whole and synced.
"""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...tools.investigate.toolbox import ToolSpec
from ..runs.budget import BudgetCheck, OverBudget, Spend
from ..runs.durable import read_durable, write_durably
from .messages import Message, prompt_bound
from .models import ChatModel, ModelRefused, Reply, TransientModelError, reply_from_json
from .tool_answers import ToolAnswers

_LONGEST_WAIT_S = 60.0
"""A provider that asks for a longer wait is asked again after this one."""
_LOOK_EVERY_S = 0.1
"""How soon a model call that is under way notices that the run is being stopped."""


@dataclass(frozen=True, kw_only=True)
class _Call:
    """One call as it is asked for."""

    model: ChatModel
    messages: Sequence[Message]
    tools: Sequence[ToolSpec]
    max_output_tokens: int
    attempt: str
    key: str

    @property
    def request(self) -> dict[str, Any]:
        """What its files say was asked."""
        return {
            "key": self.key,
            "model": self.model.name,
            "attempt": self.attempt,
            "max_output_tokens": self.max_output_tokens,
            "messages": [message.to_json() for message in self.messages],
            "tools": [spec.name for spec in self.tools],
            "asked_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }


class CallJournal:
    """The model calls of one run; safe to use from several threads.

    One object for each run at a time: it is what keeps calls that run side by side from going over
    the budget together.
    """

    def __init__(
        self,
        path: Path,
        *,
        sleep: Callable[[float], object] = time.sleep,
        check_stopping: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the journal in the folder `path`, which need not exist.

        Args:
            path: The folder.
            sleep: Waits that many seconds, when a provider asked for it.
            check_stopping: Raises when the user asked the run to stop. A call that is under way is
                then left, and counts as one that may be charged.
        """
        self.path = path
        self.tool_answers = ToolAnswers(path, check_stopping=check_stopping)
        self._sleep = sleep
        self._check_stopping = check_stopping
        self._busy_until: dict[str, float] = {}
        self._lock = threading.Lock()
        self._call_locks: dict[str, threading.Lock] = {}
        self._answered: dict[str, Spend] = {}

    def complete(
        self,
        model: ChatModel,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
        budget_check: BudgetCheck | None = None,
        attempt: str = "",
    ) -> Reply:
        """Return the model's reply: the recorded one if the call was ever answered, else a new one.

        While the provider has asked to be left alone, a new call waits, up to a minute.

        Args:
            model: Whom to ask.
            messages: The conversation.
            tools: What the model may ask to call.
            max_output_tokens: The most the model may write.
            timeout_s: Seconds for the call, a wait that the provider asked for included.
            budget_check: `Budget.allows`, or one that adds what was spent elsewhere. It is given
                the journal's spend with the most that lost calls and calls under way can use.
                None: no limit.
            attempt: Tells calls apart that ask the same and want another answer.

        Raises:
            OverBudget: The call could go over the budget and was not made.
            TransientModelError: As `ChatModel.complete`; the same call may be made again.
            ModelRefused: As `ChatModel.complete`; one that the provider answered is recorded, and
                raised again without asking.
            InfrastructureError: The journal cannot be written or read.
        """
        key = call_key(
            model.name,
            messages,
            tools=tools,
            max_output_tokens=max_output_tokens,
            attempt=attempt,
        )
        with self._lock:
            call_lock = self._call_locks.setdefault(key, threading.Lock())
        with call_lock:
            recorded = self.path / f"{key}.json"
            if recorded.exists():
                return _outcome(read_durable(recorded))
            call = _Call(
                model=model,
                messages=messages,
                tools=tools,
                max_output_tokens=max_output_tokens,
                attempt=attempt,
                key=key,
            )
            intent = self._reserve(call, budget_check)
            return self._ask(call, intent, timeout_s)

    @property
    def spend(self) -> Spend:
        """What the recorded answers used; their `wall_s` is the time spent waiting for them."""
        with self._lock:
            return self._spend()

    @property
    def at_risk(self) -> Spend:
        """The most that calls under way, and calls whose answer never came, may have used."""
        with self._lock:
            return self._at_risk()

    def calls(self) -> list[dict[str, Any]]:
        """Return the recorded calls, oldest first, as they stand in their files.

        Raises:
            InfrastructureError: A file cannot be read.
        """
        records = [read_durable(path) for path in self._files() if _is_answer(path)]
        return sorted(records, key=lambda record: (record["asked_at"], record["key"]))

    def _reserve(self, call: _Call, budget_check: BudgetCheck | None) -> dict[str, Any]:
        """Write the intent if the budget allows the call, and return it."""
        size = {
            "prompt_tokens": prompt_bound(call.messages, call.tools),
            "output_tokens": call.max_output_tokens,
        }
        price = call.model.price
        with self._lock:
            path = self.path / f"{call.key}.intent.json"
            if path.exists():
                self._mark_lost(call.key, path)
            problem = budget_check and budget_check(
                self._spend() + self._at_risk(),
                prompt_tokens=size["prompt_tokens"],
                max_output_tokens=size["output_tokens"],
                price=price,
            )
            if problem:
                raise OverBudget(f"{call.model.name} was not asked: {problem}")
            most = Spend(
                tokens=sum(size.values()),
                usd=price.most_usd(**size) if price else None,
                model_calls=1,
            )
            intent = {**call.request, "spend": most.to_json()}
            write_durably(path, intent)
        return intent

    def _ask(self, call: _Call, intent: Mapping[str, Any], timeout_s: float) -> Reply:
        begin = time.monotonic()
        outcome: dict[str, Any]
        try:
            reply = self._reply(call, timeout_s)
            tokens = reply.input_tokens + reply.output_tokens
            spend = Spend(tokens=tokens, usd=reply.usd, model_calls=1)
            outcome = {"reply": asdict(reply)}
        except TransientModelError as error:
            self._give_up(call.key, maybe_billed=error.maybe_billed)
            pause_s = min(error.retry_after_s or 0.0, _LONGEST_WAIT_S)
            self._busy_until[call.model.name] = time.monotonic() + pause_s
            raise
        except ModelRefused as error:
            if not error.answered:
                self._give_up(call.key, maybe_billed=False)
                raise
            spend = error.spend or Spend.from_json(intent["spend"])
            outcome = {"refused": str(error)}
        spend += Spend(wall_s=round(time.monotonic() - begin, 3))
        record = {**intent, **outcome, "spend": spend.to_json()}
        with self._lock:
            write_durably(self.path / f"{call.key}.json", record)
            (self.path / f"{call.key}.intent.json").unlink(missing_ok=True)
        return _outcome(record)

    def _reply(self, call: _Call, timeout_s: float) -> Reply:
        """Return the model's reply, or leave the call alone when its time is up or the run stops.

        The model is asked in a thread of its own, since an adapter may notice late that nothing
        comes, and cannot notice that the user lost patience.
        """
        deadline = time.monotonic() + timeout_s
        self._wait_for(call, timeout_s)
        answer: queue.SimpleQueue[Reply | BaseException] = queue.SimpleQueue()
        threading.Thread(
            target=_answer_into, args=(answer, call, deadline - time.monotonic()), daemon=True
        ).start()
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                found = answer.get(timeout=min(left_s, _LOOK_EVERY_S))
            except queue.Empty:
                self._check_stopping()
                continue
            if isinstance(found, BaseException):
                raise found
            return found
        raise TransientModelError(
            f"{call.model.name}: no whole answer within {timeout_s:.0f} s", maybe_billed=True
        )

    def _wait_for(self, call: _Call, timeout_s: float) -> None:
        """Sleep as long as the provider asked for; nothing is sent when that ends badly."""
        wait_s = self._busy_until.get(call.model.name, 0.0) - time.monotonic()
        if wait_s >= timeout_s:
            raise TransientModelError(
                f"{call.model.name}: the provider asks to wait {wait_s:.0f} s, and "
                f"{timeout_s:.0f} s are left",
                retry_after_s=wait_s,
            )
        if wait_s > 0:
            self._sleep(wait_s)
        try:
            self._check_stopping()
        except BaseException:
            self._give_up(call.key, maybe_billed=False)
            raise

    def _give_up(self, key: str, *, maybe_billed: bool) -> None:
        intent = self.path / f"{key}.intent.json"
        with self._lock:
            if maybe_billed:
                self._mark_lost(key, intent)
            else:
                intent.unlink(missing_ok=True)

    def _mark_lost(self, key: str, intent: Path) -> None:
        taken = sum(path.name.startswith(f"{key}.lost-") for path in self._files())
        intent.replace(self.path / f"{key}.lost-{taken + 1}.json")

    def _spend(self) -> Spend:
        total = Spend()
        for path in self._files():
            if _is_answer(path):
                if path.name not in self._answered:
                    self._answered[path.name] = Spend.from_json(read_durable(path)["spend"])
                total += self._answered[path.name]
        return total

    def _at_risk(self) -> Spend:
        files = self._files()
        answers = {path.stem for path in files if _is_answer(path)}
        total = Spend()
        for path in files:
            key, _, kind = path.stem.partition(".")
            # A kill between writing the answer and removing its intent leaves both.
            if kind.startswith("lost-") or (kind == "intent" and key not in answers):
                total += Spend.from_json(read_durable(path)["spend"])
        return total

    def _files(self) -> list[Path]:
        if not self.path.is_dir():
            return []
        return sorted(path for path in self.path.iterdir() if not path.name.startswith("."))


def _answer_into(
    answer: queue.SimpleQueue[Reply | BaseException], call: _Call, timeout_s: float
) -> None:
    """Ask the model and put what it says, or the error, where the journal waits for it."""
    try:
        found: Reply | BaseException = call.model.complete(
            call.messages,
            tools=call.tools,
            max_output_tokens=call.max_output_tokens,
            timeout_s=timeout_s,
        )
    except BaseException as error:  # noqa: BLE001 - raised again where the journal waits
        found = error
    answer.put(found)


def call_key(
    model: str,
    messages: Sequence[Message],
    *,
    tools: Sequence[ToolSpec] = (),
    max_output_tokens: int,
    attempt: str,
) -> str:
    """Return the name of a call: equal for calls that may share one answer, 64 hex digits.

    The ids of tool calls have no part in it: a provider makes them up.
    """
    asked = {
        "model": model,
        "messages": [
            [
                message.role,
                message.content,
                [[call.name, call.arguments_json] for call in message.tool_calls],
            ]
            for message in messages
        ],
        "tools": [asdict(spec) for spec in tools],
        "max_output_tokens": max_output_tokens,
        "attempt": attempt,
    }
    text = json.dumps(asked, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _is_answer(path: Path) -> bool:
    return path.suffix == ".json" and "." not in path.stem


def _outcome(record: Mapping[str, Any]) -> Reply:
    spend = Spend.from_json(record["spend"])
    if record.get("refused"):
        raise ModelRefused(record["refused"], answered=True, spend=spend)
    return reply_from_json(record["reply"])
