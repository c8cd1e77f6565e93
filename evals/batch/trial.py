"""What is known of a patch while it is evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, UserError
from ...repos.patch import Patch
from ...workloads.failure import WorkloadFailed
from ...workloads.timing.timings import describe_machine, now
from ..running.lane import Watch
from ..running.outcome import InstanceResult
from .job import Job


@dataclass(kw_only=True)
class Trial:
    """What is known of a job's patch so far.

    Attributes:
        job: The job.
        text: The patch.
        name: The file where what comes of it is kept.
        found: What comes of it, as soon as that is known.
        doubts: Why its numbers may be unsound.
        notes: What a reader should know.
        seconds: What each step took, by name.
    """

    job: Job
    text: str = ""
    name: str = ""
    found: InstanceResult | None = None
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the seconds of the block to those of a step."""
        watch = Watch()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + watch.spent_s, 3)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A patch that nothing speaks against, in its tree."""

    trial: Trial
    patch: Patch
    rung: str
    tree: Path


def result_of(trial: Trial, **found: Any) -> InstanceResult:
    """Return what comes of a patch, with what is known of it so far."""
    job, instance = trial.job, trial.job.instance
    return InstanceResult(
        instance_id=instance.instance_id,
        suite=instance.suite,
        repo=instance.repo,
        model=job.model,
        sample=job.sample,
        notes=tuple(trial.notes),
        doubts=tuple(trial.doubts),
        seconds=trial.seconds,
        machine=dict(describe_machine()),
        at=now(),
        **found,
    )


@contextmanager
def blamed(*trials: Trial) -> Iterator[None]:
    """Make what an instance or the machine fails by the result of trials."""
    try:
        yield
    except UserError as error:
        for trial in trials:
            trial.found = result_of(trial, outcome="base_broken", reason=str(error))
    except (InfrastructureError, WorkloadFailed) as error:
        for trial in trials:
            trial.found = result_of(trial, outcome="infrastructure", reason=str(error))
