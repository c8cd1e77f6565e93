"""How the workload is timed on each version that others are compared with, found out once each."""

from __future__ import annotations

from pathlib import Path

from ...workloads.timing.calibration import Calibration, calibrate
from ..runs.plain import from_plain, to_plain
from ..runs.run import Run


def calibration_of(run: Run, tip: str | None, tree: Path) -> Calibration:
    """Return the calibration of a version, from disk when it was made before.

    Args:
        run: The run.
        tip: The version's candidate id, or None for the base.
        tree: Its tree.

    Raises:
        WorkloadFailed: The workload does not run there.
    """
    name = f"calibrations/{tip or 'base'}.json"
    with run.timing_lane:
        if run.directory.has(name):
            return from_plain(Calibration, run.directory.read_json(name))
        with run.stopwatch.waiting_for("workload"):
            made = calibrate(run.target, tree)
        run.keep(name, to_plain(made))
        return made
