"""Files of somebody else's, read with an error that names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...errors import UserError


def text_of(path: Path) -> str:
    """Return a file's text; "" where there is no such file.

    Raises:
        UserError: It cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    except OSError as error:
        raise UserError(f"cannot read {path}: {error}") from None


def json_of(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        UserError: It cannot be read, or is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}") from None


def by_instance(folder: Path, *names: str) -> dict[str, Path]:
    """Return the folders below one that hold a file of these names, by their own name.

    Raises:
        UserError: Two of them are of one instance, as where two runs lie in the folder.
    """
    found: dict[str, Path] = {}
    for place in sorted({file.parent for name in names for file in folder.rglob(name)}):
        if place.name in found:
            raise UserError(
                f"{folder} has {place.name} twice, in {found[place.name].parent} and "
                f"{place.parent}: name the folder of one run"
            )
        found[place.name] = place
    return found
