"""Makes the image of an environment from this machine's own interpreter, programs and libraries.

It holds the interpreter with its packages, the shared libraries that they need, a set of everyday
programs, and the settings that those read; nothing else of the machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...errors import InfrastructureError
from ..commands.docker_engine import Engine
from ..disk import writing_to
from .system import SYSTEM, SYSTEM_SETTINGS

PROGRAMS = (
    *("awk", "basename", "bash", "bzip2", "cat", "chmod", "cmp", "comm", "cp", "cut", "date"),
    *("dd", "diff", "dirname", "du", "echo", "egrep", "env", "expr", "false", "fgrep", "file"),
    *("find", "git", "grep", "gunzip", "gzip", "head", "hostname", "id", "join", "less", "ln"),
    *("locale", "ls", "md5sum", "mkdir", "mktemp", "mv", "nice", "nl", "nohup", "nproc", "od"),
    *("paste", "patch", "perl", "printenv", "printf", "ps", "pwd", "readlink", "realpath", "rm"),
    *("rmdir", "sed", "seq", "sh", "sha256sum", "sleep", "sort", "split", "stat", "sync", "tail"),
    *("tar", "tee", "test", "time", "timeout", "touch", "tr", "true", "tty", "uname", "uniq"),
    *("unzip", "uptime", "wc", "which", "whoami", "xargs", "xz", "yes"),
)
"""The programs of the system that a container has, as far as the machine has them."""

REPOSITORY = "perfagent-environment"

_SEARCHED = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
_FORMAT = "1"
_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")
_EXTRA = ("/usr/share/zoneinfo", "/usr/lib/locale/C.utf8")
_DEPTH = 3  # lib/python3.11/site-packages
_UNSEEN = ("site-packages", "dist-packages", "test", "idlelib")
_AT_ONCE = 200
_ANSWER_S = 300
_making = threading.Lock()
_known: dict[tuple[Path, ...], str] = {}


def image_of(installed: tuple[Path, ...], engine: Engine) -> str:
    """Return the name of the image of an environment, made when the engine does not have it.

    The name is told by what is installed: files, sizes and times.

    Args:
        installed: The folders of the interpreter and its packages.
        engine: The engine.

    Raises:
        InfrastructureError: The engine does not take it, or the disk is full.
    """
    with _making:
        if installed not in _known:
            files = list(_files(installed))
            name = f"{REPOSITORY}:{_digest(files)}"
            if not engine.has_image(name):
                _make(name, files, engine)
            _known[installed] = name
        return _known[installed]


def forget(installed: tuple[Path, ...]) -> None:
    """Look again, next time, whether the engine has the image of an environment."""
    with _making:
        _known.pop(installed, None)


def _make(name: str, files: list[Path], engine: Engine) -> None:
    with tempfile.TemporaryDirectory(prefix="perfagent-image-") as folder:
        archive = Path(folder) / "root.tar"
        with writing_to(archive):
            _write(archive, files)
        engine.import_image(archive, name)


def _files(installed: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the files and links of an environment."""
    for folder in installed:
        if not folder.is_dir():
            yield folder
            continue
        for root, folders, names in os.walk(folder):
            here = Path(root)
            folders[:] = sorted(name for name in folders if not _is_left_out(here / name, folder))
            yield from (here / name for name in folders if (here / name).is_symlink())
            yield from (here / name for name in sorted(names) if not name.endswith(".a"))


def _is_left_out(folder: Path, prefix: Path) -> bool:
    """Whether it is what a base interpreter has and no environment sees."""
    within = folder.relative_to(prefix).parts
    is_base = not (prefix / "pyvenv.cfg").is_file() and not (prefix / "conda-meta").is_dir()
    return is_base and len(within) == _DEPTH and within[-1] in _UNSEEN


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256(_FORMAT.encode())
    for path in files:
        try:
            seen = path.lstat()
        except OSError:
            continue
        found.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode("utf-8", "replace"))
    return found.hexdigest()[:20]


def _write(archive: Path, files: list[Path]) -> None:
    """Write the archive of a root file system."""
    programs = [path for name in PROGRAMS if (path := shutil.which(name, path=_SEARCHED))]
    compiled = [path for path in files if ".so" in path.name or os.access(path, os.X_OK)]
    needed = [*map(Path, programs), *_libraries([*map(Path, programs), *compiled])]
    extra = [path for name in _EXTRA for path in sorted(Path(name).rglob("*"))]
    with tarfile.open(archive, "w") as tar:
        added: set[str] = set()
        for name in SYSTEM:
            if Path(name).is_symlink():
                _add(tar, Path(name), added)
        for name in SYSTEM_SETTINGS:
            source = Path(name)
            within = sorted(source.rglob("*")) if source.is_dir() else [source]
            for path in within:
                # Links of settings lead all over the machine; what they stand for is copied.
                if path.is_file():
                    _add(tar, path, added, really=True)
        for path in (*needed, *extra, *files):
            _add(tar, path, added)
        for name in ("dev", "proc", "sys", "tmp", "run", "var/tmp"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)


def _add(tar: tarfile.TarFile, path: Path, added: set[str], *, really: bool = False) -> None:
    """Add a file at its real place, and the links on the way there."""
    place = Path(os.path.normpath(path.parent.resolve() / path.name))
    if str(place) in added or (place.is_dir() and not place.is_symlink()):
        return
    added.add(str(place))
    try:
        entry = tar.gettarinfo(str(place.resolve() if really else place), str(place).lstrip("/"))
        if entry.isreg():
            # A second name of a file would be a link to the first, which may be left out.
            with place.open("rb") as content:
                tar.addfile(entry, content)
        elif entry.issym():
            tar.addfile(entry)
            _add(tar, place.parent / place.readlink(), added)
    except OSError:
        return  # gone meanwhile, or closed to us: closed to the target too


def _libraries(files: list[Path]) -> list[Path]:
    """Return the shared libraries that files need, as the dynamic linker finds them."""
    found: dict[Path, None] = {}
    linker = shutil.which("ldd", path=_SEARCHED)
    if linker is None:
        raise InfrastructureError("no ldd on this machine: an image needs the libraries it tells")
    for first in range(0, len(files), _AT_ONCE):
        some = files[first : first + _AT_ONCE]
        answer = subprocess.run(
            [linker, *map(str, some)],
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=_ANSWER_S,
            stdin=subprocess.DEVNULL,
        )
        found |= dict.fromkeys(Path(path) for path in _LIBRARY.findall(answer.stdout))
    return list(found)
