"""What an instance costs beside its own work, for more and more instances, workers and nodes."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perfagent.evals.batch.backends import open_backend
from perfagent.evals.batch.evaluation import run_evaluation
from perfagent.evals.batch.ray_backend import RESOURCE
from perfagent.evals.batch.records import Evaluation

from ..study.records import say
from .simulated import asked_for_simulated, simulated

COUNTS = (100, 1000)
_STORE_BYTES = 80 * 2**20


@dataclass(frozen=True, kw_only=True)
class Line:
    """One evaluation of simulated instances that take no time.

    Attributes:
        backend: Who did the work.
        nodes: Of the cluster; 1 for this machine.
        workers: Instances at once on each node.
        instances: How many there were.
        started_s: Seconds until the first one was done: connecting, and starting a worker.
        seconds: What all of it took, that included.
    """

    backend: str
    nodes: int
    workers: int
    instances: int
    started_s: float
    seconds: float

    @property
    def overhead_ms(self) -> float:
        """Milliseconds an instance, the start included."""
        return 1000 * self.seconds / self.instances


def local_lines(counts: Sequence[int] = COUNTS) -> Iterator[Line]:
    """Yield a line for each number of worker processes and of instances."""
    for workers in (1, 2, 4):
        for count in counts:
            yield _line("local", 1, workers, count)


def ray_lines(counts: Sequence[int] = COUNTS) -> Iterator[Line]:
    """Yield a line for each number of nodes, workers on a node, and instances.

    The nodes are processes of this machine; only what they cost themselves is to be seen.
    """
    for nodes in (1, 2, 4):
        for workers in (1, 2):
            with _cluster(nodes, workers):
                for count in counts:
                    yield _line("ray", nodes, workers, count)


@contextmanager
def _cluster(nodes: int, workers: int) -> Iterator[None]:
    """Have a Ray cluster on this machine for the block: a head without work, and nodes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes):
            cluster.add_node(
                num_cpus=workers, resources={RESOURCE: 1}, object_store_memory=_STORE_BYTES
            )
        cluster.wait_for_nodes()
        os.environ["RAY_ADDRESS"] = cluster.address
        yield
    finally:
        cluster.shutdown()
        os.environ.pop("RAY_ADDRESS", None)


def _line(backend: str, nodes: int, workers: int, count: int) -> Line:
    """Run one evaluation, and say what it cost."""
    first: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        asked = asked_for_simulated(place, count=count)
        began = time.monotonic()
        found = run_evaluation(
            asked,
            place,
            open_backend(backend, workers),
            lambda *_: first or first.append(time.monotonic() - began),
            work=simulated,
        )
        seconds = time.monotonic() - began
    if len(found.results) != count or {*_outcomes(found)} != {"faster", "no_gain"}:
        raise RuntimeError(f"{backend} lost simulated instances")
    line = Line(
        backend=backend,
        nodes=nodes,
        workers=workers,
        instances=count,
        started_s=first[0],
        seconds=seconds,
    )
    say(
        f"{backend}: {nodes} nodes, {workers} workers, {count} instances: "
        f"{line.overhead_ms:.1f} ms each, the first after {line.started_s:.1f} s"
    )
    return line


def _outcomes(found: Evaluation) -> Iterator[str]:
    return (each.outcome for each in found.results.values())


def table_of(lines: Sequence[Line]) -> str:
    """Return the lines as Markdown."""
    head = [
        "# What an instance costs beside its work",
        "",
        "Written by `make study-evals`. The instances are simulated and take no time; the time is",
        "perfagent's own (and Ray's): starting workers, handing out jobs, writing and reading back",
        f"records. The machine has {os.cpu_count()} cores, which the nodes of a cluster share.",
        "",
        "| backend | nodes | workers a node | instances | first after, s | all, s | ms each |",
        "|---|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {each.backend} | {each.nodes} | {each.workers} | {each.instances} "
        f"| {each.started_s:.1f} | {each.seconds:.1f} | {each.overhead_ms:.1f} |"
        for each in lines
    ]
    most = max(lines, key=lambda each: (each.instances, each.overhead_ms))
    foot = f"At {most.instances} instances it is at most {most.overhead_ms:.1f} ms."
    return "\n".join([*head, *rows, "", foot, ""])
