"""The Docker engine. The only module that imports the Docker SDK."""

from __future__ import annotations

OLDEST_API = "1.41"  # Docker 20.10, and what Podman speaks


def engine_version() -> str:
    """Return the version of the engine that the environment points at.

    Raises:
        InfrastructureError: No engine answers; the message says why in one line.
    """
    import docker
    from docker.errors import DockerException

    from ..errors import InfrastructureError

    try:
        # A named API version keeps the constructor from asking the engine: a failure there would
        # leave a socket that nobody can close.
        client = docker.from_env(timeout=5, version=OLDEST_API)
        try:
            return str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InfrastructureError(f"no Docker engine answers: {reason}") from error
