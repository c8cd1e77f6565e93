"""A recorded model: it answers from the calls of an earlier run, and says where a run departs.

A call is recognized by the conversation up to it: what the model itself said, and the task it was
given. Everything else may differ in its numbers, since times do; where the words differ, the
answer is the recorded one and the departure is told.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, UserError
from ...tools.investigate.toolbox import ToolSpec
from ..runs.budget import Spend
from ..runs.durable import read_durable
from .messages import Message
from .models import ModelRefused, Reply, reply_from_json
from .prices import Price

_VARIES = re.compile(r"\b[0-9a-f]{7,40}\b|\d[\d,._]*|/[\w./~+-]+")
_LONGEST_QUOTE = 80
_Trail = tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]


class Recording:
    """The answered calls of a run; each is given out once, safe from several threads."""

    def __init__(self, path: Path, calls: Sequence[Mapping[str, Any]]) -> None:
        """Take the calls as their files hold them; `path` names the recording in messages."""
        self.path = path
        self._left = list(calls)
        self._lock = threading.Lock()

    @classmethod
    def read(cls, path: Path) -> Recording:
        """Return the recording of a run.

        Args:
            path: The run's directory, a file in it, or its folder of calls.

        Raises:
            UserError: There are no answered calls.
        """
        folder = path if path.is_dir() else path.parent
        folder = folder / "calls" if (folder / "calls").is_dir() else folder
        files = [file for file in sorted(folder.glob("*.json")) if "." not in file.stem]
        try:
            calls = [call for call in map(read_durable, files) if "messages" in call]
        except InfrastructureError as error:
            raise UserError(f"--replay {path}: {error}") from None
        if not calls:
            raise UserError(f"--replay {path}: no answered model calls there; name a run's folder")
        return cls(path, sorted(calls, key=lambda call: str(call["asked_at"])))

    def take(self, messages: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
        """Return the recorded call that was asked most like this, or None; it is then used up."""
        wanted = _trail(messages)
        with self._lock:
            alike = [call for call in self._left if _trail(call["messages"]) == wanted]
            if not alike:
                return None
            best = min(alike, key=lambda call: (_distance(call, messages), call["model"] != name))
            self._left.remove(best)
            return best


@dataclass(frozen=True, kw_only=True)
class ReplayedModel:
    """A model whose answers are those of a recording.

    Attributes:
        name: The recorded model's, such as "openai:gpt-5".
        recording: Where its answers are; one for all models of a run.
        on_departure: Told, as `text`, where a conversation is not the recorded one.
    """

    name: str
    recording: Recording
    on_departure: Callable[..., None]
    price: Price | None = None

    def complete(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[ToolSpec] = (),
        max_output_tokens: int,
        timeout_s: float,
    ) -> Reply:
        """Return the recorded answer; tokens and dollars are those of the recorded call.

        Raises:
            ModelRefused: The recorded call was of no use, or none was asked like this.
        """
        asked = [message.to_json() for message in messages]
        found = self.recording.take(asked, self.name)
        if found is None:
            raise ModelRefused(
                f"{self.name}: the recording {self.recording.path} has no answer to this: the "
                f"conversation departs from it before reply {_replies(asked) + 1}, at the task "
                f"{_quoted(asked[-1]['content'])}"
            )
        if departure := _departure(found["messages"], asked):
            self.on_departure(text=f"replay: {departure}")
        if found.get("refused"):
            spend = Spend.from_json(found["spend"])
            raise ModelRefused(found["refused"], answered=True, spend=spend)
        return reply_from_json(found["reply"])


def _replies(messages: Sequence[Mapping[str, Any]]) -> int:
    return sum(message["role"] == "assistant" for message in messages)


def _trail(messages: Sequence[Mapping[str, Any]]) -> _Trail:
    """Return what makes a conversation the same: its task, and what the model said since."""
    begin = next(
        (place for place, each in enumerate(messages) if each["role"] == "assistant"),
        len(messages),
    )
    task = [("task", _steady(messages[begin - 1]["content"]), ())] if begin else []
    said = [
        (
            each["role"],
            each["content"],
            tuple((call["name"], call["arguments_json"]) for call in each.get("tool_calls", ())),
        )
        for each in messages[begin:]
        if each["role"] == "assistant"
    ]
    return (*task, *said)


def _distance(call: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> int:
    recorded = [each["content"] for each in call["messages"]]
    asked = [each["content"] for each in messages]
    if recorded == asked:
        return 0
    return 1 if list(map(_steady, recorded)) == list(map(_steady, asked)) else 2


def _departure(
    recorded: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return where the words first differ, as one clause; None when only numbers do."""
    for place, (old, new) in enumerate(zip(recorded, asked, strict=False), 1):
        was, now = _steady(old["content"]).splitlines(), _steady(new["content"]).splitlines()
        for line, (before, after) in enumerate(zip(was, now, strict=False), 1):
            if before != after:
                return (
                    f"message {place} ({new['role']}), line {line} differs from the recording: "
                    f"{_quoted(before)} then, {_quoted(after)} now"
                )
        if len(was) != len(now):
            return f"message {place} ({new['role']}) has {len(now)} lines, recorded {len(was)}"
    if len(recorded) != len(asked):
        return f"the conversation has {len(asked)} messages, recorded {len(recorded)}"
    return None


def _steady(text: str) -> str:
    return _VARIES.sub("#", text)


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1] + "…")
