"""The Docker engine. The only module that imports the Docker SDK."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InfrastructureError

DEFAULT_HOST = "unix:///var/run/docker.sock"


def engine_version() -> str:
    """Return the version of the engine that DOCKER_HOST (or the usual socket) leads to.

    Raises:
        InfrastructureError: No engine answers; the message says why in one line.
    """
    host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
    scheme, _, path = host.partition("://")
    if scheme == "unix" and not Path(path).exists():
        raise InfrastructureError(f"no Docker engine: there is no socket at {path}")
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=5)
        try:
            return str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InfrastructureError(f"no Docker engine answers at {host}: {reason}") from error
