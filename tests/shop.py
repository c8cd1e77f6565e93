"""A small repository with a planted quadratic function, and perfagent run on it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAIRS = '''"""Comparing two deliveries."""


def shared(first, second):
    """Return the numbers of the first delivery that are in the second, in order."""
    known = list(second)
    return [number for number in first if number in known]


def total(numbers):
    """Return the sum of the numbers."""
    return sum(numbers)
'''

FAST_PAIRS = PAIRS.replace("known = list(second)", "known = set(second)")

TESTS = """from deliveries.pairs import shared, total


def test_shared_keeps_order():
    assert shared([3, 1, 2], [1, 3]) == [3, 1]


def test_shared_of_nothing():
    assert shared([], [1]) == []


def test_total():
    assert total([1, 2]) == 3
"""

WORKLOAD = """from deliveries.pairs import shared, total


def setup():
    global first, second
    first = list(range(0, 3000, 2))
    second = list(range(0, 3000, 3))


def workload():
    return total(shared(first, second))
"""


@dataclass(frozen=True)
class Answer:
    """What one call of the command line gave."""

    status: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shop:
    """A target with its workload, and the folders that perfagent uses for it."""

    folder: Path
    repo: Path
    workload: Path
    environ: dict[str, str]

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "perfagent", *words]

    def perfagent(self, *words: str, timeout: float = 240, **environ: str) -> Answer:
        done = subprocess.run(
            self.argv(*words),
            cwd=self.folder,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def optimize(self, *words: str, timeout: float = 240, **environ: str) -> Answer:
        return self.perfagent(
            "optimize",
            str(self.repo),
            str(self.workload),
            "--json",
            *QUICK,
            *words,
            timeout=timeout,
            **environ,
        )


# The tests' own interpreter serves as the target's environment: it has pytest, and nothing needs
# to be installed.
# Five pairs decide it on a quiet machine; beside other tests a few more may be needed.
QUICK = ("--python", sys.prefix, "--max-rounds", "1", "--max-pairs", "7")


def git(repo: Path, *words: str) -> str:
    # A machine may have no git identity.
    who = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")
    command = ["git", *who, "-C", str(repo), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write_repo(repo: Path, files: dict[str, str], message: str = "base") -> None:
    for name, text in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(repo.parent, "init", "--quiet", "--initial-branch=main", str(repo))
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", message)


# The plugins of perfagent's own tests take most of the second that pytest needs to start.
PYTEST_INI = """[pytest]
addopts =
    -p no:langsmith_plugin
    -p no:anyio
    -p no:hypothesispytest
    -p no:xdist
    -p no:xdist.looponfail
    -p no:benchmark
    -p no:timeout
"""

REPO_FILES = {
    "pytest.ini": PYTEST_INI,
    "deliveries/__init__.py": "",
    "deliveries/pairs.py": PAIRS,
    "tests/test_pairs.py": TESTS,
}


def write_history(repo: Path, message: str) -> None:
    """Lay out the repository with a commit that makes `shared` faster, which no test shows."""
    repo.mkdir()
    write_repo(repo, REPO_FILES)
    (repo / "deliveries" / "pairs.py").write_text(FAST_PAIRS)
    git(repo, "commit", "--quiet", "--all", "--message", message)


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every file below a folder with its mode and bytes, `.git` included."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lay_out_shop(tmp_path: Path, cache: Path) -> Shop:
    """Lay out the repository, its workload, and a home of its own."""
    repo = tmp_path / "deliveries repo é"
    repo.mkdir()
    write_repo(repo, REPO_FILES)
    workload = tmp_path / "compare.py"
    workload.write_text(WORKLOAD)
    environ = {
        **os.environ,
        "PERFAGENT_CACHE_DIR": str(cache),
        "PERFAGENT_STATE_DIR": str(tmp_path / "state"),
        "COLUMNS": "120",
    }
    return Shop(tmp_path, repo, workload, environ)
