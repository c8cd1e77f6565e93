"""Reads the rows of a dataset: JSON, JSON Lines, parquet, a saved directory, or a hub's name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import InfrastructureError, UserError

Row = dict[str, Any]

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_LATER_NAMES = {"swefficiency/swefficiency-lite": "swefficiency/swefficiency_lite"}
"""Names that are about for a dataset that has another."""


def read_rows(source: str, *, split: str = "test") -> list[Row]:
    """Return the rows of a dataset, in its order.

    Args:
        source: A file (.json, .jsonl, .parquet), a folder of parquet files, a folder as
            `save_to_disk` of the package `datasets` leaves it, or OWNER/NAME on Hugging Face.
        split: Which part of a dataset that has several.

    Raises:
        UserError: There is no such dataset, or it cannot be read; or a package is missing.
        InfrastructureError: The hub cannot be reached.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        rows = list(_from_folder(path, split))
    elif path.is_file():
        rows = list(_from_file(path))
    elif _HUB_NAME.fullmatch(source) and not path.suffix:
        rows = list(_from_hub(source, split))
    else:
        raise UserError(
            f"no instances at {source}: name a .json, .jsonl or .parquet file, a saved dataset's "
            "folder, or OWNER/NAME on Hugging Face"
        )
    if not rows:
        raise UserError(f"{source} holds no instances")
    return rows


def _from_file(path: Path) -> Iterator[Row]:
    if path.suffix == ".parquet":
        yield from _from_parquet([path])
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}") from None
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(path, text)
        return
    rows = [whole] if isinstance(whole, dict) and "repo" in whole else whole
    if isinstance(rows, dict):
        rows = list(rows.values())
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        yield _mapping(row, f"{path}, row {number}")


def _lines(path: Path, text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UserError(f"{path}, line {number} is not JSON: {error}") from None
            yield _mapping(row, f"{path}, line {number}")


def _mapping(row: object, where: str) -> Row:
    if not isinstance(row, dict):
        raise UserError(f"{where}: an instance is a mapping, not {type(row).__name__}")
    return row


def _from_folder(path: Path, split: str) -> Iterator[Row]:
    part = path / split
    folder = part if part.is_dir() else path
    arrow = sorted(folder.glob("*.arrow"))
    if arrow:
        yield from _from_arrow(arrow)
        return
    parquet = sorted(folder.rglob("*.parquet"))
    chosen = [file for file in parquet if file.name.startswith(f"{split}-")] or parquet
    if not chosen:
        raise UserError(f"{path} holds neither .arrow nor .parquet files: is it a saved dataset?")
    yield from _from_parquet(chosen)


def _from_arrow(files: list[Path]) -> Iterator[Row]:
    arrow = _package("pyarrow")
    import pyarrow.ipc  # pyright: ignore[reportMissingImports]

    for file in files:
        try:
            with arrow.memory_map(str(file)) as mapped:
                yield from pyarrow.ipc.open_stream(mapped).read_all().to_pylist()
        except arrow.ArrowInvalid as error:
            raise UserError(f"{file} is no saved dataset: {error}") from None


def _from_parquet(files: list[Path]) -> Iterator[Row]:
    arrow = _package("pyarrow")
    import pyarrow.parquet  # pyright: ignore[reportMissingImports]

    for file in files:
        try:
            yield from pyarrow.parquet.ParquetFile(file).read().to_pylist()
        except (arrow.ArrowInvalid, OSError) as error:
            raise UserError(f"cannot read {file}: {error}") from None


def _from_hub(name: str, split: str) -> Iterator[Row]:
    datasets = _package("datasets")
    name = _LATER_NAMES.get(name, name)
    try:
        found = datasets.load_dataset(name, split=split)
    except ConnectionError as error:
        raise InfrastructureError(f"Hugging Face cannot be reached for {name}: {error}") from error
    except Exception as error:  # noqa: BLE001 - the package has no family of its own for bad names
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UserError(f"no dataset {name} (split {split}) to load: {first}") from None
    yield from (dict(row) for row in found)


def _package(name: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise UserError(
            f"this dataset needs the package {name}: pip install 'perfagent[datasets]'"
        ) from None
