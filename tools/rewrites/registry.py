"""The proposals that the rewrites of the catalogue make for a repository's hotspots."""

from __future__ import annotations

import builtins
import gc
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING

from ...profiles.facts.facts import by_function
from .catalogue import ALL
from .places import NEARBY, Place, Reading, Sources, places_of
from .reading.elsewhere import Elsewhere
from .reading.module_source import ModuleSource
from .rewrite import RISKS, Change, Rewrite, Rewriting, Site
from .shapes import Shape, shape_of
from .steering import steered
from .writing.edit import Edit, FunctionNode, Import, Rename
from .writing.rendering import UnrenderableError

if TYPE_CHECKING:
    from ...profiles.facts.facts import CallFacts
    from ...profiles.hotspot import Hotspot


COMBINED = "combined"
MOST_PROPOSALS = 40
_UNSEEN_LINE = 0.2
"""The part of a function's share credited to a line that the profile does not list."""

_Rank = tuple[float, int, str, int]
"""What rewritings are ordered by, the best first: gain, risk, file and line."""
Weigh = Callable[[str, Shape, float], float]
"""By how much to multiply the promise of a rewrite, given by its name, in a function of a shape."""

_WORD = re.compile(r"[^\W\d]\w*")
_BUILTINS = frozenset(dir(builtins))
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A change, and the text it makes when somebody asks for it."""

    rewrite: Rewrite
    change: Change
    site: Site
    reading: Reading
    gain_share: float

    @cached_property
    def text(self) -> str | None:
        """The module's new text; None when the change cannot be written, or changes nothing."""
        try:
            text = self.reading.renderer.render(self.change.edits)
        except UnrenderableError as error:
            _log.debug("%s: %s: %s", self.site.module.path, self.rewrite.name, error)
            return None
        return text if text != self.reading.module.text else None

    @property
    def rank(self) -> _Rank:
        """Where it stands among all."""
        risk = RISKS.index(self.change.risk)
        return -self.gain_share, risk, self.site.module.path, self.change.line

    def rewritings(self) -> list[Rewriting]:
        """Return the rewriting it makes, if any."""
        if self.text is None:
            return []
        return [
            Rewriting(
                rewrite=self.rewrite.name,
                path=self.site.module.path,
                function=self.site.qualname,
                line=self.change.line,
                hypothesis=self.change.hypothesis,
                new_source=self.text,
                risk=self.change.risk,
                gain_share=self.gain_share,
            )
        ]


@dataclass(frozen=True, kw_only=True)
class _Together:
    """What was found for a place, to be proposed as one."""

    place: Place
    reading: Reading
    found: list[_Found]

    @property
    def rank(self) -> _Rank:
        """No later than where it stands among all, once it is known what goes together."""
        together = sum(each.gain_share for each in self.found if each.change.risk == "low")
        return -min(together, self.place.share), 0, self.place.path, 0

    def rewritings(self) -> list[Rewriting]:
        """Return the rewriting with all that goes together, if any."""
        return _combination(self.reading, self.place, self.found)


def propose_rewrites(
    tree: Path,
    hotspots: Sequence[Hotspot],
    *,
    facts: Sequence[CallFacts] = (),
    limit: int = MOST_PROPOSALS,
    weigh: Weigh = lambda rewrite, shape, promise: 1.0,
) -> list[Rewriting]:
    """Return what the built-in rewrites propose for the hotspots, the best guess first.

    Looked at are the hotspots, the functions they call in their own module, those around them and
    those that call them. A file that cannot be read or parsed yields nothing. For a function with
    several low-risk proposals that do not touch each other there is also one with all of them.

    Args:
        tree: the checkout the hotspots were found in.
        hotspots: where the time goes; those not worthwhile are passed over.
        facts: what was seen of the calls of some functions.
        limit: the most proposals to return.
        weigh: what experience makes of a promise; see `Weigh`.

    Returns:
        Proposals with distinct texts, ordered by the share of time they might save, then by risk.
    """
    with _collector_at_rest():
        # All nodes are gone again before the collector could look at them.
        return _best(_found(tree, hotspots, facts, weigh), limit)


def _found(
    tree: Path, hotspots: Sequence[Hotspot], facts: Sequence[CallFacts], weigh: Weigh
) -> list[_Found | _Together]:
    sources = Sources(tree)
    known = by_function(facts)
    found: list[_Found] = []
    together: list[_Together] = []
    for place in places_of(sources, hotspots):
        reading = sources.reading(place.path)
        assert reading is not None
        seen = known.get((place.path, place.qualname))
        site = _site(reading, place, seen, sources.elsewhere)
        here = list(_proposals(reading, place, site, weigh))
        found.extend(here)
        together.append(_Together(place=place, reading=reading, found=here))
    return [*found, *together]


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from going through all nodes again whenever there are more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _best(found: Sequence[_Found | _Together], limit: int) -> list[Rewriting]:
    """Return the best rewritings with distinct texts; no more texts are made than that takes."""
    queue: list[tuple[_Rank, int, _Found | _Together | Rewriting]]
    queue = [(each.rank, number, each) for number, each in enumerate(found)]
    heapify(queue)
    texts: set[tuple[str, str]] = set()
    best: list[Rewriting] = []
    while queue and len(best) < limit:
        _, number, first = heappop(queue)
        if not isinstance(first, Rewriting):
            for each in first.rewritings():
                rank = -each.gain_share, RISKS.index(each.risk), each.path, each.line
                heappush(queue, (rank, number, each))
        elif (first.path, first.new_source) not in texts:
            texts.add((first.path, first.new_source))
            best.append(first)
    return best


# -- what to propose ------------------------------------------------------------------------------


def _site(reading: Reading, place: Place, facts: CallFacts | None, elsewhere: Elsewhere) -> Site:
    return Site(
        module=reading.module,
        kinds=reading.kinds,
        effects=reading.effects,
        function=place.function,
        qualname=place.qualname,
        facts=facts,
        elsewhere=elsewhere,
    )


def _proposals(reading: Reading, place: Place, site: Site, weigh: Weigh) -> Iterator[_Found]:
    shape = shape_of(reading.module, place.function)
    for rewrite in ALL:
        for change in changes_of(rewrite, site):
            promise = rewrite.promise if change.promise is None else change.promise
            promise = steered(promise, rewrite.needs, site.facts)
            if promise is None:
                continue
            expected = promise * weigh(rewrite.name, shape, promise)
            yield _Found(
                rewrite=rewrite,
                change=change,
                site=site,
                reading=reading,
                gain_share=expected * _share(place, change),
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


def _share(place: Place, change: Change) -> float:
    """Return the share of the workload's time in the code that a change replaces."""
    if change.whole_function:
        return place.share
    lines = range(change.line, (change.last_line or change.line) + 1)
    listed = [place.line_shares[line] for line in lines if line in place.line_shares]
    if listed:
        return min(max(listed), place.share)
    if not place.line_shares:
        return NEARBY * place.share
    return _UNSEEN_LINE * min(place.line_shares.values())


# -- several at once ------------------------------------------------------------------------------


def _combination(reading: Reading, place: Place, found: list[_Found]) -> list[Rewriting]:
    """Return one rewriting with all low-risk changes of a function that go together."""
    safe = [each for each in found if each.change.risk == "low"]
    safe.sort(key=lambda each: -each.gain_share)
    chosen, text = _that_fit(reading, safe)
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


def _that_fit(reading: Reading, found: list[_Found]) -> tuple[list[_Found], str]:
    """Return the changes that can be made together, earlier ones first, and the text they make."""
    apart: list[_Found] = []
    for each in found:
        if not any(_clash(reading.module, each, other) for other in apart):
            apart.append(each)
    whole = _text_with(reading, apart) if len(apart) > 1 else None
    if whole is not None:
        return apart, whole
    # Some do not fit, and with them gone others may that clash with them.
    chosen: list[_Found] = []
    text = ""
    for each in found:
        if each.text is None or any(_clash(reading.module, each, other) for other in chosen):
            continue
        more = _text_with(reading, [*chosen, each])
        if more is not None:
            chosen, text = [*chosen, each], more
    return chosen, text


def _text_with(reading: Reading, found: Sequence[_Found]) -> str | None:
    """Return the module's text with several changes, None when they do not fit."""
    try:
        return reading.renderer.render([edit for each in found for edit in each.change.edits])
    except UnrenderableError:
        return None


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
