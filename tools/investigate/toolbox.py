"""The toolbox: the tools with which a model investigates and edits a scratch tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """What a model is told about one tool.

    Attributes:
        name: Letters, digits, "_" and "-", at most 64.
        description: What it does, what it returns, where it cuts; for the model.
        parameters: A JSON schema of type "object" for its arguments.
        changes_tree: Whether a call may change the scratch tree. Such a call is made again when a
            conversation is resumed; what the others answered is read back.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    changes_tree: bool = False


class Toolbox(Protocol):
    """The tools of one conversation, with a scratch tree of its own. Used from one thread."""

    def specs(self) -> Sequence[ToolSpec]:
        """Return the tools there are; the same in every call."""
        ...

    def call(self, name: str, arguments: Mapping[str, object]) -> str:
        """Return what a tool has to say, for the model: capped, and says what was cut.

        A call that changes the tree leaves the same tree whenever the same ones came before it.

        Args:
            name: One of the tools.
            arguments: As the model wrote them; checked here.

        Raises:
            ToolError: No such tool, unfit arguments, refused or impossible; text for the model.
                The tree is then as it was.
            InfrastructureError: The sandbox or the disk failed.
        """
        ...

    def sources(self) -> Mapping[str, str]:
        """Return the new text of each file that the scratch tree holds otherwise, by its path."""
        ...

    def close(self) -> None:
        """Remove the scratch tree. Nothing else is called afterwards."""
        ...
