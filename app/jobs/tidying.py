"""Deletes what is kept of repositories that the app cannot reach any more, and old jobs' files."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from .desk import Desk

KEEP_S = 30 * 86_400.0
"""How long a finished job's files are kept: its runs, and their report pages."""


def tidy(desk: Desk, repos: Iterable[str]) -> list[str]:
    """Delete what is not needed; return the names of the folders that are gone.

    Args:
        desk: What jobs work with.
        repos: owner/name of all repositories that the app has access to now.
    """
    kept = {desk.kept(repo) for repo in repos}
    # One that was added a moment ago has jobs already.
    live = desk.queue.listed("state IN ('queued', 'running')", limit=10_000)
    kept |= {desk.kept(job.repo) for job in live}
    gone = [path for path in _children(desk.deployment.folder / "jobs") if _is_over(desk, path)]
    gone += _children(desk.deployment.folder / "repositories") - kept
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in gone]


def _is_over(desk: Desk, folder: Path) -> bool:
    job = desk.queue.find(folder.name)
    return job is None or (job.finished_at or time.time()) < time.time() - KEEP_S


def _children(folder: Path) -> set[Path]:
    return set(folder.iterdir()) if folder.is_dir() else set()
