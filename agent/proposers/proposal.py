"""The proposal: what a proposer came up with, before it becomes a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...repos.patch import Patch
from ..runs.budget import Spend


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A change that a proposer suggests, or why it suggests none.

    Attributes:
        origin: Proposer and strategy, such as "rewrites/memoize" or "llm/openai:gpt-5/batch".
        hypothesis: One sentence: what is slow, why, and what change should help. May be empty
            when there is a problem.
        hotspot: "path:function" it aims at, or None when it names none.
        sources: The new text of each changed file, by its path in the tree.
        spend: What it used, the failed tries included.
        problem: Why no candidate came out of it, in one sentence; None when one did.
        patch: The change against the run's base commit, where the proposer worked in a tree of
            its own; it then counts, and `sources` is empty. None otherwise.
        notes: What else a report should say about how it came about.
    """

    origin: str
    hypothesis: str
    hotspot: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)
    spend: Spend = field(default_factory=Spend)
    problem: str | None = None
    patch: Patch | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        patch = self.patch and {"diff": self.patch.diff, "base_commit": self.patch.base_commit}
        return {
            "origin": self.origin,
            "hypothesis": self.hypothesis,
            "hotspot": self.hotspot,
            "sources": dict(self.sources),
            "spend": self.spend.to_json(),
            "problem": self.problem,
            "patch": patch,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Proposal:
        """Read back what `to_json` wrote.

        Raises:
            ToolError: The record's diff is not one that a patch may hold.
        """
        fields = dict(record)
        fields["spend"] = Spend.from_json(fields["spend"])
        fields["patch"] = fields["patch"] and Patch.parse(**fields["patch"])
        fields["notes"] = tuple(fields["notes"])
        return cls(**fields)
