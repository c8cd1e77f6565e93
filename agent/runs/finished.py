"""A run that ended: its record and its patch, read back from its directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UserError
from ...settings import Settings
from .directory import RunDirectory
from .on_disk import find_run, list_runs
from .record import RECORD


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """What a run left.

    Attributes:
        path: Its directory.
        record: What its `report.json` holds.
        diff: The accepted patch against the base commit; "" when nothing was accepted.
    """

    path: Path
    record: dict[str, Any]
    diff: str

    @property
    def run_id(self) -> str:
        """Its name."""
        return str(self.record.get("run_id") or self.path.name)


def read_finished(name: str, settings: Settings) -> FinishedRun:
    """Return a run by id, unique beginning of it, or directory.

    Raises:
        UserError: There is no such run, or it did not come to its record.
    """
    path = find_run(name, settings=settings)
    directory = RunDirectory(path)
    if not directory.has(RECORD):
        raise UserError(f"run {path.name} is not finished: `perfagent resume {path.name}`")
    patch = path / "patch.diff"
    return FinishedRun(
        path=path,
        record=directory.read_json(RECORD),
        diff=patch.read_bytes().decode("utf-8", "surrogateescape") if patch.exists() else "",
    )


def finished_records(settings: Settings, repo: str | None) -> Iterator[dict[str, Any]]:
    """Yield the records of the runs in the state folder that ended.

    Args:
        settings: Where runs are kept.
        repo: The repository as it was named, a path to it, or a part of its name; None for all.

    Raises:
        UserError: No run of it ended.
    """
    wanted = str(Path(repo).resolve()) if repo and Path(repo).exists() else repo
    found = False
    for summary in list_runs(settings):
        directory = RunDirectory(summary.path)
        source = summary.repo
        names = {source, str(Path(source).resolve())} if Path(source).exists() else {source}
        if wanted is not None and not any(wanted in name for name in names):
            continue
        if directory.has(RECORD):
            found = True
            yield directory.read_json(RECORD)
    if not found:
        of = f" of {repo}" if repo else ""
        raise UserError(f"no run{of} has ended yet: `perfagent runs` lists them")
