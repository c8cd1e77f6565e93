"""Which backend does the work."""

from __future__ import annotations

from ...errors import UserError
from .backend import Backend, LocalBackend
from .ray_backend import RayBackend


def open_backend(name: str, workers: int) -> Backend:
    """Return a backend by its name.

    Args:
        name: "local" for worker processes on this machine, "ray" for the nodes of a Ray cluster.
        workers: Jobs at once, on each node of a cluster; at least 1.

    Raises:
        UserError: There is no such backend, or too few workers.
    """
    if workers < 1:
        raise UserError(f"--workers {workers}: at least 1")
    if name == "local":
        return LocalBackend(workers)
    if name == "ray":
        return RayBackend(workers)
    raise UserError(f"no backend {name!r}: --backend is local or ray")
