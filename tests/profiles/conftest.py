"""Real targets for the profiler: a package in a tree, and workloads that use it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from perfagent.profiles.profile import Profile
from perfagent.profiles.recording.record import record
from perfagent.repos.commands.process import Limits
from perfagent.repos.environment.environment import Environment
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

LIBRARY = """\
import json
import subprocess
import sys
import threading
import time


def spin(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def quick(n):
    return n + 1


def squares(n):
    return [
        i * i % 7 * i % 11
        for i in range(n)
    ]


def dump(n):
    return json.dumps([{"a": i} for i in range(n)], indent=1)


def work(n):
    spin(n)
    return quick(n)


def nap(n):
    time.sleep(n)


def in_thread(n):
    thread = threading.Thread(target=spin, args=(n,))
    thread.start()
    thread.join()


def in_process(n):
    code = f"from lib import spin; spin({n})"
    subprocess.run([sys.executable, "-c", code], check=True)


_known = {}


def remembered(n):
    if n not in _known:
        _known[n] = spin(n)
    return _known[n]
"""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A tree with the library above, and a way to profile a workload in it."""

    tree: Path
    work_dir: Path
    python: Path
    side_packages: Path

    def target(self, workload: str, *, timeout_s: float = 60.0) -> Target:
        environment = Environment(
            key="test",
            python=self.python,
            version="",
            import_roots=("",),
            packages=("lib",),
            generated=(),
            source=self.tree,
            build=None,
            log=self.work_dir / "install.log",
        )
        parsed = parse_workload(workload, repo_path=self.tree, timeout_s=timeout_s)
        return Target(workload=parsed, environment=environment, limits=Limits(wall_s=60))

    def script(self, text: str) -> str:
        path = self.work_dir / "bench me.py"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def profile(
        self, workload: str, *, min_samples: int = 100, max_s: float = 10.0, native: bool = False
    ) -> Profile:
        return record(
            self.target(workload),
            self.tree,
            work_dir=self.work_dir / "profile",
            environment_side_packages=lambda: self.side_packages,
            min_samples=min_samples,
            max_s=max_s,
            native=native,
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    tree = tmp_path / "a tree ü"
    tree.mkdir()
    (tree / "lib.py").write_text(LIBRARY, encoding="utf-8")
    work_dir = tmp_path / "work"
    work_dir.mkdir()
    side_packages = tmp_path / "side"
    side_packages.mkdir()
    return Bench(
        tree=tree, work_dir=work_dir, python=Path(sys.executable), side_packages=side_packages
    )


def share(profile: Profile, wanted: Callable[[str, str, int], bool]) -> float:
    """Return the share of samples with a frame (function, path, line) that is wanted."""
    hits = sum(
        count
        for frames, count in profile.stacks
        if any(wanted(frame.function, frame.path, frame.line) for frame in frames)
    )
    return hits / profile.samples
