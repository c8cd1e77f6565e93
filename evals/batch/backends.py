"""Which backend does the work."""

from __future__ import annotations

from ...errors import UserError
from .backend import Backend, LocalBackend


def open_backend(name: str, workers: int) -> Backend:
    """Return a backend by its name.

    Args:
        name: "local" for worker processes on this machine.
        workers: Jobs at once, at least 1.

    Raises:
        UserError: There is no such backend, or too few workers.
    """
    if workers < 1:
        raise UserError(f"--workers {workers}: at least 1")
    if name == "local":
        return LocalBackend(workers)
    raise UserError(f"no backend {name!r}: --backend is local")
