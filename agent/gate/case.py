"""A candidate before the gate, and what the stages have learned about it so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...repos.suite.suite import SuiteReport
from ...workloads.timing.comparison import Comparison
from ..candidate import Candidate
from ..runs.run import Run
from ..verdict import Outcome


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why a stage did not let a candidate pass.

    Attributes:
        reason: One sentence with the numbers that matter.
        outcome: "rejected", or "inconclusive" when this machine could not tell.
        evidence: Lines that show it.
    """

    reason: str
    outcome: Outcome = "rejected"
    evidence: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Case:
    """One candidate on trial; stages fill in what later stages and the verdict need.

    Attributes:
        run: The run.
        candidate: The candidate.
        parent: Tree of the version it must be faster than.
        tree: Tree with the patch applied; set by the stage "applies".
        suite: The last suite run on the candidate.
        comparison: The last comparison with the parent.
        samples: Name of the file in the run directory with the comparison's samples.
        doubts: Reasons the result may be unsound.
    """

    run: Run
    candidate: Candidate
    parent: Path
    tree: Path | None = None
    suite: SuiteReport | None = None
    comparison: Comparison | None = None
    samples: str | None = None
    doubts: list[str] = field(default_factory=list)

    @property
    def checkout(self) -> Path:
        """The candidate's tree; only valid after the stage "applies"."""
        if self.tree is None:
            raise RuntimeError("the stage 'applies' has not run")
        return self.tree


Stage = Callable[[Case], Rejection | None]
