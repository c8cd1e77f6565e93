"""A run that ended: its record and its patch, read back from its directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..settings import Settings
from .record import RECORD
from .run_directory import RunDirectory
from .runs import find_run


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
