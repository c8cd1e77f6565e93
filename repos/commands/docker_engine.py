"""The Docker engine. The only module that imports the Docker SDK.

DOCKER_HOST says where it is; a Podman service that listens on a socket answers to the same words.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InfrastructureError, UserError

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

    def image_id(self, name: str) -> str:
        """Return the id of an image ("sha256:…"), fetched from its registry when it is not here.

        Args:
            name: A name with a tag or digest, or an id.

        Raises:
            UserError: It is not here, and no registry gives it.
            InfrastructureError: The engine does not answer.
        """
        from docker.errors import APIError, ImageNotFound

        with _failing("the Docker engine does not tell of an image"):
            try:
                return str(self._client.inspect_image(name)["Id"])
            except ImageNotFound:
                pass
            try:
                repository, tag = _parted(name)
                self._client.pull(repository, tag=tag)
                return str(self._client.inspect_image(name)["Id"])
            except (APIError, ImageNotFound) as error:
                reason = str(error).splitlines()[0]
                raise UserError(
                    f"--image {name}: the Docker engine has no such image, and cannot fetch it "
                    f"({reason}); see `docker images`, or load it with `docker load`"
                ) from error

    def ask(self, image: str, command: Sequence[str], timeout_s: float) -> tuple[int, str]:
        """Run a command in a container without network; return its status and what it printed.

        Raises:
            InfrastructureError: It does not start or does not end in time.
        """
        with self._made(image, command) as container, _failing(f"no answer from image {image}"):
            self._client.start(container)
            status = int(self._client.wait(container, timeout=timeout_s)["StatusCode"])
            said = self._client.logs(container, stdout=True, stderr=False)
            return status, said.decode("utf-8", "replace")

    def copy_out(self, image: str, path: str, folder: Path) -> Path:
        """Copy a file or folder of an image into a folder and return where it is.

        Links that lead out of what is copied, and special files, are left out.

        Raises:
            InfrastructureError: The image has no such path, or the disk is full.
        """
        with self._made(image, ["true"]) as container, _failing(f"{path} of image {image}"):
            pieces, _ = self._client.get_archive(container, path)
            with tarfile.open(fileobj=_Pieces(pieces), mode="r|") as archive:
                archive.extractall(folder, filter=_within)  # noqa: S202 - filtered
        return folder / Path(path).name

    @contextmanager
    def _made(self, image: str, command: Sequence[str]) -> Iterator[str]:
        """Create a container and remove it at the end."""
        client = self._client
        with _failing(f"the Docker engine makes no container of image {image}"):
            host = client.create_host_config(
                network_mode="none", cap_drop=["ALL"], security_opt=["no-new-privileges"]
            )
            first, *others = command
            made = client.create_container(
                image=image, entrypoint=[first], command=others, host_config=host
            )["Id"]
        try:
            yield made
        finally:
            Container(client=client, name=made).remove()

    def import_image(self, archive: Path, name: str) -> None:
        """Make an image whose file system is that of a tar archive.

        It gets its name by the id that the engine answers: Podman 4 passes over the tag of an
        import and takes `latest`, which imports at the same time would take from each other.

        Args:
            archive: The tar file.
            name: A name with a tag.

        Raises:
            InfrastructureError: The engine does not take it.
        """
        repository, _, tag = name.partition(":")
        with _failing(f"the Docker engine does not import the image {name}"):
            answer = self._client.import_image_from_file(str(archive))
            self._client.tag(_imported(answer), repository, tag)

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
_IMPORTED = re.compile(r'"status": ?"(sha256:[0-9a-f]{64})"')


def _imported(answer: str) -> str:
    """Return the id of an imported image, as the engine's answer says it.

    Raises:
        OSError: It says something else.
    """
    found = _IMPORTED.search(answer)
    if found is None:
        raise OSError(answer.strip() or "no answer")
    return found[1]


def _parted(name: str) -> tuple[str, str | None]:
    """Return the repository of an image's name, and its tag; a digest stays with the former."""
    repository, colon, tag = name.rpartition(":")
    if not colon or "/" in tag or "@" in name:
        return name, None if "@" in name else "latest"
    return repository, tag


def _within(entry: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    try:
        return tarfile.data_filter(entry, folder)
    except tarfile.FilterError:
        return None


class _Pieces(io.RawIOBase):
    """A stream of bytes, read as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._left += piece
        taken = self._left if size < 0 else self._left[:size]
        self._left = self._left[len(taken) :]
        return taken


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
