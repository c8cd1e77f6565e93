"""Which sandbox a run gets: what was asked for, or the best that works here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...errors import UserError
from ..commands.docker_engine import Engine
from . import docker, local
from .containment import Containment
from .sandbox import Sandbox, SandboxName, Unconfined

Asked = Literal["auto", "local", "docker", "none"]

_LOST = (
    "the target's code sees every file of yours, the network and other processes, and can write "
    "wherever you can; only limits and a guard hold it"
)


@dataclass(frozen=True, kw_only=True)
class SandboxChoice:
    """The sandbox of a run.

    Attributes:
        name: Which it is.
        guarantees: What it holds the target's code to, a phrase each.
        network: Whether that code has the network.
        lost: What is lost without a better one, and what to do; None when nothing is.
        image: The container image that has the target's interpreter, as it was named; None for
            interpreters of this machine.
        image_id: The id of that image, "sha256:…".
    """

    name: SandboxName
    guarantees: tuple[str, ...]
    network: bool = False
    lost: str | None = None
    image: str | None = None
    image_id: str | None = None

    @property
    def text(self) -> str:
        """One line that says what it is."""
        network = "the network" if self.network or self.name == "none" else "no network"
        image = f" of image {self.image} ({self.image_id})" if self.image else ""
        return f"sandbox {self.name}{image}: {network}; {'; '.join(self.guarantees)}"


UNCONFINED = SandboxChoice(name="none", guarantees=Unconfined().guarantees)


def choose(asked: Asked, *, network: bool = False, image: str | None = None) -> SandboxChoice:
    """Return the sandbox for what was asked; trying one out takes a fraction of a second.

    Args:
        asked: Its name, or "auto" for bubblewrap where it works and none where it does not.
        network: Whether the target's code may have the network.
        image: A container image to run in, which only Docker can.

    Raises:
        UserError: The one that was asked for by name does not work here, or has no images.
    """
    if image is not None:
        if asked not in ("auto", "docker"):
            raise UserError(f"--sandbox {asked} runs no images: leave it out, or --image")
        asked = "docker"
    if asked == "none":
        lost = f"no sandbox, as asked: {_LOST}"
        return _chosen(Unconfined(), network, lost)
    if asked == "docker":
        problem = docker.problem()
        if problem is not None:
            raise UserError(
                f"no --sandbox docker here: {problem}; start an engine, set DOCKER_HOST to its "
                "socket (Podman's works too), or choose --sandbox local"
            )
        chosen = _chosen(docker.Docker(), network, None)
        if image is None:
            return chosen
        # Runs name the image by its id, so that they stay with it when its name moves on.
        return replace(chosen, image=image, image_id=Engine.reached().image_id(image))
    problem = local.problem()
    if problem is None:
        return _chosen(local.Local(), network, None)
    if asked == "local":
        raise UserError(
            f"no --sandbox local here: {problem}; install bubblewrap (apt-get install bubblewrap), "
            "allow user namespaces, or choose --sandbox docker"
        )
    advice = "install bubblewrap, or use --sandbox docker"
    return _chosen(Unconfined(), network, f"no sandbox ({problem}): {_LOST}; {advice}")


def opened(choice: SandboxChoice, readable: tuple[Path, ...] = ()) -> Containment:
    """Return how commands are contained under a choice that was made before.

    Args:
        choice: The choice.
        readable: Files and folders that the user lets them read.
    """
    sandboxes: dict[SandboxName, Sandbox] = {
        "none": Unconfined(),
        "local": local.Local(),
        "docker": docker.Docker(),
    }
    return Containment(
        sandbox=sandboxes[choice.name],
        network=choice.network,
        readable=readable,
        image=choice.image_id,
    )


def _chosen(sandbox: Sandbox, network: bool, lost: str | None) -> SandboxChoice:
    return SandboxChoice(
        name=sandbox.name, guarantees=sandbox.guarantees, network=network, lost=lost
    )
