"""Who owns a file: the repository, a dependency, the standard library, native code, the workload.

Only what the repository owns can be changed, so this decides which frames become hotspots.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from .profile import Frame, Owner
from .recording.stacks import RawFrame

_SITE_FOLDERS = frozenset({"site-packages", "dist-packages"})
_STANDARD_LIBRARY = re.compile(
    r"(?:^|/)(?:lib(?:64)?/(?:python|pypy)\d[\d.]*t?/|python\d+\.zip/|<frozen )"
)
_PYTHON_SUFFIXES = frozenset({".py", ".pyw", ".pyi", ".pyx", ".pxi", ".pxd"})
_BINARY = re.compile(r"\.(?:so|dylib|dll|pyd)(?:\.[\d.]+)?$")
_OWN_FILES = "perfagent_"
"""Start of the names of the files perfagent runs inside the target."""


class Ownership:
    """Tells whose code a frame is, for one tree.

    Args:
        tree: the checkout that ran.
        workload_files: files that belong to the workload wherever they lie: the script as given,
            or the repository's own test file when that is what is timed.
    """

    def __init__(self, tree: Path, *, workload_files: Iterable[str | Path] = ()) -> None:
        self._tree = tree.absolute()
        self._roots = tuple({f"{self._tree.as_posix()}/", f"{self._tree.resolve().as_posix()}/"})
        self._workload = frozenset(self._relative(str(file))[0] for file in workload_files)
        self._placed: dict[str, tuple[str, Owner]] = {}

    def frame(self, raw: RawFrame) -> Frame:
        """Return `raw` with its path placed and its owner named."""
        path, owner = self.place(raw.file)
        return Frame(function=raw.function, path=path, line=raw.line, owner=owner)

    def place(self, file: str) -> tuple[str, Owner]:
        """Return the path to show for a file as the interpreter reported it, and its owner."""
        if file not in self._placed:
            self._placed[file] = self._decide(file)
        return self._placed[file]

    def _decide(self, file: str) -> tuple[str, Owner]:
        path, inside = self._relative(file)
        if path in self._workload or PurePosixPath(path).name.startswith(_OWN_FILES):
            return path, "workload"
        if inside and not self._in_environment(path):
            return path, "native" if _BINARY.search(path) else "repository"
        return file, _owner_outside(file)

    def _relative(self, file: str) -> tuple[str, bool]:
        """Return the path to show and whether the file lies inside the tree.

        CPython 3.8 and Cython report files relative to the working directory, which is the tree.
        """
        for root in self._roots:
            if file.startswith(root):
                return PurePosixPath(file[len(root) :]).as_posix(), True
        if file and not file.startswith(("/", "<")) and (self._tree / file).is_file():
            return PurePosixPath(file).as_posix(), True
        return file, False

    def _in_environment(self, path: str) -> bool:
        """Whether a path inside the tree belongs to a Python environment that lies in the tree."""
        if _SITE_FOLDERS.intersection(PurePosixPath(path).parts) or _STANDARD_LIBRARY.search(path):
            return True
        return any(
            (self._tree / folder / "pyvenv.cfg").is_file()
            for folder in PurePosixPath(path).parents
            if folder != PurePosixPath()
        )


def _owner_outside(file: str) -> Owner:
    pure = PurePosixPath(file)
    if _SITE_FOLDERS.intersection(pure.parts):
        return "native" if _BINARY.search(file) else "dependency"
    if _STANDARD_LIBRARY.search(file) and not _BINARY.search(file):
        return "standard library"
    if file.startswith("<"):
        # Code that some library made at run time: <string>, <attrs generated init …>.
        return "dependency"
    return "dependency" if pure.suffix in _PYTHON_SUFFIXES else "native"
