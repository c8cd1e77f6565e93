"""Workloads that a commit's repository has for it: its benchmarks that gain, else its tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .benchmarks import benchmarks
from .gains import gaining, reaching
from .script import workload_text
from .site import Site

_MOST_TRIED = 400


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A workload that gains by a commit, as far as a few calls tell.

    Attributes:
        text: The script.
        origin: Where it is from, for people.
    """

    text: str
    origin: str


Source = Callable[[Site], "Draft | str"]
"""Returns a workload, or why there is none."""


def own_benchmarks(site: Site) -> Draft | str:
    """Return a workload of the benchmarks in files that the commit adds or changes.

    Raises:
        BlockFailed: The script cannot be run.
        InfrastructureError: The machine failed.
    """
    own = [name for name in benchmarks(site.base) if name.partition("::")[0] in site.texts]
    return _of_benchmarks(site, own, "the commit's benchmarks")


def other_benchmarks(site: Site) -> Draft | str:
    """Return a workload of the base's other benchmarks; raises as `own_benchmarks` does."""
    others = [name for name in benchmarks(site.base) if name.partition("::")[0] not in site.texts]
    return _of_benchmarks(site, others, "the repository's benchmarks")


def covering_tests(site: Site) -> Draft | str:
    """Return a workload of tests that cover the change; raises as `own_benchmarks` does."""
    if not site.plain:
        return "no test that can be called covers it"
    return (
        _drafted(site, site.plain, "tests that cover the change") or "no covering test gains by it"
    )


OWN: tuple[Source, ...] = (own_benchmarks, other_benchmarks, covering_tests)
"""The likeliest workload first: what was written to be timed."""


def _of_benchmarks(site: Site, names: Sequence[str], origin: str) -> Draft | str:
    if not names:
        return ""
    script = workload_text(names[:_MOST_TRIED], site.texts)
    reached = reaching(site.ground, site.base, script, site.found.lines)
    if not reached:
        return f"none of {origin} reaches it"
    return _drafted(site, reached, origin) or f"none of {origin} gains by it"


def _drafted(site: Site, names: Sequence[str], origin: str) -> Draft | None:
    def script(called: Sequence[str]) -> str:
        return workload_text(called, site.texts)

    found = gaining(site.ground, site.base, site.expert, names, script)
    return Draft(text=script(found), origin=origin) if found else None
