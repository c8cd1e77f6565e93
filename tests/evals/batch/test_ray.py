"""A Ray cluster does what worker processes do, whatever becomes of its nodes and of drivers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from perfagent import api
from perfagent.agent.runs.plain import to_plain
from perfagent.errors import UserError
from perfagent.evals.batch.backend import LocalBackend
from perfagent.evals.batch.backends import open_backend
from perfagent.evals.batch.evaluation import Asked, run_evaluation
from perfagent.evals.batch.job import Job
from perfagent.evals.batch.options import Options
from perfagent.evals.batch.ray_backend import RESOURCE, RayBackend
from perfagent.evals.batch.records import read_evaluation
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.running.outcome import Estimate, InstanceResult
from perfagent.evals.scoring.summary import summarize
from perfagent.settings import load_settings
from perfagent.tests.evals import datasets
from perfagent.tests.evals.datasets import Bench, write_lines

COUNT = 18


def test_without_ray_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UserError, match=r"pip install 'perfagent\[ray\]'"):
        list(open_backend("ray", 1).run(len, ["job"]))


def test_an_unknown_backend_is_refused():
    with pytest.raises(UserError, match="--backend is local or ray"):
        open_backend("slurm", 1)


def asked(place: Path) -> Asked:
    return Asked(
        run_id="r",
        dataset="d",
        instances=[
            Instance(
                instance_id=f"o__r-{number}",
                suite="swefficiency",
                repo="o/r",
                base="a" * 40,
                workload=str(place.parent / "seen"),
            )
            for number in range(COUNT)
        ],
        kind="empty",
        settings=load_settings(
            {"cache_dir": place.parent / "c", "state_dir": place.parent / "s"},
            working_dir=place.parent,
            environ={},
        ),
    )


def answer(jobs: Sequence[Job]) -> list[InstanceResult]:
    return [_answer(job) for job in jobs]


def _answer(job: Job) -> InstanceResult:
    """Tell where and when this was, and return what follows from the instance's name."""
    began = time.time()
    time.sleep(0.4)
    name = job.instance.instance_id
    number = int(name.rpartition("-")[2])
    told = f"{where()} {began} {time.time()}"
    (Path(job.instance.workload) / f"{name}-{os.getpid()}").write_text(told)
    speedup = Estimate(value=1 + number / 7, ci_low=1.0, ci_high=2.0 + number)
    return InstanceResult(
        instance_id=name,
        suite="swefficiency",
        repo="o/r",
        model=job.model,
        outcome="faster" if number % 3 else "no_gain",
        speedup=speedup,
        expert_speedup=Estimate(value=2.0, ci_low=1.9, ci_high=2.1),
        ratio=speedup,
    )


def where() -> str:
    ray = sys.modules.get("ray")
    return ray.get_runtime_context().get_node_id() if ray else "here"


def seen(place: Path) -> dict[str, list[tuple[float, float]]]:
    """Return by node when it worked, begun and ended."""
    found: dict[str, list[tuple[float, float]]] = {}
    for file in (place.parent / "seen").iterdir():
        node, began, ended = file.read_text().split()
        found.setdefault(node, []).append((float(began), float(ended)))
    return found


def most_at_once(spans: list[tuple[float, float]]) -> int:
    return max(sum(b < began + 1e-6 < e for b, e in spans) for began, _ in spans)


def report_of(place: Path) -> Any:
    return to_plain(summarize(read_evaluation(place)))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "seen").mkdir()
    return tmp_path / "run"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "seen").mkdir()
    run_evaluation(asked(folder / "run"), folder / "run", LocalBackend(6), work=answer)
    return report_of(folder / "run")


class Nodes:
    """A cluster on this machine: a head that does no work, and nodes that may time."""

    def __init__(self, count: int) -> None:
        from ray.cluster_utils import Cluster

        small = {"object_store_memory": 80 * 2**20, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **small})
        del small["include_dashboard"]
        self.workers = [
            self.cluster.add_node(num_cpus=2, resources={RESOURCE: 1}, **small)
            for _ in range(count)
        ]
        self.cluster.wait_for_nodes()

    def kill(self, node_id: str) -> None:
        """Kill everything of a node, as when its machine goes."""
        (node,) = [each for each in self.workers if each.node_id == node_id]
        self.workers.remove(node)
        self.cluster.remove_node(node, allow_graceful=False)


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nodes]:
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    found = Nodes(3)
    monkeypatch.setenv("RAY_ADDRESS", found.cluster.address)
    try:
        yield found
    finally:
        found.cluster.shutdown()


def killing_once(job: tuple[Path, int]) -> int:
    folder, number = job
    marker = folder / str(number)
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 2:
        raise ValueError("of no use")
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


@pytest.mark.evals
def test_a_node_that_dies_takes_no_work_with_it(nodes: Nodes, place: Path, undisturbed: Any):
    killed: list[str] = []

    def kill_one(found: InstanceResult, done: int, total: int) -> None:
        if done == 5:
            killed.extend(list(seen(place))[:1])
            nodes.kill(killed[0])

    run_evaluation(asked(place), place, RayBackend(1), kill_one, work=answer)
    assert report_of(place) == undisturbed
    after = seen(place)
    assert len(after) == 3
    # A node has one timing lane, and never more than one instance at once goes for it.
    assert [most_at_once(spans) for spans in after.values()] == [1, 1, 1]
    assert len(after[killed[0]]) < COUNT / 3


def drive(place: Path) -> None:
    run_evaluation(asked(place), place, RayBackend(2), work=answer)


@pytest.mark.evals
def test_a_real_instance_is_measured_on_a_node(nodes: Nodes, bench: Bench, tmp_path: Path):
    rows = write_lines(tmp_path / "rows.jsonl", [datasets.swefficiency_row(bench, 0)])
    folder = api.evaluate(
        str(rows),
        "expert",
        options=Options(
            out=str(tmp_path / "run"),
            backend="ray",
            repositories={datasets.REPO: str(bench.repo)},
        ),
        python=sys.prefix,
        max_pairs=5,
        cache_dir=tmp_path / "cache",
        state_dir=tmp_path / "state",
    )
    (found,) = read_evaluation(folder).results.values()
    assert found.outcome == "faster", found.reason
    assert found.tests_required == 2


@pytest.mark.evals
def test_a_driver_that_dies_is_followed_by_another(nodes: Nodes, place: Path, undisturbed: Any):
    first = multiprocessing.get_context("spawn").Process(target=drive, args=(place,))
    first.start()
    while len(list(place.glob("records/*.json"))) < 4:
        assert first.is_alive()
        time.sleep(0.05)
    first.kill()
    first.join()
    before = {path.name: path.read_bytes() for path in place.glob("records/*.json")}
    assert 4 <= len(before) < COUNT
    drive(place)
    assert report_of(place) == undisturbed
    assert {name: (place / "records" / name).read_bytes() for name in before} == before
    assert max(most_at_once(spans) for spans in seen(place).values()) <= 2


@pytest.mark.evals
def test_what_is_lost_is_told_as_by_worker_processes(nodes: Nodes, tmp_path: Path):
    jobs = [(tmp_path, number) for number in range(5)]
    done = sorted(RayBackend(1).run(killing_once, jobs), key=lambda each: each.number)
    assert [each.value for each in done] == [0, 10, None, None, 40]
    assert [each.attempts for each in done] == [1, 2, 1, 3, 1]
    assert done[2].lost == "ValueError: of no use"
    assert done[3].lost == "its worker was lost at each of 3 attempts"


@pytest.mark.evals
def test_a_cluster_that_may_not_time_is_refused(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    found = Nodes(0)
    monkeypatch.setenv("RAY_ADDRESS", found.cluster.address)
    try:
        with pytest.raises(UserError, match=r"may time: start its nodes with `ray start --resour"):
            list(RayBackend(1).run(len, ["job"]))
    finally:
        found.cluster.shutdown()


def test_a_cluster_that_is_not_there_is_told_at_once(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(UserError, match=r"no Ray cluster to work on \(.*refused.*with RAY_ADDRESS"):
        list(RayBackend(1).run(len, ["job"]))
