"""What an instance costs beside its own work, for more and more instances, workers and nodes."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perfagent.evals.batch.backend import Backend, LocalBackend
from perfagent.evals.batch.evaluation import run_evaluation
from perfagent.evals.batch.ray_backend import RESOURCE, RayBackend

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
        seconds: What all of it took, the start of workers included.
    """

    backend: str
    nodes: int
    workers: int
    instances: int
    seconds: float

    @property
    def overhead_ms(self) -> float:
        """Milliseconds an instance."""
        return 1000 * self.seconds / self.instances


def local_lines(counts: Sequence[int] = COUNTS) -> Iterator[Line]:
    """Yield a line for each number of worker processes and of instances."""
    for workers in (1, 2, 4):
        for count in counts:
            seconds = _timed(LocalBackend(workers), count)
            yield _told(
                Line(backend="local", nodes=1, workers=workers, instances=count, seconds=seconds)
            )


def ray_lines(counts: Sequence[int] = COUNTS) -> Iterator[Line]:
    """Yield a line for each number of nodes, workers on a node, and instances.

    The nodes are processes of this machine; only what they cost themselves is to be seen.
    """
    for nodes in (1, 2, 4):
        with _cluster(nodes):
            for workers in (1, 2):
                for count in counts:
                    seconds = _timed(RayBackend(workers), count)
                    yield _told(
                        Line(
                            backend="ray",
                            nodes=nodes,
                            workers=workers,
                            instances=count,
                            seconds=seconds,
                        )
                    )


@contextmanager
def _cluster(nodes: int) -> Iterator[None]:
    """Have a Ray cluster on this machine for the block: a head without work, and nodes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster  # pyright: ignore[reportMissingImports]

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes):
            cluster.add_node(num_cpus=2, resources={RESOURCE: 1}, object_store_memory=_STORE_BYTES)
        cluster.wait_for_nodes()
        os.environ["RAY_ADDRESS"] = cluster.address
        yield
    finally:
        cluster.shutdown()
        os.environ.pop("RAY_ADDRESS", None)


def _timed(backend: Backend, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        asked = asked_for_simulated(place, count=count)
        began = time.monotonic()
        found = run_evaluation(asked, place, backend, work=simulated)
        seconds = time.monotonic() - began
        outcomes = {each.outcome for each in found.results.values()}
        if len(found.results) != count or outcomes != {"faster", "no_gain"}:
            raise RuntimeError(f"{backend} lost simulated instances")
    return seconds


def _told(line: Line) -> Line:
    say(
        f"{line.backend}: {line.nodes} nodes, {line.workers} workers, {line.instances} instances: "
        f"{line.overhead_ms:.1f} ms each"
    )
    return line


def table_of(lines: Sequence[Line]) -> str:
    """Return the lines as Markdown."""
    head = [
        "# What an instance costs beside its work",
        "",
        "Written by `make study-evals`. The instances are simulated and take no time; the time is",
        "perfagent's own (and Ray's): starting workers, handing out jobs, writing and reading back",
        f"records. The machine has {os.cpu_count()} cores, which the nodes of a cluster share.",
        "",
        "| backend | nodes | workers a node | instances | seconds | ms an instance |",
        "|---|---|---|---|---|---|",
    ]
    rows = [
        f"| {e.backend} | {e.nodes} | {e.workers} | {e.instances} | {e.seconds:.1f} "
        f"| {e.overhead_ms:.1f} |"
        for e in lines
    ]
    most = max(lines, key=lambda each: (each.instances, each.overhead_ms))
    foot = f"At {most.instances} instances it is at most {most.overhead_ms:.1f} ms."
    return "\n".join([*head, *rows, "", foot, ""])
