"""Keeps folders of perfagent's own tools for a target's interpreter, outside its environment."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..disk import writing_to
from ..locks import exclusive
from .environment import Environment
from .installer import Installer
from .interpreter import find_interpreter

TOOLS = ("coverage", "pyinstrument")


def side_packages(env: Environment, cache_dir: Path, names: Sequence[str] = TOOLS) -> Path:
    """Return a folder of packages for an environment's interpreter, from the cache if it is there.

    It is meant for the END of `sys.path`, put there inside the process that needs it: what the
    target has of its own wins, and its environment is never changed.

    Args:
        env: The environment whose interpreter they must suit.
        cache_dir: Where the folders are kept.
        names: What to install.

    Raises:
        UserError: They do not install.
        InfrastructureError: The index cannot be reached, or the disk is full.
    """
    if env.image is not None:
        base = f"{env.image} {env.version}"
    else:
        base = find_interpreter(str(env.python)).identity
    key = hashlib.sha256(" ".join((base, *sorted(names))).encode()).hexdigest()[:20]
    folder = cache_dir / "side-packages" / key
    if folder.is_dir():
        return folder
    with writing_to(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock"), lambda: None), writing_to(folder):
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="new-") as scratch:
                _install(env, Path(scratch), names).replace(folder)
    return folder


def _install(env: Environment, scratch: Path, names: Sequence[str]) -> Path:
    installer = Installer(env.python.parent.parent, scratch.parent / "install.log")
    target = scratch / "packages"
    if env.image is None:
        result = installer.install_beside(target, names)
    else:
        result = installer.install_for(env.version, target, names)
    if not result.ok:
        raise installer.failure(
            result, f"{' and '.join(names)} do not install for Python {env.version}", "see the log"
        )
    shutil.rmtree(target / "bin", ignore_errors=True)
    return target
