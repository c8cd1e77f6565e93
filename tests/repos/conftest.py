"""Small real git repositories for this room's tests."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
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
