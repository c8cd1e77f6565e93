"""JSON files that survive a kill: written whole and synced before anybody uses what they hold."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError
from ...redaction import without_known

_FORMAT = 1


def write_durably(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record whole, and return when it is on the disk.

    Raises:
        InfrastructureError: The disk is full or not writable.
    """
    folder = path.parent
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as stream:
            whole = {"format": _FORMAT, **record}
            text = json.dumps(whole, ensure_ascii=True, indent=1, allow_nan=False)
            stream.write(without_known(text))
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        _sync_folder(folder)
    except OSError as error:
        raise InfrastructureError(
            f"cannot record a model call in {folder}: {error.strerror}; free some room and "
            "resume the run"
        ) from None


def read_durable(path: Path) -> dict[str, Any]:
    """Return what `write_durably` wrote, with its format.

    Raises:
        InfrastructureError: It cannot be read, or another version of perfagent wrote it.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InfrastructureError(f"cannot read the recorded call {path}: {error}") from None
    if not isinstance(record, dict) or record.get("format") != _FORMAT:
        raise InfrastructureError(f"{path} was not written by this version of perfagent")
    return record


def _sync_folder(folder: Path) -> None:
    """Make the folder's new names survive a power cut, where the system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
