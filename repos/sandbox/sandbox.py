"""What a sandbox is: a way to start a command so that it sees and reaches little."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ..commands.guard_process import Guard, HostGuard, Order
from .system import TMP_BYTES

SandboxName = Literal["local", "docker", "none"]


class Sandbox(Protocol):
    """A way to start commands.

    Attributes:
        name: By which it is asked for.
        guarantees: What it holds commands to, a phrase each.
    """

    @property
    def name(self) -> SandboxName:
        """See the class."""
        ...

    @property
    def guarantees(self) -> tuple[str, ...]:
        """See the class."""
        ...

    def start(self, order: Order, enclosure: Enclosure) -> Guard:
        """Start a command below a guard.

        Raises:
            InfrastructureError: It cannot be started.
        """
        ...

    def ended(self, order: Order, status: int, ready: bool, stderr: str) -> int:
        """Return a command's own exit status.

        Args:
            order: The command.
            status: What the guard saw.
            ready: Whether the command said that it begins.
            stderr: What was written to standard error.

        Raises:
            UserError: The command is not visible in the sandbox.
            InfrastructureError: The sandbox itself failed.
        """
        ...


@dataclass(frozen=True)
class Unconfined:
    """No sandbox: commands run as the user, below a guard, within limits."""

    name: SandboxName = "none"
    guarantees: tuple[str, ...] = (
        "limits of time, memory, processes, file size and output",
        "the environment by allow-list",
        "no process left behind",
    )

    def start(self, order: Order, enclosure: Enclosure) -> Guard:
        """Start a command; no enclosure holds it here."""
        del enclosure
        return HostGuard(order)

    def ended(self, order: Order, status: int, ready: bool, stderr: str) -> int:
        """Return the status as it is."""
        del order, ready, stderr
        return status


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """Where one command runs, and what it may see and write beside the system's own programs.

    Attributes:
        sandbox: What contains it.
        python: The interpreter of its environment; None where it has none.
        installed: Folders of that interpreter and its packages, which it may read.
        readable: Other files and folders it may read.
        writable: Folders it may write to as well; what it writes there stays.
        home: Its home directory, what lies there included; None for an empty one. It is the
            command's own copy, unless it is one of `writable`.
        network: Whether it has the network.
        tmp_bytes: The size of its private /tmp, of its /dev/shm and of an empty home, each.
        image: The container image that has the interpreter and its packages; None where they are
            this machine's.
    """

    sandbox: Sandbox = field(default_factory=Unconfined)
    python: Path | None = None
    installed: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    home: Path | None = None
    network: bool = False
    tmp_bytes: int = TMP_BYTES
    image: str | None = None


OPEN = Enclosure()
"""No sandbox at all."""
