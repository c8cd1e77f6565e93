"""A place to try escapes from: a secret outside, a worktree, and each sandbox."""

from __future__ import annotations

import os
import secrets
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from perfagent.repos.commands.process import CommandResult, Limits, run_command
from perfagent.repos.environment.environment import Environment
from perfagent.repos.locks import exclusive
from perfagent.repos.sandbox import docker, local
from perfagent.repos.sandbox.containment import Containment
from perfagent.repos.sandbox.sandbox import Sandbox, Unconfined


@dataclass(kw_only=True)
class Cell:
    """A sandbox with a worktree in it.

    Attributes:
        sandbox: The sandbox.
        tree: The worktree, which may be written.
        secret: A file outside, in the home directory.
        token: Stands in the command line of every process that is started here.
    """

    sandbox: Sandbox
    environment: Environment
    tree: Path
    secret: Path
    token: str = field(default_factory=lambda: secrets.token_hex(16))

    def run(self, source: str, *argv: str, **options: object) -> CommandResult:
        """Run Python code in the sandbox."""
        limits = options.pop("limits", Limits(wall_s=60))
        tmp_bytes = options.pop("tmp_bytes", 50_000_000)
        containment = Containment(sandbox=self.sandbox, network=bool(options.pop("network", False)))
        read_only = bool(options.pop("read_only", False))
        around = containment.around(self.environment, self.tree, read_only=read_only)
        # What is left in `options` are arguments of run_command by name, of types of their own.
        return run_command(
            [str(self.environment.python), "-c", source, self.token, *argv],
            cwd=self.tree,
            env=self.environment.variables(self.tree),
            limits=limits,  # type: ignore[arg-type]
            enclosure=replace(around, tmp_bytes=tmp_bytes),  # type: ignore[arg-type]
            **options,  # type: ignore[arg-type]
        )

    def left(self) -> list[str]:
        """Return what of its processes is alive, at most a second after they should be gone."""
        give_up = time.monotonic() + 1.0
        while (found := list(self._alive())) and time.monotonic() < give_up:
            time.sleep(0.05)
        return found

    def _alive(self) -> list[str]:
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            words = process.info["cmdline"] or []
            if self.token in words and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(f"{process.pid}: {' '.join(words)[-200:]}")
        return found


MakeCell = Callable[[Sandbox], Cell]


@pytest.fixture
def make_cell(tmp_path: Path, private_home: Path, small_python: Path) -> MakeCell:
    """Return a function that puts a worktree into a sandbox."""

    def make(sandbox: Sandbox) -> Cell:
        tree = tmp_path / "run" / "trees" / "base"
        tree.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source").mkdir(exist_ok=True)
        secret = private_home / "planted-secret"
        secret.write_text("the planted secret")
        environment = Environment(
            key="test",
            python=small_python,
            version="3.11",
            import_roots=("",),
            packages=("shapes",),
            generated=(),
            source=tmp_path / "source",
            build=None,
            log=tmp_path / "install.log",
        )
        return Cell(sandbox=sandbox, environment=environment, tree=tree, secret=secret)

    return make


@pytest.fixture(
    params=[
        pytest.param("local", marks=pytest.mark.sandbox),
        pytest.param("docker", marks=pytest.mark.docker),
    ]
)
def cell(request: pytest.FixtureRequest, make_cell: MakeCell) -> Cell:
    """Return a worktree in each sandbox in turn."""
    return make_cell(request.getfixturevalue(f"{request.param}_sandbox"))


@pytest.fixture
def open_cell(make_cell: MakeCell) -> Cell:
    """Return a worktree in no sandbox, where what does no harm is tried for comparison."""
    return make_cell(Unconfined())


@pytest.fixture(scope="session")
def docker_sandbox() -> Sandbox:
    """Return Docker's sandbox, or skip the test with the reason why there is none."""
    return _working(docker.Docker(), docker.problem())


@pytest.fixture(scope="session")
def small_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an interpreter with nothing installed, whose image is small."""
    # Beside the folders of all workers, which then share its image.
    folder = tmp_path_factory.getbasetemp().parent / "small-python"
    with exclusive(folder.with_suffix(".lock"), lambda: None):
        if not folder.exists():
            venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def local_sandbox() -> Sandbox:
    """Return bubblewrap's sandbox, or skip the test with the reason why there is none."""
    return _working(local.Local(), local.problem())


def _working(sandbox: Sandbox, problem: str | None) -> Sandbox:
    """Return a sandbox that works; where `.ci/run` asks for all of them, another fails."""
    if problem and os.environ.get("SANDBOXES_REQUIRED"):
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)
    return sandbox
