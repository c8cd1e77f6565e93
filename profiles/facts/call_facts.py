"""Records call facts: one instrumented run of the workload, and what it showed of some functions.

The recorder (`inside/perfagent_facts.py`) runs in the target's interpreter beside the driver; what
it reports only steers proposals, so a report that makes no sense is no more than a note.
"""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...workloads.failure import WorkloadFailed
from ...workloads.launch import LaunchPlan, launch
from ...workloads.target import Target
from ..functions import MODULE
from ..hotspot import Hotspot
from .distinct import Sample
from .facts import CallFacts, Spread, ValueFacts
from .growth import growth

INSIDE = Path(__file__).parent.parent / "inside"
LONGEST_WORKLOAD_S = 60.0
"""A workload that takes longer is not recorded."""
RECORDING_S = 240.0
"""Longest time that the launch that records may take, in seconds."""
_FEWEST_LOOKED = 50
"""Below so many calls looked into nothing is said of the others' arguments."""
_LONGEST_NAME = 80
_UNTOLD_SHARE = 0.1
"""Share of the calls that may have arguments which cannot be told apart; each is a distinct one."""


@dataclass(frozen=True, kw_only=True)
class RecordedFacts:
    """What one recording showed.

    Attributes:
        facts: In the order of the hotspots, those left out that were not watched.
        notes: Why there are none, or fewer.
        elapsed_s: Seconds that the workload took meanwhile, those in which others had its core left
            out; None where nothing was recorded.
    """

    facts: tuple[CallFacts, ...] = ()
    notes: tuple[str, ...] = ()
    elapsed_s: float | None = None


def record_facts(
    target: Target, tree: Path, hotspots: Sequence[Hotspot], *, usual_s: float | None = None
) -> RecordedFacts:
    """Run the workload once and look into the calls of the hotspots worth a candidate.

    Args:
        target: The workload and where it runs.
        tree: The version that the hotspots were found in.
        hotspots: Those not worthwhile, and code outside functions, are passed over.
        usual_s: Seconds that the workload takes when nobody looks; None when that is not known, and
            then a short workload may take several times as long.

    Raises:
        UserError: The interpreter does not exist.
        InfrastructureError: The process could not be run.
    """
    if target.workload.kind == "command":
        return _nothing("calls of a command are not looked into")
    watched = [each for each in hotspots if each.worthwhile and _can_be_watched(each)]
    if not watched:
        return _nothing("no hotspot is a function of Python whose calls could be looked into")
    names = {target.environment.module_name(spot.path) for spot in watched}
    job = {
        "do": "facts",
        "folder": str(INSIDE),
        "functions": [_wanted(spot) for spot in watched],
        "modules": sorted(name for name in names if name is not None),
        "usual_s": usual_s,
    }
    try:
        done = launch(target.within(RECORDING_S), tree, LaunchPlan(calls=job, pinned=False))
        found = (done.answer or {})["parts"]["calls"]
        facts = [_facts(spot, told) for spot, told in zip(watched, found["functions"], strict=True)]
        notes = [f"the recorder ended early: {found['problem']}"] if found["problem"] else []
        elapsed_s = _number(found["elapsed_s"])
    except WorkloadFailed as failure:
        return _nothing(f"the workload fails while its calls are looked into: {failure.summary}")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return _nothing(f"what the recorder reports makes no sense ({error!r:.100})")
    return RecordedFacts(facts=tuple(facts), notes=tuple(notes), elapsed_s=elapsed_s)


def _nothing(why: str) -> RecordedFacts:
    return RecordedFacts(notes=(why,))


def _can_be_watched(spot: Hotspot) -> bool:
    return spot.function != MODULE and spot.path.endswith(".py") and spot.first_line > 0


def _wanted(spot: Hotspot) -> dict[str, Any]:
    return {
        "file": spot.path,
        "line": spot.first_line,
        "function": spot.function,
        "has_receiver": _has_receiver(spot),
    }


def _has_receiver(spot: Hotspot) -> bool:
    """Return whether the function's first parameter is the object or class it is called on."""
    around = spot.function.split(".")[:-1]
    if not around or around[-1] == "<locals>":
        return False
    try:
        (node, *_) = ast.parse(textwrap.dedent(spot.source)).body
    except (SyntaxError, ValueError):
        return True
    decorators = getattr(node, "decorator_list", [])
    return not any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)


# -- what the recorder reports --------------------------------------------------------------------


def _facts(spot: Hotspot, told: Mapping[str, Any]) -> CallFacts:
    calls, looked_at = int(told["calls"]), int(told["looked_at"])
    parameters = [_value(each) for each in told["parameters"]]
    receiver = parameters.pop(0) if told["has_receiver"] and parameters else None
    distinct, is_exact = _distinct(told, calls, looked_at)
    times = {
        each["name"]: [(int(size), float(seconds)) for size, seconds in each["times"]]
        for each in told["parameters"]
    }
    return CallFacts(
        path=spot.path,
        function=spot.function,
        calls=calls,
        calls_are_exact=bool(told["calls_are_exact"]),
        looked_at=looked_at,
        seconds_per_call=_number(told["seconds"]),
        distinct=distinct,
        distinct_is_exact=is_exact,
        repeat_share=None if distinct is None else 1 - distinct / calls,
        depth=int(told["depth"]),
        receiver=receiver,
        parameters=tuple(parameters),
        returns=_value(told["returns"]) if told["returns"] else None,
        raised=tuple((_name(name), int(count)) for name, count in told["raised"]),
        blocks_per_call=_number(told["blocks"]),
        written_globals=tuple(map(_name, told["written_globals"])),
        written_attributes=tuple(map(_name, told["written_attributes"])),
        does_io=bool(told["does_io"]),
        growth=growth(times),
        note="; ".join(map(str, told["notes"])) or None,
    )


def _value(told: Mapping[str, Any]) -> ValueFacts:
    size = told["size"]
    compared, changed = int(told["compared"]), int(told["changed"])
    return ValueFacts(
        name=_name(told["name"]),
        types=_shares(told["types"]),
        element_types=_shares(told["elements"]),
        size=None
        if size is None
        else Spread(smallest=int(size[0]), median=int(size[1]), largest=int(size[2])),
        hashable=bool(told["hashable"]),
        changed_share=changed / compared if compared else None,
    )


def _shares(counts: Sequence[Sequence[Any]]) -> tuple[tuple[str, float], ...]:
    together = sum(int(count) for _, count in counts)
    return tuple((_name(name), int(count) / together) for name, count in counts)


def _distinct(told: Mapping[str, Any], calls: int, looked_at: int) -> tuple[int | None, bool]:
    """Return the number of distinct arguments and whether it is exact; None when unknown."""
    keys = told["keys"]
    seen = int(keys["told"])
    untold = looked_at - seen
    if not seen or untold > _UNTOLD_SHARE * looked_at:
        return None, False
    if looked_at < min(calls, _FEWEST_LOOKED):
        return None, False
    sample = Sample(
        calls=calls,
        looked_at=looked_at,
        kept=int(keys["kept"]) + untold,
        once=int(keys["once"]) + untold,
        twice=int(keys["twice"]),
        halvings=int(keys["halvings"]),
    )
    return sample.distinct(), sample.is_whole and not untold and bool(told["calls_are_exact"])


def _name(told: object) -> str:
    """Return a name of the target's, which may be any text, fit for a sentence."""
    return " ".join(str(told).split())[:_LONGEST_NAME]


def _number(value: Any) -> float | None:
    """Return a finite number, or None.

    Raises:
        ValueError: It is something else.
    """
    if value is None:
        return None
    if not math.isfinite(float(value)):
        raise ValueError(f"{value} is no number")
    return float(value)
