"""A repository of the corpus, prepared once, on whose patches every check is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perfagent.agent.audit import Audit, audit
from perfagent.agent.steps.tip import tip_tree
from perfagent.tests.court import Court, candidate_of, open_court

from .repositories import REPOSITORIES, WORKLOADS
from .specimen import Specimen, patch_of


@dataclass(frozen=True)
class HonestyCourt:
    """The checks, with everything about one repository's base known.

    Attributes:
        court: The prepared run.
        files: The base's files.
    """

    court: Court
    files: dict[str, str]

    def audit(self, specimen: Specimen, *, without: tuple[str, ...] = ("timing",)) -> Audit:
        """Return what every check says of a specimen."""
        run = self.court.run
        patch = patch_of(self.files, specimen, run.request.repo.commit)
        return audit(run, candidate_of(patch), tip_tree(run, None), without=without)


def open_honesty_court(folder: Path, repo: str, **settings: Any) -> HonestyCourt:
    """Lay one of our own repositories out and prepare a run on it."""
    files = REPOSITORIES[repo]
    return HonestyCourt(open_court(folder, dict(files), WORKLOADS[repo], **settings), files)


def told(audited: Audit, check: str) -> str:
    """Return what a check refuses the patch for, evidence included; empty when it does not."""
    for each in audited.checks:
        if each.name == check and each.state == "refused":
            return "\n".join([each.reason, *each.evidence])
    return ""
