"""An instance's base with the trees of its patches, and the expert's."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ...agent.runs.plain import from_plain, to_plain
from ...errors import ToolError, UserError
from ...repos.patch import Patch
from ...workloads.failure import WorkloadFailed
from ...workloads.launch import LaunchPlan, launch
from ..running.applied import restore_tests
from ..running.ground import Ground
from ..running.outcome import InstanceResult
from .trial import Trial


class Bench:
    """An instance's base with the trees that are made for its patches and the expert's.

    Attributes:
        ground: The base.
        expert_notes: Why the expert's patch is not timed; [] where it is, or was not asked for.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.expert_notes: list[str] = []
        self._made: list[str] = []

    def tree(self, name: str, patch: Patch) -> Path:
        """Return a worktree with a patch, which `tidy` removes.

        Raises:
            ToolError: The patch does not apply, or the repository does not build with it.
        """
        self._made.append(name)
        return self.ground.tree(name, patch)

    def tidy(self) -> None:
        """Remove the trees of patches."""
        for name in self._made:
            self.ground.repository.remove(name)

    @property
    def expert(self) -> Path | None:
        """The expert's tree; None, with a note, where there is none that runs."""
        return None if self.expert_notes else self._expert

    @cached_property
    def _expert(self) -> Path | None:
        ground = self.ground
        try:
            expert = ground.expert
            if expert is None:
                return None
            tree = ground.tree("expert", expert)
            restore_tests(ground, tree, expert)
            for workload in ground.workloads:
                launch(ground.target(workload), tree, LaunchPlan(pinned=False))
        except WorkloadFailed as error:
            self.give_up_expert(f"the workload fails with the expert's patch: {error.summary}")
        except (ToolError, UserError) as error:
            self.give_up_expert(f"the expert's patch cannot be used: {error}")
        else:
            return tree
        return None

    def known(self, trial: Trial) -> InstanceResult | None:
        """Return what was measured of a patch before; None when nothing was."""
        if not self.ground.directory.has(trial.name):
            return None
        known = from_plain(InstanceResult, self.ground.directory.read_json(trial.name))
        return replace(known, model=trial.job.model, sample=trial.job.sample, kept=True)

    def keep(self, trial: Trial, found: InstanceResult) -> None:
        """Keep what comes of a patch, unless the machine failed it."""
        trial.found = replace(found, expert_patch=self._expert_text)
        if found.outcome != "infrastructure":
            self.ground.directory.write_json(trial.name, to_plain(trial.found))

    @property
    def _expert_text(self) -> str:
        try:
            return self.ground.expert.diff if self.ground.expert else ""
        except (ToolError, UserError):
            return ""  # a note of the result says what is wrong with it

    def give_up_expert(self, why: str) -> None:
        """Time the expert's patch no more."""
        self.expert_notes.append(why)
