"""The run directory: what one run leaves on disk, and the only place that knows its file names.

    run.json              the request: target, workload, settings (enough to resume)
    prepared.json         what `prepare` established: environment, suite, noise floor
    experience.json       what earlier runs on the repository taught, as it was at the start
    checkpoints.sqlite    LangGraph's checkpoints
    trajectory.jsonl      every event, in order
    proposals/ candidates/ verdicts/   one JSON file each, by id
    search/               what each round asked and why, and what came of each ask
    reached/              how often the changed lines of candidates that did not pay ran
    sums/                 near misses that a round put together, by their ids
    calls/                model calls already paid
    samples/              all launches' timings, by comparison
    profiles/             profile, hotspots and call facts by round, as JSON
    answers/              the workload's reference answer
    recorded/             calls of touched functions, and what they come to on the base
    work/                 bare repository and worktrees; removed when the run ends
    report.json report.md evidence.json patch.diff
    profile-{before,after}.{speedscope.json,collapsed.txt}

Every file but the trajectory is written whole: to a temporary name, then moved into place.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, UserError
from ...redaction import without_known


class RunDirectory:
    """Reads and writes the files of one run; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._append_lock = threading.Lock()

    @classmethod
    def create(cls, path: Path) -> RunDirectory:
        """Make a new, empty run directory.

        Raises:
            UserError: The path exists and is not an empty folder, or cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise UserError(f"output folder {path} is not empty; name a new one with --out")
            probe = path / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(
                f"cannot write the output folder {path}: {reason}; name another with --out"
            ) from None
        return cls(path)

    def folder(self, name: str) -> Path:
        """Return a folder inside the directory, made when missing.

        Raises:
            InfrastructureError: The disk is full or not writable.
        """
        path = self.path / name
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InfrastructureError(f"cannot make {path}: {error.strerror}") from error
        return path

    def has(self, name: str) -> bool:
        """Return whether the file is there (and therefore whole)."""
        return (self.path / name).exists()

    def write_json(self, name: str, value: object) -> None:
        """Write a JSON file whole.

        Raises:
            InfrastructureError: The disk is full or not writable.
        """
        self.write_text(name, json.dumps(value, indent=1, allow_nan=False))

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole; surrogate escapes become the bytes that they stand for.

        Secrets that are known by their value are not written.

        Raises:
            InfrastructureError: The disk is full or not writable.
        """
        target = self.path / name
        partial = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(without_known(text).encode("utf-8", "surrogateescape"))
            partial.replace(target)
        except OSError as error:
            raise InfrastructureError(
                f"cannot write {target}: {error.strerror}; free some room and resume the run"
            ) from error

    def read_json(self, name: str) -> Any:
        """Return the parsed file; FileNotFoundError when it is not there."""
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def read_all(self, folder: str) -> Iterator[Any]:
        """Yield every JSON file of a folder, oldest name first."""
        for path in sorted((self.path / folder).glob("*.json")):
            yield json.loads(path.read_text(encoding="utf-8"))

    def count(self, folder: str) -> int:
        """Return how many JSON files a folder holds."""
        return sum(1 for _ in (self.path / folder).glob("*.json"))

    def append_event(self, event: dict[str, Any]) -> None:
        """Add one event to the trajectory.

        Raises:
            InfrastructureError: The disk is full or not writable.
        """
        line = json.dumps(event) + "\n"
        with self._append_lock:
            try:
                with (self.path / "trajectory.jsonl").open("a", encoding="utf-8") as stream:
                    stream.write(line)
            except OSError as error:
                raise InfrastructureError(
                    f"cannot write the trajectory in {self.path}: {error.strerror}; free some room"
                ) from error

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the trajectory's events; a last line cut off by a kill is left out."""
        path = self.path / "trajectory.jsonl"
        if not path.exists():
            return
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                if line.endswith("\n"):
                    yield json.loads(line)
