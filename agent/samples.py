"""Every timing behind a verdict, kept in the run directory."""

from __future__ import annotations

from ..workloads.timing.comparison import Comparison
from .plain import to_plain
from .run import Run


def keep_samples(run: Run, name: str, compared: Comparison) -> str:
    """Write a comparison with all its samples and return the file's name in the directory."""
    file = f"samples/{name}.json"
    run.keep(file, to_plain(compared))
    return file
