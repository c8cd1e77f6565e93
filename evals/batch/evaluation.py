"""Drives an evaluation: which jobs there are, who does them, and what is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...agent.runs.directory import RunDirectory
from ...errors import UserError
from ...settings import Settings
from ...workloads.timing.timings import now
from ..dataset.instance import Instance
from ..dataset.predictions import Predictions
from ..dataset.sweperf import expert_gain_of
from ..running.outcome import InstanceResult
from .backend import Backend
from .evaluate import evaluate_together
from .job import Job, Kind, Protocol
from .records import (
    Evaluation,
    keep,
    one_driver,
    open_records,
    read_evaluation,
    record_of,
    sample_name,
)
from .trial import Trial, result_of

if TYPE_CHECKING:
    from .agent import Proposed

TOGETHER = 4
"""Patches of one instance that are timed in one session: base and expert are launched once a round
for all of them, and a round does not grow so long that the machine changes within it."""

TOLD_AGAIN = frozenset({"infrastructure"})
"""Outcomes that a resumed run tries once more."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an evaluation is asked.

    Attributes:
        run_id: Its name.
        dataset: Where the instances come from, in the user's words.
        instances: Those that are wanted.
        kind: Whose patches are evaluated.
        predictions: The patches, for `kind` "prediction" without an agent.
        samples: How many patches an agent makes of each instance.
        agent: Settings of `perfagent optimize` by which each instance's patch is made; None
            without an agent.
        images: Whether each instance runs in the container image that it names.
        repositories: By owner/name in lower case, where a repository is.
        settings: What the user said of environments and measurement.
        protocol: Which samples are taken.
        force: Measure all of it again.
    """

    run_id: str
    dataset: str
    instances: Sequence[Instance]
    kind: Kind
    predictions: Predictions | None = None
    samples: int = 1
    images: bool = False
    agent: Mapping[str, Any] | None = None
    repositories: Mapping[str, str] = field(default_factory=dict)
    settings: Settings
    protocol: Protocol = "paired"
    force: bool = False

    @property
    def model(self) -> str:
        """Who makes the patches."""
        if self.agent is not None:
            return str(self.agent.get("name") or "agent")
        if self.predictions is not None:
            return self.predictions.model or "unnamed"
        return self.kind

    def jobs(self) -> list[Job]:
        """Return the jobs of all instances, of each instance's samples one after the other."""
        return [
            self._job(instance, sample)
            for instance in self.instances
            for sample in range(1, self._samples(instance) + 1)
        ]

    def _samples(self, instance: Instance) -> int:
        if self.predictions is None:
            return self.samples
        return max(1, len(self.predictions.by_instance.get(instance.instance_id, ())))

    def _job(self, instance: Instance, sample: int) -> Job:
        made = self.predictions.by_instance.get(instance.instance_id) if self.predictions else None
        patch = made[sample - 1] if made else None
        image = {"image": instance.image} if self.images else {}
        return Job(
            instance=instance,
            kind=self.kind,
            patch=patch.patch if patch else "",
            model=patch.model if patch and patch.model else self.model,
            source=self.repositories.get(instance.repo.lower(), instance.repo),
            settings=self.settings.model_copy(update=image),
            protocol=self.protocol,
            again=self.force,
            sample=sample,
        )

    def request(self) -> dict[str, Any]:
        """Return it JSON-plain, patches by their digest."""
        what: dict[str, Any] = {"kind": self.kind}
        if self.predictions is not None:
            texts = [
                (name, *(each.patch for each in made))
                for name, made in self.predictions.by_instance.items()
            ]
            what["predictions"] = _digest(repr(sorted(texts)))
        if self.agent is not None:
            what["agent"] = {name: str(value) for name, value in sorted(self.agent.items())}
            what |= {"samples": self.samples} if self.samples > 1 else {}
        what |= {"images": True} if self.images else {}
        return {
            **_of_tests(self.instances),
            "run_id": self.run_id,
            "dataset": self.dataset,
            "instances": [each.instance_id for each in self.instances],
            "published": {
                each.instance_id: each.expert_speedup
                for each in self.instances
                if each.expert_speedup is not None
            },
            "rows": {each.instance_id: _digest(repr(each)) for each in self.instances},
            "suite": self.instances[0].suite,
            "what": what,
            "model": self.model,
            "protocol": self.protocol,
            "notes": list(self.predictions.notes) if self.predictions else [],
            "settings": self.settings.model_dump(mode="json"),
            "started_at": now(),
        }


def run_evaluation(
    asked: Asked,
    path: Path,
    backend: Backend,
    on_result: Callable[[InstanceResult, int, int], None] = lambda result, done, total: None,
    *,
    work: Callable[[Sequence[Job]], Sequence[InstanceResult]] = evaluate_together,
) -> Evaluation:
    """Evaluate what has no record yet, and return the whole.

    Args:
        asked: What is asked.
        path: The evaluation's folder; one that asked for the same goes on where it was.
        backend: Who does the work.
        on_result: Told of each patch, with how many are done and of how many.
        work: What evaluates a few jobs of one instance.

    Raises:
        UserError: The folder holds another evaluation, or one that is under way; the instances are
            of more than one benchmark.
    """
    suites = {each.suite for each in asked.instances}
    if len(suites) > 1:
        raise UserError(f"the instances are of {' and '.join(sorted(suites))}: run each by itself")
    directory = open_records(path, asked.request(), force=asked.force)
    jobs = asked.jobs()
    total = len(jobs)
    with one_driver(directory):
        missing = [
            job for job in jobs if _is_missing(record_of(directory, job.instance, job.sample))
        ]
        count = total - len(missing)
        groups = _groups(missing)
        for done in backend.run(*_work(asked, directory, groups, work)):
            jobs = groups[done.number]
            for found in done.value or [_lost(job, done.lost) for job in jobs]:
                keep(directory, jobs[0].instance, found)
                count += 1
                on_result(found, count, total)
    return read_evaluation(path)


def _groups(jobs: Sequence[Job]) -> list[list[Job]]:
    """Return the jobs of each instance together, at most so many."""
    by_instance = groupby(jobs, key=lambda job: job.instance.instance_id)
    return [
        every[begin : begin + TOGETHER]
        for every in (list(found) for _, found in by_instance)
        for begin in range(0, len(every), TOGETHER)
    ]


def _work(
    asked: Asked,
    directory: RunDirectory,
    groups: Sequence[Sequence[Job]],
    work: Callable[[Sequence[Job]], Sequence[InstanceResult]],
) -> tuple[Callable[[Any], Sequence[InstanceResult]], Sequence[Any]]:
    if asked.agent is None:
        return work, groups
    folder, settings = directory.folder("agent"), dict(asked.agent)
    return proposed_and_evaluated, [(jobs, folder, settings) for jobs in groups]


def proposed_and_evaluated(
    asked: tuple[Sequence[Job], Path, Mapping[str, Any]],
) -> Sequence[InstanceResult]:
    """Have an agent make each sample's patch, then evaluate them as anybody's."""
    from .agent import propose  # the whole agent, which other workers need not load

    jobs, folder, given = asked
    settings = dict(given)
    seed = int(settings.get("seed", 0))
    made: dict[int, Proposed] = {
        job.sample: propose(
            job,
            folder / sample_name(job.instance, job.sample),
            settings if job.sample == 1 else {**settings, "seed": seed + job.sample - 1},
        )
        for job in jobs
    }
    able = [
        replace(job, patch=made[job.sample].patch) for job in jobs if not made[job.sample].failure
    ]
    found = {each.sample: each for each in (evaluate_together(able) if able else ())}
    return [
        _with_notes(found[job.sample], made[job.sample])
        if job.sample in found
        else _failed(job, made[job.sample])
        for job in jobs
    ]


def _with_notes(found: InstanceResult, made: Proposed) -> InstanceResult:
    return replace(
        found,
        notes=(*found.notes, *made.notes),
        seconds={**found.seconds, "agent": made.seconds},
    )


def _failed(job: Job, made: Proposed) -> InstanceResult:
    return result_of(
        Trial(job=job),
        outcome="infrastructure" if made.is_machine else "base_broken",
        reason=made.failure,
    )


def _is_missing(found: InstanceResult | None) -> bool:
    return found is None or found.outcome in TOLD_AGAIN


def _lost(job: Job, why: str) -> InstanceResult:
    return result_of(Trial(job=job), outcome="infrastructure", reason=why)


def _of_tests(instances: Sequence[Instance]) -> dict[str, Any]:
    """Return what SWE-Perf's score needs to know of its instances."""
    if instances[0].suite != "sweperf":
        return {}
    return {
        "efficiency_tests": {each.instance_id: list(each.efficiency_tests) for each in instances},
        "expert_gains": {each.instance_id: expert_gain_of(each) for each in instances},
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
