"""How the commands of one run are contained: the sandbox, and what its environment needs to see."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..environment.interpreter import links_to
from .sandbox import Enclosure, Sandbox, Unconfined

if TYPE_CHECKING:
    from ..environment.environment import Environment

_OURS = tuple(
    Path(__file__).resolve().parents[2] / room / "inside"
    for room in ("repos", "workloads", "profiles")
)


@dataclass(frozen=True, kw_only=True)
class Containment:
    """How the commands of one run are contained.

    Attributes:
        sandbox: What contains them.
        network: Whether they have the network.
        readable: Files and folders that they may read beside what they need.
        image: The container image that their interpreters lie in; None for those of this machine.
    """

    sandbox: Sandbox = field(default_factory=Unconfined)
    network: bool = False
    readable: tuple[Path, ...] = ()
    image: str | None = None

    def around(
        self,
        environment: Environment,
        tree: Path,
        *,
        read_only: bool = False,
        keep_home: bool = False,
        readable: Iterable[Path | None] = (),
        writable: Iterable[Path | None] = (),
    ) -> Enclosure:
        """Return the enclosure of a command that runs the code of a tree.

        Args:
            environment: The environment it runs in.
            tree: The worktree.
            read_only: Whether the tree may only be read.
            keep_home: Whether what it writes to its home is there for later commands.
            readable: What it has to read beside the environment and the tree.
            writable: What it has to write beside the tree.
        """
        home = environment.home(tree)
        seen = [environment.source, *readable, *_history(tree), *([tree] if read_only else [])]
        return replace(
            self.starting(environment.python, readable=seen),
            writable=(
                *(() if read_only else (tree,)),
                *(path for path in writable if path is not None),
                *((home,) if keep_home else ()),
            ),
            home=home,
        )

    def starting(self, python: Path, *, readable: Iterable[Path | None] = ()) -> Enclosure:
        """Return the enclosure of a command that starts an interpreter and writes nothing.

        Args:
            python: The interpreter.
            readable: What it has to read beside its own packages.
        """
        given = [*_OURS, *self.readable, *readable]
        there = [path for path in given if path is not None and path.exists()]
        return Enclosure(
            sandbox=self.sandbox,
            python=python,
            installed=interpreter_paths(python) if self.image is None else (),
            readable=tuple(dict.fromkeys(there)),
            network=self.network,
            image=self.image,
        )


@cache
def interpreter_paths(python: Path) -> tuple[Path, ...]:
    """Return what has to be visible so that an interpreter starts and finds its packages.

    Args:
        python: Its path, which may lie in a virtual environment and be a link.
    """
    found: list[Path] = []
    for link in links_to(python):
        found.append(not_a_home(link.parent.parent, link))
    found += _named_in_paths(python.parent.parent)
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    found += [Path(folder) for folder in libraries if folder.startswith("/")]
    seen = (path for path in found if path.exists() and not path.is_relative_to("/usr"))
    return tuple(dict.fromkeys(seen))


def not_a_home(folder: Path, file: Path) -> Path:
    """Return the folder, or only the file in it where the folder is or holds a home directory."""
    real = folder.resolve()
    return file if any(home.is_relative_to(real) for home in _homes()) else folder


def _homes() -> tuple[Path, ...]:
    """Return the user's home directory, by the variable and by the user's entry."""
    try:
        entry = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        entry = Path("/root")
    return Path.home().resolve(), entry.resolve()


def _named_in_paths(prefix: Path) -> Iterator[Path]:
    """Yield folders that the .pth files of an environment put on the import path."""
    for listing in prefix.glob("lib/python*/site-packages/*.pth"):
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            folder = Path(line)
            if folder.is_absolute() and folder.is_dir() and not_a_home(folder, listing) == folder:
                yield folder


def _history(tree: Path) -> Iterator[Path]:
    """Yield what git needs in a worktree: its repository and the mirror's objects.

    The tree's own word for where they are is not asked, since the code under test may change it.
    """
    repository = tree.parent.with_name("repo.git")
    if tree.parent.name != "trees" or not repository.is_dir():
        return
    yield repository
    alternates = repository / "objects" / "info" / "alternates"
    if alternates.is_file():
        yield from (Path(line) for line in alternates.read_text("utf-8").splitlines() if line)


OPEN = Containment()
"""No sandbox at all."""
