"""The wall around a job's run: of the machine it sees its own folders, and nothing of the app's.

The code of a repository runs in a sandbox within it. But installing a repository runs code of its
owner with network and with the rights of perfagent itself; so perfagent gets no more rights than
that: no key or database of the app, no other repository, no other process's environment.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import UserError
from ...repos.environment.interpreter import find_interpreter
from ...repos.sandbox.containment import interpreter_paths
from ...repos.sandbox.local import walled
from ...repos.sandbox.sandbox import Enclosure

_PACKAGE = Path(__file__).resolve().parents[2]
_SETTINGS = (Path("/etc/pip.conf"), Path("/etc/uv"))
_PROBE = "from perfagent.repos.sandbox.local import problem; print(problem() or '')"


@dataclass(frozen=True, kw_only=True)
class Wall:
    """What a job's run may see and write.

    Attributes:
        folder: The job's, which it may write.
        work: The repository's cache of environments, likewise.
        mirror: The repository's mirror, which it may read.
        python: As `--python`, None for none.
    """

    folder: Path
    work: Path
    mirror: Path
    python: str | None = None

    def around(self, words: Sequence[str], cwd: Path) -> list[str]:
        """Return the command line that runs words behind the wall."""
        home, tmp = self.folder / "home", self.folder / "tmp"
        for made in (home, tmp, self.work):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = Path(sys.executable)
        installed = [*interpreter_paths(own), _PACKAGE]
        if self.python:
            installed += interpreter_paths(find_interpreter(self.python).path)
        settings = [path for path in (*_SETTINGS, self.mirror) if path.exists()]
        enclosure = Enclosure(
            python=own,
            installed=tuple(dict.fromkeys(installed)),
            readable=tuple(settings),
            writable=(self.folder, home, self.work),
            home=home,
            network=True,
        )
        return walled(words, cwd=cwd, enclosure=enclosure, tmp=tmp)


def require_wall(folder: Path) -> None:
    """See that a wall can be built here, and a sandbox within it.

    Args:
        folder: Where it is tried; removed afterwards.

    Raises:
        UserError: It cannot; the message says what to do.
    """
    wall = Wall(folder=folder, work=folder / "work", mirror=folder)
    try:
        words = wall.around([sys.executable, "-c", _PROBE], folder)
        tried = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    problem = (tried.stdout or tried.stderr).strip().rpartition("\n")[2]
    if tried.returncode or problem:
        raise UserError(
            f"bubblewrap cannot run within bubblewrap here: {problem or tried.returncode}; in a"
            " container it needs the options of deploy/compose.yml, elsewhere user namespaces"
        )
