"""Small real git repositories for this room's tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest


class GitFolder:
    """A git repository as a user has it, driven by plain git."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *args: str) -> str:
        done = subprocess.run(["git", *args], cwd=self.path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files; None deletes one."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "a change") -> str:
        """Commit files and return the commit's id."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


MakeRepository = Callable[..., GitFolder]


@pytest.fixture
def make_repository(tmp_path: Path) -> MakeRepository:
    """Return a function that makes a repository; with files, it has one commit."""

    def make(
        files: Mapping[str, str | bytes | None] | None = None, *, name: str = "source"
    ) -> GitFolder:
        folder = GitFolder(tmp_path / name)
        folder.path.mkdir(parents=True)
        folder.git("init", "--quiet", "--initial-branch=main")
        if files:
            folder.commit(files, "the first")
        return folder

    return make


SETUPTOOLS = """
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"
[project]
name = "{name}"
version = "1"
"""
"""A pyproject.toml that setuptools installs, for a project of any name."""


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of environments, and of what pip downloads for them: each costs seconds."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PIP_CACHE_DIR", str(folder / "pip"))
        yield folder


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "trees"
    folder.mkdir(parents=True)
    return folder


def worktree(source: GitFolder, trees: Path, name: str = "base") -> Path:
    source.git("worktree", "add", "--quiet", "--detach", str(trees / name))
    return trees / name


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `uv` first on PATH that refuses what is named broken; return the list of its calls."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
echo "$*" >> {calls}
case "$*" in
    venv*) for last; do :; done; exec {sys.executable} -m venv --without-pip "$last" ;;
    *broken*) echo "error: no broken thing here" >&2; echo "hint: see above" >&2; exit 1 ;;
esac
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return calls
