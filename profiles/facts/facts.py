"""Call facts: what one instrumented run of the workload showed of a function's calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Need = Literal["calls", "repeats", "types", "sizes", "growth", "writes", "raises"]
"""What a rewrite may want to know of a function: it is tried without it too, but less gladly."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Sizes seen: of `len()`, or of an array's number of elements.

    Attributes:
        smallest: At least 0.
        median: Of the calls looked at.
        largest: Of the calls looked at.
    """

    smallest: int
    median: int
    largest: int


@dataclass(frozen=True, kw_only=True)
class ValueFacts:
    """One parameter, the receiver, or what is returned.

    Attributes:
        name: The parameter's name; `return` for what is returned.
        types: `(module.qualname, share of the calls looked at)`, most frequent first, at most 5;
            builtins without their module (`list`).
        element_types: Likewise, of the first elements of lists, tuples, sets and dict keys; an
            array's dtype (`float64`). Empty when it holds none.
        size: None when it never had a size.
        hashable: Whether every value seen could be hashed.
        changed_share: Share of the calls looked at after which the value was another than before;
            None when that was not looked at or could not be told.
    """

    name: str
    types: tuple[tuple[str, float], ...]
    element_types: tuple[tuple[str, float], ...] = ()
    size: Spread | None = None
    hashable: bool = False
    changed_share: float | None = None

    def only_type(self) -> str | None:
        """Return the one type it had in every call that was looked at, else None."""
        return self.types[0][0] if len(self.types) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How a call's own time grows with a size: time is about `size ** exponent`.

    Attributes:
        parameter: Whose size; `self` for the receiver's.
        exponent: Least squares on logarithms of medians by size.
        ci_low: Lower end of its 95 % interval.
        ci_high: Upper end.
        smallest: Smallest size used.
        largest: Largest size used.
        sizes: How many distinct sizes it is fitted to.
    """

    parameter: str
    exponent: float
    ci_low: float
    ci_high: float
    smallest: int
    largest: int
    sizes: int


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    """What was seen of one function's calls in one run of the workload.

    Of all calls in the timed part of the run, `looked_at` were looked into; all but `calls` is of
    those.

    Attributes:
        path: Repository-relative.
        function: Qualified name, as `Hotspot.function`.
        calls: Calls in the run; at least so many when `calls_are_exact` is False.
        calls_are_exact: Whether every call was counted; counting stops where it would slow the
            workload down too much.
        looked_at: Calls whose arguments and outcome were looked into; fewer than `calls` when
            looking would have slowed the workload down too much.
        seconds_per_call: Median, callees included, of recursive calls the outermost ones; None
            when none ended.
        distinct: Distinct argument values (receiver included); an estimate from a bounded sketch
            when `distinct_is_exact` is False; None when they could not be told apart.
        distinct_is_exact: Whether every call's arguments were told apart.
        repeat_share: Share of the calls whose arguments had been seen before, 0 to 1; None
            likewise.
        depth: Deepest recursion; 1 for none.
        receiver: None for a function.
        parameters: In the order of the signature, the receiver left out.
        returns: None when no call that was looked at returned.
        raised: `(exception's name, calls looked at)`, most frequent first.
        blocks_per_call: Memory blocks that there are more when a call ends, on average: what it
            returns and keeps, and from CPython 3.12 on its own variables; None when unknown.
        written_globals: Names of module globals that were bound anew, or grew or shrank, in calls.
        written_attributes: `Class.attribute` of receivers and arguments that were seen written.
        does_io: Whether files, sockets or processes were used during calls.
        growth: None when the sizes seen do not differ enough.
        note: Why less is known than could be, else None.
    """

    path: str
    function: str
    calls: int
    calls_are_exact: bool = True
    looked_at: int = 0
    seconds_per_call: float | None = None
    distinct: int | None = None
    distinct_is_exact: bool = False
    repeat_share: float | None = None
    depth: int = 1
    receiver: ValueFacts | None = None
    parameters: tuple[ValueFacts, ...] = ()
    returns: ValueFacts | None = None
    raised: tuple[tuple[str, int], ...] = ()
    blocks_per_call: float | None = None
    written_globals: tuple[str, ...] = ()
    written_attributes: tuple[str, ...] = ()
    does_io: bool = False
    growth: Growth | None = None
    note: str | None = None

    def parameter(self, name: str) -> ValueFacts | None:
        """Return what is known of a parameter, None when nothing is."""
        return next((each for each in self.parameters if each.name == name), None)

    def no_writes_seen(self) -> bool:
        """Return whether no call was seen to change anything outside itself."""
        values = [*self.parameters, *([self.receiver] if self.receiver else [])]
        changed = any(each.changed_share for each in values)
        return not (changed or self.written_globals or self.written_attributes or self.does_io)


def by_function(facts: Collection[CallFacts]) -> dict[tuple[str, str], CallFacts]:
    """Return facts by path and qualified name.

    Left out are functions that share both, such as a property's getter and setter.
    """
    counts = Counter((each.path, each.function) for each in facts)
    found = {(each.path, each.function): each for each in facts}
    return {place: each for place, each in found.items() if counts[place] == 1}
