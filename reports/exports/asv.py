"""The final pairs as results of airspeed velocity (asv), which `asv publish` reads.

asv keys results by commit, so the patch has to be committed first.
"""

from __future__ import annotations

import hashlib
import json
import re
import statistics
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ..record import RunRecord

_CONFIGURATION_VERSION, _RESULT_VERSION, _BENCHMARKS_VERSION, _MACHINE_VERSION = 1, 2, 2, 1
_COLUMNS = [
    "result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b",
    "stats_q_25", "stats_q_75", "stats_number", "stats_repeat", "samples", "profile",
]  # fmt: skip


def asv_files(
    run: RunRecord, *, repository: Path, commit: str, dates: Mapping[str, int], branch: str
) -> dict[str, Any]:
    """Return the files of an asv project by their paths, as plain JSON.

    Args:
        run: The run.
        repository: Where asv finds the commits.
        commit: The commit that holds the patch, 40 hex digits.
        dates: Of base and patched commit, in milliseconds since 1970.
        branch: What asv publishes.
    """
    machine = re.sub(r"[^\w.-]+", "-", run.machine.get("processor", "") or "machine").strip("-")
    python = ".".join((run.environment.get("version") or "3").split(".")[:2])
    environment = f"existing-py{python}"
    name = re.sub(r"\W+", "_", run.workload) + ".time_workload"
    version = hashlib.sha256(run.workload_source.encode()).hexdigest()
    base, patched = run.pairs
    parameters = {"machine": machine, "python": python}
    files: dict[str, Any] = {
        "asv.conf.json": {
            "version": _CONFIGURATION_VERSION,
            "project": Path(run.repository).name or "project",
            "repo": str(repository),
            "branches": [branch],
            "results_dir": "results",
            "html_dir": "html",
            "benchmark_dir": "benchmarks",
            "environment_type": "existing",
            "show_commit_url": "",
        },
        "results/benchmarks.json": {
            "version": _BENCHMARKS_VERSION,
            name: _described(name, version, run),
        },
        f"results/{machine}/machine.json": {
            "version": _MACHINE_VERSION, "machine": machine, "os": run.machine.get("system", ""),
            "arch": run.machine.get("architecture", ""), "cpu": run.machine.get("processor", ""),
            "num_cpu": run.machine.get("cores", ""), "ram": "",
        },
    }  # fmt: skip
    for revision, values in ((run.commit, base), (commit, patched)):
        files[f"results/{machine}/{revision[:8]}-{environment}.json"] = {
            "version": _RESULT_VERSION,
            "commit_hash": revision,
            "env_name": environment,
            "date": dates[revision],
            "params": {**parameters, "arch": "", "cpu": "", "num_cpu": "", "os": "", "ram": ""},
            "python": python,
            "requirements": {},
            "env_vars": {},
            "result_columns": _COLUMNS,
            "results": {name: _result(values, version, run.started_at)},
            "durations": {},
        }
    return files


def _described(name: str, version: str, run: RunRecord) -> dict[str, Any]:
    return {
        "code": run.workload_source,
        "name": name,
        "param_names": [],
        "params": [],
        "type": "time",
        "unit": "seconds",
        "version": version,
        "timeout": 60.0,
    }


def _result(values: Sequence[float], version: str, started_at: str) -> list[Any]:
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    began = datetime.fromisoformat(started_at).timestamp() if started_at else time.time()
    return [
        [middle], [], version, round(began * 1000), sum(values), [min(values)], [max(values)],
        [low], [high], [1], [len(values)], [list(values)],
    ]  # fmt: skip


def write_asv(folder: Path, files: Mapping[str, Any]) -> None:
    """Write the files below a folder, which `asv publish` is then run in."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (folder / "benchmarks").mkdir(exist_ok=True)
    (folder / "benchmarks" / "__init__.py").touch()
