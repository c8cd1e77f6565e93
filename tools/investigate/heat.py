"""Where the workload's time goes: hotspots, lines of a function, how a function is called."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...errors import ToolError
from ...profiles.facts.facts_text import facts_text
from ...profiles.functions import FunctionSpan
from ...profiles.hotspot import Hotspot, max_speedup
from ..sources.capped import capped, short
from ..sources.sources import PythonSource, first_line, last_line
from .bench import Bench, Seen
from .reading import SYMBOL
from .symbols import the_symbol
from .tool import MOST_CHARACTERS, Arguments, Tool

Version = Literal["best", "scratch"]
_VERSION = "The best version so far, or your edits after profile_scratch."
_SMALLEST_SHARE = 0.001
_LARGEST_BOUND = 100.0
"""A share so near to 1 is known too roughly from samples to bound anything."""


class ListHotspots(Arguments):
    """Arguments of `list_hotspots`."""

    version: Version = Field(default="best", description=_VERSION)
    count: int = Field(default=15, ge=1, le=60, description="How many to list.")


class AnnotatedSource(Arguments):
    """Arguments of `annotated_source`."""

    symbol: str = Field(description=SYMBOL)
    version: Version = Field(default="best", description=_VERSION)


class CallFactsOf(Arguments):
    """Arguments of `call_facts`."""

    symbol: str = Field(description=SYMBOL)
    version: Version = Field(
        default="best",
        description="The best version so far, or your edits.",
    )


def _list_hotspots(bench: Bench, asked: ListHotspots) -> str:
    seen = _seen(bench, asked.version)
    profile = seen.profile
    rows = [hotspot_row(rank, spot) for rank, spot in enumerate(seen.hotspots[: asked.count], 1)]
    if not rows:
        return f"no sample of {profile.samples} shows a function of the repository"
    note = f" ({profile.note})" if profile.note else ""
    head = (
        f"{profile.samples:,} samples by {profile.recorder}{note}. own: what a change to the "
        "function alone could save at most; total: it and all that it calls; the bound is the "
        "whole workload's speedup if that took no time."
    )
    left = len(seen.hotspots) - len(rows)
    more = [f"… {left} more functions with less; ask with count={asked.count + 15}"] if left else []
    return capped("\n".join([head, *rows, *more]), MOST_CHARACTERS, "ask with a smaller count")


def hotspot_row(rank: int, spot: Hotspot) -> str:
    """Return a hotspot in one line, with its bounds by Amdahl's law."""
    where = f"{spot.path}:{spot.first_line}-{spot.last_line}"
    own, total = bound(spot.own_share), bound(spot.total_share)
    callers = f"; called by {', '.join(spot.callers)}" if spot.callers else ""
    return (
        f"{rank}. {spot.function} in {where}: own {spot.own_share:.1%} ({own}), "
        f"total {spot.total_share:.1%} ({total}), self {spot.self_share:.1%}{callers}"
    )


def bound(share: float) -> str:
    """Return the speedup if a part with this share took no time, in words (Amdahl's law)."""
    most = max_speedup(share)
    if most is None or most > _LARGEST_BOUND:
        return "no bound"
    return f"at most {most:.2f}x"


def _annotated_source(bench: Bench, asked: AnnotatedSource) -> str:
    seen = _seen(bench, asked.version)
    symbol = the_symbol(bench, asked.symbol)
    spot = seen.spot(symbol.path, symbol.qualname)
    if spot is None:
        raise ToolError(
            f"no sample shows {symbol.path}:{symbol.qualname}: it takes no time that the profile "
            "sees; read_symbol shows its source"
        )
    functions = seen.places.functions(spot.path)
    shares = {line.line: line for line in spot.lines}
    span = FunctionSpan(
        qualname=spot.function, first_line=spot.first_line, last_line=spot.last_line
    )
    rows = []
    for number, text in enumerate(functions.source(span).splitlines(), spot.first_line):
        share = shares.get(number)
        total = _column(share.total_share if share else 0.0)
        own = _column(share.self_share if share else 0.0)
        rows.append(f"{number:6d} {total:>6} {own:>6} | {short(text)}".rstrip())
    head = (
        f"{spot.path}:{spot.function}, {spot.total_share:.1%} of the workload\n"
        "  line  total   self | share of the workload with the line on the stack, and at work"
    )
    return capped("\n".join([head, *rows]), MOST_CHARACTERS, f"ask read_file for {spot.path}")


def _column(share: float) -> str:
    return f"{share:.1%}" if share >= _SMALLEST_SHARE else ""


def _call_facts(bench: Bench, asked: CallFactsOf) -> str:
    symbol = the_symbol(bench, asked.symbol)
    if asked.version == "best":
        for facts in bench.call_facts:
            if (facts.path, facts.function) == (symbol.path, symbol.qualname):
                return f"{symbol.path}:{symbol.qualname}: {facts_text(facts)}"
        best = PythonSource.read(bench.best, symbol.path)
        made = bench.record_facts(bench.best, [_as_hotspot(best, symbol.qualname)])
    else:
        with bench.scratch.running():
            spot = _as_hotspot(symbol.source, symbol.qualname)
            made = bench.record_facts(bench.scratch.tree, [spot])
    if not made.facts:
        raise ToolError(f"no call facts: {'; '.join(made.notes) or 'nothing was seen'}")
    return f"{symbol.path}:{symbol.qualname}: {facts_text(made.facts[0])}"


def _as_hotspot(source: PythonSource, qualname: str) -> Hotspot:
    """Return a function as if it were worth a candidate, so that its calls are looked into.

    Raises:
        ToolError: The file has no such function.
    """
    node = source.definitions.get(qualname)
    if node is None:
        raise ToolError(f"the best version has no {qualname}; ask with version=scratch")
    first, last = first_line(node), last_line(node)
    return Hotspot(
        function=qualname,
        path=source.path,
        first_line=first,
        last_line=last,
        self_share=0.0,
        own_share=0.0,
        total_share=0.0,
        max_speedup=1.0,
        owner="repository",
        callers=(),
        lines=(),
        source="\n".join([*source.lines[first - 1 : last], ""]),
        covering_tests=(),
        worthwhile=True,
        note=None,
    )


def _seen(bench: Bench, version: Version) -> Seen:
    if version == "best":
        return bench.seen
    if bench.tried is None or dict(bench.tried[1]) != dict(bench.scratch.sources()):
        raise ToolError("your edits as they are now were not profiled; call profile_scratch first")
    return bench.tried[0]


LIST_HOTSPOTS = Tool(
    name="list_hotspots",
    description=(
        "List functions by what a change to them could save, each with the bound on the "
        "speedup (Amdahl's law) and its callers."
    ),
    arguments=ListHotspots,
    run=_list_hotspots,
)
ANNOTATED_SOURCE = Tool(
    name="annotated_source",
    description="Show a function's source with each line's share of the time.",
    arguments=AnnotatedSource,
    run=_annotated_source,
)
CALL_FACTS = Tool(
    name="call_facts",
    description=(
        "Tell how the workload calls a function: how often, with how many distinct arguments, of "
        "what size, how its time grows with it, what it writes."
    ),
    arguments=CallFactsOf,
    run=_call_facts,
)
