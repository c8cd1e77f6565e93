"""What tools answered in a run's conversations, on disk beside the model calls that asked.

    KEY.tool-N.json    the answer to the N-th tool call of the reply to call KEY, from 0

An answer is on disk before the model, or anybody else, sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..runs.durable import read_durable, write_durably
from .messages import ToolCall


@dataclass(frozen=True, kw_only=True)
class ToolAnswer:
    """What the model is told about one of its tool calls.

    Attributes:
        text: As the model sees it, what remains of the budget included.
        changed_tree: Whether the call changed the scratch tree, and must be made again to have
            that tree again.
        is_last: Whether the model was told that it may call no more tools.
    """

    text: str
    changed_tree: bool = False
    is_last: bool = False


class ToolAnswers:
    """The tool answers of one run; safe to use from several threads."""

    def __init__(self, folder: Path, *, check_stopping: Callable[[], None]) -> None:
        """Open the folder, which need not exist.

        Args:
            folder: The call journal's.
            check_stopping: Raises when the user asked the run to stop: what tools say then may be
                no more than that they were ended, and is not kept.
        """
        self._folder = folder
        self._check_stopping = check_stopping

    def recall(self, key: str, number: int) -> ToolAnswer | None:
        """Return the recorded answer to a call, or None.

        Raises:
            InfrastructureError: The record cannot be read.
        """
        path = self._path(key, number)
        if not path.exists():
            return None
        return ToolAnswer(**read_durable(path)["answer"])

    def keep(self, key: str, number: int, call: ToolCall, answer: ToolAnswer) -> None:
        """Put an answer on disk.

        Raises:
            InfrastructureError: The disk is full or not writable.
        """
        self._check_stopping()
        record = {"call": asdict(call), "answer": asdict(answer)}
        write_durably(self._path(key, number), record)

    def _path(self, key: str, number: int) -> Path:
        return self._folder / f"{key}.tool-{number}.json"
