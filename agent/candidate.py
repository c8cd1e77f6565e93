"""The candidate: a patch on trial, with where it came from and what it is meant to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..repos.patch import Patch
from .runs.budget import Spend


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A patch under trial.

    Attributes:
        candidate_id: Unique within the run.
        parent_id: The candidate it builds on; None when it builds on the base commit.
        origin: Proposer and strategy, such as "rewrites/memoize" or "llm/openai:gpt-5/batch".
        hypothesis: One sentence: what is slow, why, and what change should help.
        patch: The whole change against the run's base commit, the parent's included.
        spend: What proposing it used.
        round: The round that proposed it, counted from 1.
        hotspot: "path:function" it aims at, or None when it names none.
        fingerprint: Digest of the changed files' meaning; equal for equivalent patches.
        change_key: Name of its change against the parent by the lines, wherever they stand.
        tip_speedup: Base over parent when it was proposed, roughly; 1.0 for the base.
        kind: What kind of change it is (`search/kinds.py`); empty when nobody looked.
    """

    candidate_id: str
    parent_id: str | None
    origin: str
    hypothesis: str
    patch: Patch
    spend: Spend
    round: int
    hotspot: str | None
    fingerprint: str
    change_key: str = ""
    tip_speedup: float = 1.0
    kind: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "candidate_id": self.candidate_id,
            "parent_id": self.parent_id,
            "origin": self.origin,
            "hypothesis": self.hypothesis,
            "patch": {"diff": self.patch.diff, "base_commit": self.patch.base_commit},
            "spend": self.spend.to_json(),
            "round": self.round,
            "hotspot": self.hotspot,
            "fingerprint": self.fingerprint,
            "change_key": self.change_key,
            "tip_speedup": self.tip_speedup,
            "kind": self.kind,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Candidate:
        """Read back what `to_json` wrote.

        Raises:
            ToolError: The record's diff is not one that a patch may hold.
        """
        fields = dict(record)
        fields["patch"] = Patch.parse(**fields["patch"])
        fields["spend"] = Spend.from_json(fields["spend"])
        return cls(**fields)
