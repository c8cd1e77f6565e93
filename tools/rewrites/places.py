"""Places: the functions worth a look, found from the hotspots."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .kinds.kinds import Kinds
from .reading.effects import EffectsReader
from .reading.elsewhere import Elsewhere
from .reading.module_source import ModuleSource
from .reading.walks import walk
from .writing.edit import FunctionNode
from .writing.rendering import Renderer

if TYPE_CHECKING:
    from ...profiles.hotspot import Hotspot

NEARBY = 0.5
"""The part of a hotspot's share that a function around, under or over it is credited with."""
_LARGEST_FILE_BYTES = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Place:
    """A function to look at, and what the profile says about it."""

    path: str
    function: FunctionNode
    qualname: str
    share: float
    line_shares: dict[int, float]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A parsed module with everything that answers questions about it."""

    module: ModuleSource
    kinds: Kinds
    effects: EffectsReader
    renderer: Renderer


class Sources:
    """The repository's modules, each read and parsed once."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree.resolve()
        self.elsewhere = Elsewhere(self._tree)
        self._readings: dict[str, Reading | None] = {}

    def reading(self, path: str) -> Reading | None:
        """Return a file's module, None when it is not the repository's or does not parse."""
        if path not in self._readings:
            self._readings[path] = self._read(path)
        return self._readings[path]

    def _read(self, path: str) -> Reading | None:
        file = (self._tree / path).resolve()
        try:
            if not file.is_relative_to(self._tree) or file.stat().st_size > _LARGEST_FILE_BYTES:
                return None
            text = file.read_bytes().decode()
        except (OSError, UnicodeDecodeError, ValueError):
            return None
        return reading_of(path, text)


def reading_of(path: str, text: str) -> Reading | None:
    """Return a module ready to be rewritten, None when its text does not parse."""
    module = ModuleSource.parse(path, text)
    if module is None:
        return None
    kinds = Kinds(module)
    return Reading(
        module=module, kinds=kinds, effects=EffectsReader(module, kinds), renderer=Renderer(module)
    )


def places_of(sources: Sources, hotspots: Sequence[Hotspot]) -> list[Place]:
    """Return each function to look at once, with the largest share it was met with."""
    places: dict[FunctionNode, Place] = {}

    def add(place: Place) -> None:
        known = places.get(place.function)
        if known is None or (not known.line_shares and place.share > known.share):
            places[place.function] = place

    worthwhile = [each for each in hotspots if each.worthwhile]
    for hotspot in worthwhile:
        reading = sources.reading(hotspot.path)
        located = None if reading is None else _function_of(reading.module, hotspot)
        if located is not None:
            shares = {each.line: each.total_share for each in hotspot.lines}
            add(_place(hotspot.path, located, hotspot.total_share, shares))
    for hotspot in worthwhile:
        reading = sources.reading(hotspot.path)
        located = None if reading is None else _function_of(reading.module, hotspot)
        if reading is not None and located is not None:
            for near in _nearby(reading.module, located[1]):
                add(_place(hotspot.path, near, NEARBY * hotspot.total_share, {}))
        for path, caller in _callers(sources, hotspot):
            add(_place(path, caller, NEARBY * hotspot.total_share, {}))
    return list(places.values())


def _place(
    path: str, located: tuple[str, FunctionNode], share: float, lines: dict[int, float]
) -> Place:
    return Place(
        path=path, function=located[1], qualname=located[0], share=share, line_shares=lines
    )


def _function_of(module: ModuleSource, hotspot: Hotspot) -> tuple[str, FunctionNode] | None:
    """Return the hotspot's function: by its lines, else by its name."""
    by_name = _named(module, hotspot.function)
    there = [
        each
        for each in module.functions_from(hotspot.first_line)
        if each[1].end_lineno == hotspot.last_line
    ]
    exact = [each for each in by_name if each in there] or there
    if exact:
        return exact[0]
    return by_name[0] if len(by_name) == 1 else None


def _named(module: ModuleSource, qualname: str) -> list[tuple[str, FunctionNode]]:
    """Return the functions of a qualified name."""
    alike = module.functions_named(qualname.rpartition(".")[2])
    return [(qualname, each) for each in alike if module.qualname(each) == qualname]


def _nearby(module: ModuleSource, function: FunctionNode) -> Iterator[tuple[str, FunctionNode]]:
    """Yield the functions of the module that a function calls, and the one around it."""
    outer = module.enclosing_function(function)
    if outer is not None:
        yield module.qualname(outer), outer
    owner = module.owner(function)
    for node in walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = module.function_meant(node.func)
        if called is None and isinstance(node.func, ast.Attribute):
            candidates = module.methods.get(node.func.attr, [])
            same_class = [each for each in candidates if each[0] is owner] or candidates
            called = same_class[0][1] if len(same_class) == 1 else None
        if called is not None:
            yield module.qualname(called), called


def _callers(sources: Sources, hotspot: Hotspot) -> Iterator[tuple[str, tuple[str, FunctionNode]]]:
    for caller in hotspot.callers:
        path, _, name = caller.rpartition(":")
        reading = sources.reading(path) if path else None
        if reading is None:
            continue
        by_name = _named(reading.module, name)
        if len(by_name) == 1:
            yield path, by_name[0]
