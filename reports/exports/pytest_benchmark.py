"""The final pairs as a file of pytest-benchmark, which its `compare` reads."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from ..record import RunRecord

FILE_VERSION = "5.0.0"


def pytest_benchmark(run: RunRecord) -> dict[str, Any]:
    """Return base and patched version as two benchmarks of one group, a round a launch.

    Times are in seconds, whatever the tool calls them; of other metrics in their own unit.
    """
    base, patched = run.pairs
    return {
        "machine_info": {"cpu": {"brand_raw": run.machine.get("processor", "")}, **run.machine},
        "commit_info": {"id": run.commit, "dirty": False, "project": run.repository},
        "benchmarks": [
            _benchmark(run, "base", base, run.commit),
            _benchmark(run, "patched", patched, None),
        ],
        "datetime": run.started_at,
        "version": FILE_VERSION,
    }


def _benchmark(
    run: RunRecord, name: str, values: Sequence[float], commit: str | None
) -> dict[str, Any]:
    return {
        "group": run.workload,
        "name": f"{run.workload}[{name}]",
        "fullname": f"{run.workload}[{name}]",
        "params": {"version": name},
        "param": name,
        "extra_info": {"run": run.run_id, "metric": run.metric, "commit": commit},
        "options": {"disable_gc": False, "timer": "perf_counter", "warmup": False},
        "stats": _stats(values),
    }


def _stats(values: Sequence[float]) -> dict[str, Any]:
    ordered = sorted(values)
    low, middle, high = statistics.quantiles(ordered, n=4, method="inclusive")
    spread = high - low
    mean, stddev = statistics.fmean(ordered), statistics.stdev(ordered)
    least, most = low - 1.5 * spread, high + 1.5 * spread
    beyond = sum(not least <= value <= most for value in ordered)
    apart = sum(abs(value - mean) > stddev for value in ordered)
    return {
        "min": ordered[0],
        "max": ordered[-1],
        "mean": mean,
        "stddev": stddev,
        "rounds": len(ordered),
        "median": middle,
        "iqr": spread,
        "q1": low,
        "q3": high,
        "iqr_outliers": beyond,
        "stddev_outliers": apart,
        "outliers": f"{apart};{beyond}",
        "ld15iqr": min(value for value in ordered if value >= least),
        "hd15iqr": max(value for value in ordered if value <= most),
        "ops": 1 / mean,
        "total": sum(ordered),
        "data": list(values),
        "iterations": 1,
    }
