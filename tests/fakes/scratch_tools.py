"""A small toolbox on a tree that is only read: a read, an edit, and one that counts its calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from perfagent.errors import ToolError
from perfagent.tools.investigate.toolbox import ToolSpec


def spec(name: str, *arguments: str, changes_tree: bool = False) -> ToolSpec:
    """Return a tool whose arguments are texts."""
    properties = {argument: {"type": "string"} for argument in arguments}
    return ToolSpec(
        name=name,
        description=f"What {name} does.",
        parameters={"type": "object", "properties": properties},
        changes_tree=changes_tree,
    )


class ScratchTools:
    """The toolbox; `made` lists the calls that reached a tool."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree
        self._texts: dict[str, str] = {}
        self.made: list[tuple[str, dict[str, object]]] = []
        self.closed = False

    def specs(self) -> Sequence[ToolSpec]:
        """Three tools."""
        return [
            spec("read_file", "path"),
            spec("edit", "path", "search", "replace", changes_tree=True),
            spec("count", "size"),
        ]

    def call(self, name: str, arguments: Mapping[str, object]) -> str:
        """Do it."""
        self.made.append((name, dict(arguments)))
        if name == "count":
            return f"count {len(self.made)}\n" + "word " * int(str(arguments.get("size", "1")))
        path = str(arguments.get("path"))
        text = self._texts.get(path)
        if text is None:
            if not (self._tree / path).is_file():
                raise ToolError(f"there is no file {path!r}")
            text = (self._tree / path).read_text()
        if name == "read_file":
            return text
        search = str(arguments.get("search"))
        if text.count(search) != 1:
            raise ToolError(f"{search!r} is there {text.count(search)} times")
        self._texts[path] = text.replace(search, str(arguments.get("replace")))
        return "edited"

    def sources(self) -> Mapping[str, str]:
        """The edited texts."""
        return dict(self._texts)

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
