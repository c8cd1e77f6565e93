"""A workload together with where and how it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..repos.commands.process import Limits
from ..repos.sandbox.containment import Containment
from .counting import InstructionsBy
from .metrics import Metric
from .workload import Workload

if TYPE_CHECKING:
    from ..repos.environment.environment import Environment


@dataclass(frozen=True, kw_only=True)
class Target:
    """What every launch of one run has in common.

    Attributes:
        workload: What is timed.
        environment: The interpreter and packages it runs with.
        limits: What one launch may use; its wall time is further bounded by the workload's own.
        timing_cpus: Cores for timed launches, kept free of anything else of ours; None for any.
        other_cpus: Cores for launches nobody times; None for any.
        metric: What is compared.
        instructions_by: What counts instructions, where they are.
        containment: How its launches are contained.
        read_only: Whether launches that are timed may only read the tree.
    """

    workload: Workload
    environment: Environment
    limits: Limits = field(default_factory=Limits)
    timing_cpus: frozenset[int] | None = None
    other_cpus: frozenset[int] | None = None
    metric: Metric = "wall"
    instructions_by: InstructionsBy = "auto"
    containment: Containment = field(default_factory=Containment)
    read_only: bool = False

    def within(self, wall_s: float) -> Target:
        """Return the target with a launch's wall time bounded to `wall_s` seconds, if not less."""
        limits = replace(self.limits, wall_s=min(wall_s, self.limits.wall_s))
        return replace(self, limits=limits)
