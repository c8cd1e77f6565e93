"""The ask: what one proposer is asked in a round, as it stands in the run's files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to one proposer.

    Attributes:
        proposer: "rewrites", "llm", "command", "pairs" or "predictions:FILE".
        label: Names it within the round, and the file with its answer.
        strategy: Of a model: what kind of change, or which move on an earlier one
            (`strategies.py`); else empty.
        parent: The version to change: a candidate's id, or None for the base.
        about: Ids of the earlier candidates that it is about.
        plan: Of a model: the plan in words that it is to carry out; empty when there is none.
    """

    proposer: str
    label: str
    strategy: str = ""
    parent: str | None = None
    about: tuple[str, ...] = ()
    plan: str = ""

    def file(self, round_number: int) -> str:
        """Return the name of the file that holds its answer in a round."""
        return f"proposals/{round_number:02d}/{self.label}.json"


def collected_file(round_number: int) -> str:
    """Return the name of the file that says what came of each ask of a round."""
    return f"search/{round_number:02d}-collected.json"
