"""Jobs are done whatever happens to their workers, and what is known of an evaluation is kept."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.proposers.predictions import Prediction
from perfagent.errors import UserError
from perfagent.evals.batch import backend
from perfagent.evals.batch.agent import Proposed
from perfagent.evals.batch.backend import Done, LocalBackend
from perfagent.evals.batch.evaluation import Asked, run_evaluation
from perfagent.evals.batch.job import Job
from perfagent.evals.batch.records import read_evaluation
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.dataset.predictions import Predictions
from perfagent.evals.running.outcome import InstanceResult
from perfagent.settings import load_settings
from perfagent.tests.evals.conftest import Inline


def killing_once(job: tuple[Path, int]) -> int:
    """Kill this worker at the first attempt; answer at the second."""
    folder, number = job
    marker = folder / str(number)
    if number % 2 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


def failing(number: int) -> int:
    if number == 1:
        raise ValueError("of no use")
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_that_dies_takes_no_job_with_it(tmp_path: Path):
    jobs = [(tmp_path, number) for number in range(4)]
    done = sorted(LocalBackend(2).run(killing_once, jobs), key=lambda each: each.number)
    assert [each.value for each in done] == [0, 10, 20, 30]
    assert [each.attempts for each in done] == [1, 2, 1, 2]


def test_what_is_lost_is_told_and_the_others_are_done(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backend, "ATTEMPTS", 1)
    done = sorted(LocalBackend(1).run(failing, [0, 1, 2, 3]), key=lambda each: each.number)
    assert [each.value for each in done] == [0, None, None, 3]
    assert done[1].lost == "ValueError: of no use"
    assert done[2].lost == "its worker was lost at each of 1 attempts"


def test_workers_that_cannot_start_lose_their_jobs_and_nothing_waits(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(backend, "_STARTS", 2)
    monkeypatch.setattr(backend, "_follow", ending)
    done = list(LocalBackend(2).run(failing, [0, 3]))
    assert [each.lost for each in done] == [
        "no worker process could be started, 2 times in a row"
    ] * 2


def ending(driver: int) -> None:
    os._exit(3)


class Listing:
    """Works in this process and remembers which jobs there were; stops after some."""

    def __init__(self, stop_after: int = 99) -> None:
        self.stop_after = stop_after
        self.seen: list[str] = []

    def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
        for number, job in enumerate(jobs):
            if len(self.seen) == self.stop_after:
                raise KeyboardInterrupt
            self.seen.append(job[0].instance.instance_id)
            yield Done(number=number, value=work(job))


def answer(jobs: Sequence[Job]) -> list[InstanceResult]:
    return [_answer(job) for job in jobs]


def _answer(job: Job) -> InstanceResult:
    name = job.instance.instance_id
    outcome = "infrastructure" if name.endswith("3") and not job.again else "no_gain"
    return InstanceResult(
        instance_id=name, suite="swefficiency", repo="o/r", model=job.model, outcome=outcome
    )


def asked(folder: Path, **changes: Any) -> Asked:
    found: dict[str, Any] = {
        "run_id": "r",
        "dataset": "d",
        "instances": [
            Instance(instance_id=f"o__r-{n}", suite="swefficiency", repo="o/r", base="a" * 40)
            for n in range(4)
        ],
        "kind": "empty",
        "settings": load_settings(
            {"cache_dir": folder / "c", "state_dir": folder / "s"}, working_dir=folder, environ={}
        ),
    }
    return Asked(**{**found, **changes})


def test_an_evaluation_that_was_stopped_goes_on_where_it_was(tmp_path: Path):
    first, second, third = Listing(2), Listing(), Listing()
    with pytest.raises(KeyboardInterrupt):
        run_evaluation(asked(tmp_path), tmp_path / "r", first, work=answer)
    assert len(read_evaluation(tmp_path / "r").results) == 2
    whole = run_evaluation(asked(tmp_path), tmp_path / "r", second, work=answer)
    assert second.seen == ["o__r-2", "o__r-3"]
    assert list(whole.results) == ["o__r-0", "o__r-1", "o__r-2", "o__r-3"]
    # What the machine failed is tried once more, the rest is kept.
    run_evaluation(asked(tmp_path), tmp_path / "r", third, work=answer)
    assert third.seen == ["o__r-3"]


def test_force_does_all_of_it_again(tmp_path: Path):
    run_evaluation(asked(tmp_path), tmp_path / "r", Listing(), work=answer)
    again = Listing()
    found = run_evaluation(asked(tmp_path, force=True), tmp_path / "r", again, work=answer)
    assert len(again.seen) == 4
    assert {each.outcome for each in found.results.values()} == {"no_gain"}


def test_a_folder_of_something_else_is_refused(tmp_path: Path):
    run_evaluation(asked(tmp_path), tmp_path / "r", Listing(), work=answer)
    with pytest.raises(UserError, match="asked for other what"):
        run_evaluation(asked(tmp_path, kind="expert"), tmp_path / "r", Listing(), work=answer)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(UserError, match="is not empty and no evaluation"):
        run_evaluation(asked(tmp_path), tmp_path / "full", Listing(), work=answer)
    with pytest.raises(UserError, match="no evaluation in"):
        read_evaluation(tmp_path / "full")


def test_an_instance_that_changed_is_another_evaluation(tmp_path: Path):
    run_evaluation(asked(tmp_path), tmp_path / "r", Listing(), work=answer)
    changed = [
        Instance(instance_id=f"o__r-{n}", suite="swefficiency", repo="o/r", base="b" * 40)
        for n in range(4)
    ]
    with pytest.raises(UserError, match="asked for other rows"):
        run_evaluation(asked(tmp_path, instances=changed), tmp_path / "r", Listing(), work=answer)


def test_instances_of_two_benchmarks_are_refused(tmp_path: Path):
    mixed = [
        Instance(instance_id="a", suite="gso", repo="o/r", base="a"),
        Instance(instance_id="b", suite="sweperf", repo="o/r", base="a"),
    ]
    with pytest.raises(UserError, match="gso and sweperf"):
        run_evaluation(asked(tmp_path, instances=mixed), tmp_path / "r", Listing(), work=answer)


def test_killed_drivers_and_workers_leave_the_undisturbed_report(tmp_path: Path):
    import random

    root = Path(__file__).resolve().parents[3]
    sys.path.insert(0, str(root))
    try:
        from benchmarks.evals.kills import digest_of, disturbed, undisturbed
    finally:
        sys.path.remove(str(root))
    expected = undisturbed(tmp_path / "whole")
    killed = disturbed(tmp_path / "killed", random.Random(4), kills=2)
    assert killed
    assert digest_of(tmp_path / "killed") == expected
    records = [json.loads(p.read_text()) for p in (tmp_path / "killed/records").glob("*.json")]
    assert len(records) == 24


def test_workers_end_with_their_driver(tmp_path: Path):
    import subprocess

    import psutil

    root = Path(__file__).resolve().parents[3]
    argv = [sys.executable, "-m", "benchmarks.evals", "drive", str(tmp_path / "r")]
    driver = subprocess.Popen(argv, cwd=root)
    workers: list[int] = []
    give_up = time.monotonic() + 60
    while not workers and time.monotonic() < give_up:
        if list((tmp_path / "r" / "records").glob("*.json")):
            workers = [child.pid for child in psutil.Process(driver.pid).children()]
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    assert workers
    while any(map(psutil.pid_exists, workers)) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not any(map(psutil.pid_exists, workers))


def test_each_sample_has_a_record_of_its_own(tmp_path: Path):
    names = [f"o__r-{n}" for n in range(4)]
    made = {
        name: tuple(
            Prediction(instance_id=name, patch=f"p{n}", model="m")
            for n in range(1, 3 if name in names[:2] else 2)
        )
        for name in names
    }
    predictions = Predictions(by_instance=made, model="m", notes=())
    wanted = asked(tmp_path, kind="prediction", predictions=predictions)
    first = Listing(1)
    with pytest.raises(KeyboardInterrupt):
        run_evaluation(wanted, tmp_path / "r", first, work=told_patch)
    assert first.seen == ["o__r-0"]
    second = Listing()
    found = run_evaluation(wanted, tmp_path / "r", second, work=told_patch)
    assert second.seen == ["o__r-1", "o__r-2", "o__r-3"]
    told = {n: [(e.sample, e.patch) for e in each] for n, each in found.samples.items()}
    assert told["o__r-1"] == [(1, "p1"), (2, "p2")]
    assert told["o__r-3"] == [(1, "p1")]
    assert [each.patch for each in found.results.values()] == ["p1"] * 4


def told_patch(jobs: Sequence[Job]) -> list[InstanceResult]:
    return [
        replace(_answer(job), outcome="no_gain", sample=job.sample, patch=job.patch) for job in jobs
    ]


def test_samples_are_evaluated_together_four_at_a_time(tmp_path: Path):
    made = {
        f"o__r-{n}": tuple(
            Prediction(instance_id=f"o__r-{n}", patch=f"p{n}{sample}", model="m")
            for sample in range(count)
        )
        for n, count in enumerate((1, 6, 2, 1))
    }
    predictions = Predictions(by_instance=made, model="m", notes=())
    seen: list[list[str]] = []

    class Noting:
        def run(self, work: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[Done]:
            seen.extend([job.patch for job in group] for group in jobs)
            return iter(())

    run_evaluation(
        asked(tmp_path, kind="prediction", predictions=predictions), tmp_path / "r", Noting()
    )
    assert seen == [["p00"], ["p10", "p11", "p12", "p13"], ["p14", "p15"], ["p20", "p21"], ["p30"]]


def test_an_agents_samples_differ_by_their_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    seen: list[tuple[str, int]] = []

    def propose(job: Job, folder: Path, settings: dict[str, Any]) -> Proposed:
        seen.append((folder.name, settings["seed"]))
        return Proposed(failure="no model today", is_machine=job.sample == 2)

    monkeypatch.setattr("perfagent.evals.batch.agent.propose", propose)
    wanted = asked(tmp_path, kind="prediction", agent={"name": "x", "seed": 4}, samples=2)
    found = run_evaluation(wanted, tmp_path / "r", Inline())
    assert seen[:3] == [("o__r-0", 4), ("o__r-0~2", 5), ("o__r-1", 4)]
    outcomes = [each.outcome for each in found.samples["o__r-3"]]
    assert outcomes == ["base_broken", "infrastructure"]
