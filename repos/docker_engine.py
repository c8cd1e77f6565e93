"""The Docker engine. The only module that imports the Docker SDK."""

from __future__ import annotations


def engine_version() -> str:
    """Return the version of the engine that the environment points at.

    Raises:
        InfrastructureError: No engine answers; the message says why in one line.
    """
    import docker
    from docker.errors import DockerException

    from ..errors import InfrastructureError

    try:
        client = docker.from_env(timeout=5)
        try:
            return str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InfrastructureError(f"no Docker engine answers: {reason}") from error
