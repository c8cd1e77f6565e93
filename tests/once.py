"""What several tests look at and takes long to make: made once, for all workers of pytest-xdist."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from perfagent.repos.locks import exclusive

T = TypeVar("T")


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], T]) -> T:
    """Return what `make` returns for a folder of its own, calling it in the first worker only.

    The result crosses processes, so it has to be picklable; the folder outlives the worker that
    made it.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    kept = base / f"once-{name}.pickle"
    with exclusive(base / f"once-{name}.lock", on_wait=lambda: None):
        if not kept.exists():
            made: Any = make(Path(tempfile.mkdtemp(prefix=f"{name}-", dir=base)))
            kept.write_bytes(pickle.dumps(made))
        return pickle.loads(kept.read_bytes())
