"""The Docker engine. The only module that imports the Docker SDK.

DOCKER_HOST says where it is; a Podman service that listens on a socket answers to the same words.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InfrastructureError

DEFAULT_HOST = "unix:///var/run/docker.sock"

_ANSWER_S = 120


def engine_version() -> str:
    """Return the version of the engine that DOCKER_HOST (or the usual socket) leads to.

    Raises:
        InfrastructureError: No engine answers; the message says why in one line.
    """
    return Engine.reached().version


class ImageGone(Exception):
    """The engine does not have the image (any more)."""


class Engine:
    """An engine on this machine.

    Attributes:
        version: Its version.
        rootless: Whether it runs as a plain user, who is root in its containers.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.version = str(client.version()["Version"])
        options = client.info().get("SecurityOptions") or ()
        self.rootless = any("name=rootless" in option for option in options)

    @classmethod
    def reached(cls) -> Engine:
        """Return the engine that DOCKER_HOST (or the usual socket) leads to.

        Raises:
            InfrastructureError: None answers, or it is on another machine.
        """
        host = os.environ.get("DOCKER_HOST") or DEFAULT_HOST
        scheme, _, path = host.partition("://")
        if scheme != "unix":
            raise InfrastructureError(
                f"the Docker engine at {host} may be on another machine, which has no worktrees of "
                "this one: set DOCKER_HOST to the socket of an engine here"
            )
        if not Path(path).exists():
            raise InfrastructureError(f"no Docker engine: there is no socket at {path}")
        with _failing(f"no Docker engine answers at {host}"):
            import docker

            return cls(docker.APIClient(base_url=host, version="auto", timeout=_ANSWER_S))

    def has_image(self, name: str) -> bool:
        """Return whether it has an image."""
        with _failing("the Docker engine does not list its images"):
            return bool(self._client.images(name=name))

    def import_image(self, archive: Path, name: str) -> None:
        """Make an image whose file system is that of a tar archive."""
        repository, _, tag = name.partition(":")
        with _failing(f"the Docker engine does not import the image {name}"):
            self._client.import_image_from_file(str(archive), repository=repository, tag=tag)

    def start(self, asked: Mapping[str, Any]) -> Container:
        """Create a container and start it; it is removed when it ends.

        Args:
            asked: The arguments of the SDK's `create_container`, `host_config` as those of its
                `create_host_config`.

        Raises:
            ImageGone: The engine does not have the image.
            InfrastructureError: It does not start.
        """
        from docker.errors import ImageNotFound

        client = self._client
        user = "0:0" if self.rootless else f"{os.getuid()}:{os.getgid()}"
        log = {"type": "none", "config": {}}
        with _failing("the Docker engine does not start a container"):
            host = client.create_host_config(
                **asked["host_config"], auto_remove=True, log_config=log, init=False
            )
            try:
                made = client.create_container(**{**asked, "host_config": host}, user=user)
            except ImageNotFound as error:
                raise ImageGone from error
            container = Container(client=client, name=made["Id"])
            try:
                client.start(made["Id"])
            except BaseException:
                container.remove()
                raise
            return container


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container that was started.

    Attributes:
        client: The SDK's client.
        name: The container's id.
    """

    client: Any
    name: str

    def is_running(self) -> bool:
        """Return whether it runs."""
        from docker.errors import NotFound

        with _failing("the Docker engine does not tell of a container"):
            try:
                return bool(self.client.inspect_container(self.name)["State"]["Running"])
            except NotFound:
                return False

    def wait(self, timeout_s: float) -> int | None:
        """Return its exit status, 0 when it is gone already; None when it runs on that long."""
        from docker.errors import NotFound
        from requests.exceptions import ConnectionError as Disconnected
        from requests.exceptions import Timeout

        with _failing("the Docker engine does not wait for a container"):
            try:
                return int(self.client.wait(self.name, timeout=timeout_s)["StatusCode"])
            except NotFound:
                return 0
            except (Timeout, Disconnected):
                return None

    def remove(self) -> None:
        """Kill it and remove it; it may be gone already."""
        from docker.errors import APIError, NotFound

        with _failing("the Docker engine does not remove a container"):
            try:
                self.client.remove_container(self.name, force=True)
            except NotFound:
                return
            except APIError as error:
                # It is being removed since it has ended.
                if error.status_code != _CONFLICT:
                    raise


_CONFLICT = 409


@contextmanager
def _failing(what: str) -> Iterator[None]:
    """Turn the SDK's errors into ours."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except (DockerException, RequestException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InfrastructureError(f"{what}: {reason}") from error
