"""The workloads of the study: pure Python of constant cost per step, sized on this machine.

A planted gain removes a known share of the steps, so that the true speedup is the ratio of the
steps. What a call costs besides is some 0.1 us: nothing beside 1 ms.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from perfagent.agent.steps.prepare import divide_cpus
from perfagent.repos.environment.environment import Environment
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

WORKLOADS_S: Mapping[str, float] = {"5us": 5e-6, "1ms": 1e-3, "50ms": 50e-3, "1s": 1.0}
"""What a call is to take, by the workload's name, in seconds."""

PACKAGE = "steps"
COPIES = 15

_CORE = """from itertools import repeat

COUNT = {count}


def run(count=COUNT):
    total = 0
    for _ in repeat(None, count):
        total = (total * 5 + 3) & 255
    return total
"""
_INIT = "from .core import run\n"
_SCRIPT = f"from {PACKAGE} import run\n\n\ndef workload():\n    return run()\n"
_SIZING = """
import os, sys, time
cpus = [int(cpu) for cpu in sys.argv[1].split(",") if cpu]
if cpus:
    os.sched_setaffinity(0, cpus)
from steps.core import run
best = 1e9
for _ in range(25):
    started = time.perf_counter()
    run(100000)
    best = min(best, time.perf_counter() - started)
print(best / 100000)
"""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One workload.

    Attributes:
        name: As in WORKLOADS_S.
        steps: How many steps a call of the base takes.
        target: The workload and where it runs.
        script: The workload's script.
        folder: Holds its trees.
    """

    name: str
    steps: int
    target: Target
    script: Path
    folder: Path

    @property
    def base(self) -> Path:
        """The tree of the base version."""
        return _laid_out(self.folder / "base", self.steps)

    def candidate(self, gain: float, copy: int = 0) -> Path:
        """Return a tree whose speedup is `truth(gain)`; copies of one gain are alike.

        Args:
            gain: The planted gain as a share; 0 for identical code.
            copy: Which of the copies.
        """
        name = f"candidate-{round(gain * 1000):04d}-{copy:02d}"
        return _laid_out(self.folder / name, self._steps_left(gain))

    def truth(self, gain: float) -> float:
        """Return the exact speedup of a planted gain: the ratio of the steps."""
        return self.steps / self._steps_left(gain)

    @property
    def cpus(self) -> str:
        """The timing cores as a list with commas; "" for any."""
        return ",".join(map(str, sorted(self.target.timing_cpus or ())))

    def _steps_left(self, gain: float) -> int:
        return round(self.steps / (1 + gain))


def _laid_out(tree: Path, count: int) -> Path:
    package = tree / PACKAGE
    if not package.exists():
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(_INIT)
        (package / "core.py").write_text(_CORE.format(count=count))
    return tree


def make_cases(folder: Path, sizes: Mapping[str, int] | None = None) -> dict[str, Case]:
    """Return the workloads, laid out under `folder`.

    Args:
        folder: An empty folder.
        sizes: Steps by workload, from an earlier call on this machine; None: found out now.
    """
    timing, other = divide_cpus(os.sched_getaffinity(0))
    script = folder / "job" / "workload.py"
    script.parent.mkdir(parents=True)
    script.write_text(_SCRIPT)
    sizes = sizes or _sizes(folder / "sizing", timing)
    return {
        name: Case(
            name=name,
            steps=sizes[name],
            target=Target(
                workload=parse_workload(str(script), repo_path=None, timeout_s=120.0),
                environment=environment(folder, PACKAGE),
                timing_cpus=timing,
                other_cpus=other,
            ),
            script=script,
            folder=folder / "trees" / name,
        )
        for name in WORKLOADS_S
    }


def _sizes(folder: Path, timing: frozenset[int] | None) -> dict[str, int]:
    tree = _laid_out(folder / "base", 1)
    cpus = ",".join(map(str, sorted(timing or ())))
    step_s = float(
        subprocess.run(
            [sys.executable, "-c", _SIZING, cpus],
            env={**os.environ, "PYTHONPATH": str(tree)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    return {name: max(1, round(call_s / step_s)) for name, call_s in WORKLOADS_S.items()}


def environment(folder: Path, package: str) -> Environment:
    """Return an environment around this interpreter: nothing has to be built for the trees.

    Args:
        folder: Where its log would go.
        package: What the trees hold.
    """
    return Environment(
        key="study",
        python=Path(sys.executable),
        version=".".join(map(str, sys.version_info[:3])),
        import_roots=("",),
        packages=(package,),
        generated=(),
        source=folder,
        build=None,
        log=folder / "install.log",
    )
