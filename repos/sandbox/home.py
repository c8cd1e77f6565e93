"""The private copy of a home directory that a contained command gets."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from .sandbox import Enclosure

_MOST_HOME_BYTES = 64_000_000


def copied_home(enclosure: Enclosure) -> Path | None:
    """Copy what lies in the home that a command is to have; None when that is nothing."""
    home = enclosure.home
    if home is None or home in enclosure.writable or not home.is_dir() or not any(home.iterdir()):
        return None
    sizes = (path.lstat().st_size for path in home.rglob("*"))
    if sum(sizes) > _MOST_HOME_BYTES:
        return None
    copied = Path(tempfile.mkdtemp(prefix="perfagent-home-"))
    shutil.copytree(home, copied, symlinks=True, dirs_exist_ok=True)
    return copied


def remove(folder: Path | None) -> None:
    """Delete a copy; None is none."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
