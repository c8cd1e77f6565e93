"""Which function of the repository each frame of a profile is in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .functions import FunctionMap, enclosing_name
from .profile import Frame


@dataclass(frozen=True)
class Place:
    """A function's identity: where its `def` stands, and its qualified name.

    The lines are 0 when the file cannot be read or is no Python that this interpreter parses.
    """

    path: str
    function: str
    first_line: int
    last_line: int


class Places:
    """The functions of a tree, each file read once.

    Args:
        tree: The checkout that ran.
    """

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._maps: dict[str, FunctionMap] = {}
        self._places: dict[Frame, Place | None] = {}

    def functions(self, path: str) -> FunctionMap:
        """Return the functions of a file, by its path relative to the tree."""
        if path not in self._maps:
            self._maps[path] = FunctionMap.read(self._tree / path)
        return self._maps[path]

    def of(self, frame: Frame) -> Place | None:
        """Return the repository's function a frame is in, None for everybody else's frames."""
        if frame.owner != "repository":
            return None
        if frame not in self._places:
            self._places[frame] = self._find(frame)
        return self._places[frame]

    def _find(self, frame: Frame) -> Place:
        span = self.functions(frame.path).find(frame.line, frame.function)
        if span is None:
            return Place(frame.path, enclosing_name(frame.function), 0, 0)
        return Place(frame.path, span.qualname, span.first_line, span.last_line)
