"""The registry of rewrites, and the proposals they make for a repository's hotspots."""

from __future__ import annotations

import ast
import builtins
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .comprehensions import ExtendedAtOnce, FilledByComprehension
from .constants import HoistedConstant
from .copies import ShallowerCopy, UncopiedIterable, UncopiedVariable
from .counting import CountedAtOnce
from .edit import Edit, FunctionNode, Import, Rename
from .effects import EffectsReader
from .growth import FlattenedByChain, GrownInPlace, TupleGrowth
from .indexes import CountIndex, JoinIndex, PositionIndex
from .instances import CachedOnInstance
from .invariants import HoistedAttribute, HoistedCall
from .kinds import Kinds
from .membership import ConstantSet, SeenSet, SetBeforeLoop
from .memoize import Memoize
from .module_source import ModuleSource
from .ordering import EndsOfSorted, HeapForSortedQueue, SortedInsert
from .pairs import OncePerConstant, OncePerElement
from .patterns import CompiledPattern
from .prefixes import RunningValue
from .queues import AppendThenReverse, DequeForList
from .reductions import JoinedChecks, NeedlessCopy, ShortCircuit, StopWhenFound
from .rendering import Renderer, UnrenderableError
from .rewrite import RISKS, Change, Rewrite, Rewriting, Site
from .strings import JoinedPieces

if TYPE_CHECKING:
    from ...profiles.hotspot import Hotspot

ALL: tuple[Rewrite, ...] = (
    Memoize(),
    CachedOnInstance(),
    SetBeforeLoop(),
    SeenSet(),
    ConstantSet(),
    PositionIndex(),
    CountIndex(),
    JoinIndex(),
    RunningValue(),
    OncePerElement(),
    OncePerConstant(),
    HoistedCall(),
    HoistedAttribute(),
    HeapForSortedQueue(),
    SortedInsert(),
    EndsOfSorted(),
    DequeForList(),
    AppendThenReverse(),
    JoinedPieces(),
    GrownInPlace(),
    TupleGrowth(),
    FlattenedByChain(),
    CompiledPattern(),
    HoistedConstant(),
    ShortCircuit(),
    NeedlessCopy(),
    StopWhenFound(),
    JoinedChecks(),
    FilledByComprehension(),
    ExtendedAtOnce(),
    CountedAtOnce(),
    ShallowerCopy(),
    UncopiedIterable(),
    UncopiedVariable(),
)
"""Every rewrite; the order does not matter."""

COMBINED = "combined"
MOST_PROPOSALS = 40
_LARGEST_FILE_BYTES = 2_000_000
_NEARBY = 0.5
"""The part of a hotspot's share that a function it calls is credited with, sight unseen."""
_UNSEEN_LINE = 0.2
"""The part of a function's share credited to a line that the profile does not list."""

_WORD = re.compile(r"[^\W\d]\w*")
_BUILTINS = frozenset(dir(builtins))
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A function to look at, and what the profile says about it."""

    path: str
    function: FunctionNode
    qualname: str
    share: float
    line_shares: dict[int, float]


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A change with the text it makes."""

    rewrite: Rewrite
    change: Change
    site: Site
    text: str
    gain_share: float


def propose_rewrites(
    tree: Path, hotspots: Sequence[Hotspot], *, limit: int = MOST_PROPOSALS
) -> list[Rewriting]:
    """Return what the built-in rewrites propose for the hotspots, the best guess first.

    Looked at are the hotspots, the functions they call in their own module, those around them and
    those that call them. A file that cannot be read or parsed yields nothing. For a function with
    several low-risk proposals that do not touch each other there is also one with all of them.

    Args:
        tree: the checkout the hotspots were found in.
        hotspots: where the time goes; those not worthwhile are passed over.
        limit: the most proposals to return.

    Returns:
        Proposals with distinct texts, ordered by the share of time they might save, then by risk.
    """
    sources = _Sources(tree)
    found: list[_Found] = []
    combined: list[Rewriting] = []
    for place in _places(sources, hotspots):
        reading = sources.reading(place.path)
        assert reading is not None
        here = list(_proposals(reading, place))
        found.extend(here)
        combined.extend(_combination(reading, place, here))
    rewritings = [_rewriting(each) for each in found] + combined
    rewritings.sort(
        key=lambda each: (-each.gain_share, RISKS.index(each.risk), each.path, each.line)
    )
    distinct = {(each.path, each.new_source): each for each in reversed(rewritings)}
    return [each for each in rewritings if distinct[each.path, each.new_source] is each][:limit]


# -- where to look --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """A parsed module with everything that answers questions about it."""

    module: ModuleSource
    kinds: Kinds
    effects: EffectsReader
    renderer: Renderer


class _Sources:
    """The repository's modules, each read and parsed once."""

    def __init__(self, tree: Path) -> None:
        self._tree = tree.resolve()
        self._readings: dict[str, _Reading | None] = {}

    def reading(self, path: str) -> _Reading | None:
        if path not in self._readings:
            self._readings[path] = self._read(path)
        return self._readings[path]

    def _read(self, path: str) -> _Reading | None:
        file = (self._tree / path).resolve()
        try:
            if not file.is_relative_to(self._tree) or file.stat().st_size > _LARGEST_FILE_BYTES:
                return None
            text = file.read_bytes().decode()
        except (OSError, UnicodeDecodeError, ValueError):
            return None
        return reading_of(path, text)


def reading_of(path: str, text: str) -> _Reading | None:
    """Return a module ready to be rewritten, None when its text does not parse."""
    module = ModuleSource.parse(path, text)
    if module is None:
        return None
    kinds = Kinds(module)
    return _Reading(
        module=module, kinds=kinds, effects=EffectsReader(module, kinds), renderer=Renderer(module)
    )


def _places(sources: _Sources, hotspots: Sequence[Hotspot]) -> list[_Place]:
    """Return each function to look at once, with the largest share it was met with."""
    places: dict[FunctionNode, _Place] = {}

    def add(place: _Place) -> None:
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
                add(_place(hotspot.path, near, _NEARBY * hotspot.total_share, {}))
        for path, caller in _callers(sources, hotspot):
            add(_place(path, caller, _NEARBY * hotspot.total_share, {}))
    return list(places.values())


def _place(
    path: str, located: tuple[str, FunctionNode], share: float, lines: dict[int, float]
) -> _Place:
    return _Place(
        path=path, function=located[1], qualname=located[0], share=share, line_shares=lines
    )


def _function_of(module: ModuleSource, hotspot: Hotspot) -> tuple[str, FunctionNode] | None:
    """Return the hotspot's function: by its lines, else by its name."""
    by_name = [each for each in module.functions if each[0] == hotspot.function]
    for name, function in [*by_name, *module.functions]:
        decorators = [each.lineno for each in function.decorator_list]
        first = min([function.lineno, *decorators])
        if first == hotspot.first_line and function.end_lineno == hotspot.last_line:
            return name, function
    return by_name[0] if len(by_name) == 1 else None


def _nearby(module: ModuleSource, function: FunctionNode) -> Iterator[tuple[str, FunctionNode]]:
    """Yield the functions of the module that a function calls, and the one around it."""
    names = {node: name for name, node in module.functions}
    outer = module.enclosing_function(function)
    if outer is not None:
        yield names[outer], outer
    owner = module.owner(function)
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = module.function_meant(node.func)
        if called is None and isinstance(node.func, ast.Attribute):
            candidates = module.methods.get(node.func.attr, [])
            same_class = [each for each in candidates if each[0] is owner] or candidates
            called = same_class[0][1] if len(same_class) == 1 else None
        if called is not None and called in names:
            yield names[called], called


def _callers(sources: _Sources, hotspot: Hotspot) -> Iterator[tuple[str, tuple[str, FunctionNode]]]:
    for caller in hotspot.callers:
        path, _, name = caller.rpartition(":")
        reading = sources.reading(path) if path else None
        if reading is None:
            continue
        by_name = [each for each in reading.module.functions if each[0] == name]
        if len(by_name) == 1:
            yield path, by_name[0]


# -- what to propose ------------------------------------------------------------------------------


def _proposals(reading: _Reading, place: _Place) -> Iterator[_Found]:
    site = Site(
        module=reading.module,
        kinds=reading.kinds,
        effects=reading.effects,
        function=place.function,
        qualname=place.qualname,
    )
    for rewrite in ALL:
        for change in changes_of(rewrite, site):
            try:
                text = reading.renderer.render(change.edits)
            except UnrenderableError as error:
                _log.debug("%s: %s: %s", place.path, rewrite.name, error)
                continue
            if text != reading.module.text:
                promise = rewrite.promise if change.promise is None else change.promise
                yield _Found(
                    rewrite=rewrite,
                    change=change,
                    site=site,
                    text=text,
                    gain_share=promise * _share(place, change),
                )


def changes_of(rewrite: Rewrite, site: Site) -> list[Change]:
    """Return a rewrite's changes for a site; none when matching fails, which is logged."""
    site.forget_names()
    try:
        changes = list(rewrite.propose(site))
    except Exception:  # noqa: BLE001 - one rule's fault must not cost the run the other rules
        _log.exception("rewrite %s failed on %s", rewrite.name, site.qualname)
        return []
    return [each for each in changes if not _uses_shadowed_builtin(site, each)]


def _uses_shadowed_builtin(site: Site, change: Change) -> bool:
    """Return whether new code names a builtin that means something else here."""
    words = {
        word for text in _texts(change.edits) for word in _WORD.findall(text) if word in _BUILTINS
    }
    module = site.module
    around = [site.function, *module.ancestors(site.function)]
    taken = set(module.bindings)
    for each in around:
        if isinstance(each, FunctionNode):
            taken |= set(module.scope(each).bindings)
    return bool(words & taken) or (bool(words) and module.has_star_import)


def _texts(edits: Sequence[Edit]) -> Iterator[str]:
    for edit in edits:
        if isinstance(edit, Rename):
            yield edit.name
        elif not isinstance(edit, Import):
            text = getattr(edit, "text", None)
            if text is not None:
                yield text


def _share(place: _Place, change: Change) -> float:
    """Return the share of the workload's time in the code that a change replaces."""
    if change.whole_function:
        return place.share
    lines = range(change.line, (change.last_line or change.line) + 1)
    listed = [place.line_shares[line] for line in lines if line in place.line_shares]
    if listed:
        return min(max(listed), place.share)
    if not place.line_shares:
        return _NEARBY * place.share
    return _UNSEEN_LINE * min(place.line_shares.values())


def _rewriting(found: _Found) -> Rewriting:
    return Rewriting(
        rewrite=found.rewrite.name,
        path=found.site.module.path,
        function=found.site.qualname,
        line=found.change.line,
        hypothesis=found.change.hypothesis,
        new_source=found.text,
        risk=found.change.risk,
        gain_share=found.gain_share,
    )


# -- several at once ------------------------------------------------------------------------------


def _combination(reading: _Reading, place: _Place, found: list[_Found]) -> list[Rewriting]:
    """Return one rewriting with all low-risk changes of a function that go together."""
    safe = [each for each in found if each.change.risk == "low"]
    safe.sort(key=lambda each: -each.gain_share)
    chosen: list[_Found] = []
    text = ""
    for each in safe:
        if any(_clash(reading.module, each, other) for other in chosen):
            continue
        edits = [edit for other in [*chosen, each] for edit in other.change.edits]
        try:
            text = reading.renderer.render(edits)
        except UnrenderableError:
            continue
        chosen.append(each)
    if len(chosen) < 2:
        return []
    names = sorted({each.rewrite.name for each in chosen})
    return [
        Rewriting(
            rewrite=COMBINED,
            path=place.path,
            function=place.qualname,
            line=chosen[0].change.line,
            hypothesis=f"{len(chosen)} independent low-risk changes of {place.qualname} together "
            f"({', '.join(names)}) save what each saves",
            new_source=text,
            risk="low",
            gain_share=min(sum(each.gain_share for each in chosen), place.share),
        )
    ]


def _clash(module: ModuleSource, first: _Found, second: _Found) -> bool:
    """Return whether two changes introduce the same new name."""
    return bool(_new_names(module, first) & _new_names(module, second))


def _new_names(module: ModuleSource, found: _Found) -> set[str]:
    imported = {
        name
        for edit in found.change.edits
        if isinstance(edit, Import)
        for name in (edit.name, edit.module)
        if name
    }
    texts = [*_texts(found.change.edits)]
    texts += [each.name for each in found.change.edits if hasattr(each, "name")]  # pyright: ignore[reportAttributeAccessIssue]
    words = {word for text in texts if text for word in _WORD.findall(text)}
    return words - module.words - imported - _BUILTINS
