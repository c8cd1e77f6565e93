"""What an instance costs beside its own work, for more and more instances and workers."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from perfagent.evals.batch.backends import open_backend
from perfagent.evals.batch.evaluation import run_evaluation

from .simulated import asked_for_simulated, simulated


@dataclass(frozen=True, kw_only=True)
class Line:
    """One evaluation of simulated instances that take no time."""

    backend: str
    workers: int
    instances: int
    seconds: float

    @property
    def overhead_ms(self) -> float:
        """Milliseconds an instance."""
        return 1000 * self.seconds / self.instances


def throughput(backend: str, most: int) -> list[Line]:
    """Return a line for each number of workers and instances."""
    lines: list[Line] = []
    for workers in (1, 2, 4):
        for count in sorted({min(100, most), most}):
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder) / "run"
                asked = asked_for_simulated(place, count=count)
                began = time.monotonic()
                run_evaluation(asked, place, open_backend(backend, workers), work=simulated)
                seconds = time.monotonic() - began
            lines.append(Line(backend=backend, workers=workers, instances=count, seconds=seconds))
    return lines


def table_of(lines: list[Line]) -> str:
    """Return the lines as Markdown."""
    head = [
        "# What an instance costs beside its work",
        "",
        "Written by `make study-evals`. The instances are simulated and take no time, so the",
        "time is perfagent's own, the start of the workers included. The machine has",
        f"{os.cpu_count()} cores.",
        "",
        "| backend | workers | instances | seconds | ms an instance |",
        "|---|---|---|---|---|",
    ]
    rows = [
        f"| {e.backend} | {e.workers} | {e.instances} | {e.seconds:.1f} | {e.overhead_ms:.1f} |"
        for e in lines
    ]
    return "\n".join([*head, *rows, ""])
