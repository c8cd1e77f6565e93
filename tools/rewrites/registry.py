"""The proposals that the rewrites of the catalogue make for a repository's hotspots."""

from __future__ import annotations

import builtins
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...profiles.facts import by_function
from .catalogue import ALL
from .edit import Edit, FunctionNode, Import, Rename
from .elsewhere import Elsewhere
from .module_source import ModuleSource
from .places import NEARBY, Place, Reading, Sources, places_of
from .rendering import UnrenderableError
from .rewrite import RISKS, Change, Rewrite, Rewriting, Site
from .shapes import Shape, shape_of
from .steering import steered

if TYPE_CHECKING:
    from ...profiles.facts import CallFacts
    from ...profiles.hotspot import Hotspot


COMBINED = "combined"
MOST_PROPOSALS = 40
_UNSEEN_LINE = 0.2
"""The part of a function's share credited to a line that the profile does not list."""

Weigh = Callable[[str, Shape, float], float]
"""By how much to multiply the promise of a rewrite, given by its name, in a function of a shape."""

_WORD = re.compile(r"[^\W\d]\w*")
_BUILTINS = frozenset(dir(builtins))
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A change with the text it makes."""

    rewrite: Rewrite
    change: Change
    site: Site
    text: str
    gain_share: float


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
    sources = Sources(tree)
    known = by_function(facts)
    found: list[_Found] = []
    combined: list[Rewriting] = []
    for place in places_of(sources, hotspots):
        reading = sources.reading(place.path)
        assert reading is not None
        seen = known.get((place.path, place.qualname))
        site = _site(reading, place, seen, sources.elsewhere)
        here = list(_proposals(reading, place, site, weigh))
        found.extend(here)
        combined.extend(_combination(reading, place, here))
    rewritings = [_rewriting(each) for each in found] + combined
    rewritings.sort(
        key=lambda each: (-each.gain_share, RISKS.index(each.risk), each.path, each.line)
    )
    distinct = {(each.path, each.new_source): each for each in reversed(rewritings)}
    return [each for each in rewritings if distinct[each.path, each.new_source] is each][:limit]


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
            try:
                text = reading.renderer.render(change.edits)
            except UnrenderableError as error:
                _log.debug("%s: %s: %s", place.path, rewrite.name, error)
                continue
            if text != reading.module.text:
                expected = promise * weigh(rewrite.name, shape, promise)
                yield _Found(
                    rewrite=rewrite,
                    change=change,
                    site=site,
                    text=text,
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


def _combination(reading: Reading, place: Place, found: list[_Found]) -> list[Rewriting]:
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
