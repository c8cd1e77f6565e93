"""A rule as many scripts have it: the tests pass, and one process each is 1.1 times as fast.

The workload times itself with the standard library's clock, in the process that runs the patched
code, and the best of three calls counts.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

LEAST = 1.1

_TIMER = """

if "setup" in globals():
    setup()
import time
best = None
for _ in range(3):
    begun = time.perf_counter()
    workload()
    taken = time.perf_counter() - begun
    best = taken if best is None or taken < best else best
print("took", best)
"""
_LIMIT_S = 120.0


def gain(
    python: Path, workload: str, before: Mapping[str, str], after: Mapping[str, str], cpu: int
) -> float | None:
    """Return how many times as fast the patched files are; None when they do not run.

    Args:
        python: An interpreter that has what the code needs.
        workload: The script, without a timing part.
        before: The base's files.
        after: The files that the patch changes.
        cpu: The core to run on.
    """
    base, patched = (_took(python, workload, files, cpu) for files in (before, {**before, **after}))
    if base is None or patched is None:
        return None
    return base / patched if patched > 0 else float("inf")


def _took(python: Path, workload: str, files: Mapping[str, str], cpu: int) -> float | None:
    with tempfile.TemporaryDirectory(prefix="perfagent-study-") as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        script = Path(folder) / "timed_workload.py"
        script.write_text(workload + _TIMER)
        try:
            done = subprocess.run(
                ["taskset", "-c", str(cpu), str(python), str(script)],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": folder, "PYTHONHASHSEED": "0"},
                capture_output=True,
                text=True,
                timeout=_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    told = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("took ")]
    return float(told[0]) if done.returncode == 0 and told else None
