"""Instances that are none: work that sleeps, and says what follows from the instance's name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from perfagent.evals.batch.evaluation import Asked
from perfagent.evals.batch.job import Job
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.running.outcome import Estimate, InstanceResult
from perfagent.settings import load_settings


def asked_for_simulated(folder: Path, *, count: int, sleep_s: float = 0.0) -> Asked:
    """Return what asks for so many simulated instances, each taking so many seconds."""
    settings = load_settings(
        {"cache_dir": folder / "cache", "state_dir": folder / "state"},
        working_dir=folder.parent,
        environ={},
    )
    return Asked(
        run_id="simulated",
        dataset="simulated",
        instances=[
            Instance(
                instance_id=f"o__r-{number:04}",
                suite="swefficiency",
                repo="o/r",
                base="a" * 40,
                workload=repr(sleep_s),
            )
            for number in range(count)
        ],
        kind="empty",
        settings=settings,
    )


def simulated(jobs: Sequence[Job]) -> list[InstanceResult]:
    """Sleep as long as each instance says, and return what follows from its name."""
    return [_simulated(job) for job in jobs]


def _simulated(job: Job) -> InstanceResult:
    time.sleep(float(job.instance.workload))
    number = int(job.instance.instance_id.rpartition("-")[2])
    speedup = Estimate(value=1 + number / 7, ci_low=1.0, ci_high=2 + number)
    return InstanceResult(
        instance_id=job.instance.instance_id,
        suite=job.instance.suite,
        repo=job.instance.repo,
        model=job.model,
        outcome="faster" if number % 3 else "no_gain",
        speedup=speedup,
        expert_speedup=Estimate(value=2.0, ci_low=1.9, ci_high=2.1),
        ratio=speedup,
    )
