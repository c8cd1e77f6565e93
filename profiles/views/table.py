"""Every function of a profile, whoever owns it, for reports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ..functions import enclosing_name
from ..profile import Owner, Profile

_Key = tuple[str, str, Owner]


@dataclass(frozen=True, kw_only=True)
class FunctionRow:
    """One function's part in the workload's time, as shares of all samples, 0 to 1.

    Attributes:
        self_share: Samples with it on top.
        total_share: Samples with it anywhere on the stack; recursion counts once.
    """

    function: str
    path: str
    owner: Owner
    self_share: float
    total_share: float


def function_table(profile: Profile) -> list[FunctionRow]:
    """Return one row a function, highest `self_share` first.

    Comprehensions, generators and lambdas count for the function around them where the interpreter
    named it (CPython 3.11 and later), else they stand alone. Empty for a profile without samples.
    """
    on_top: Counter[_Key] = Counter()
    anywhere: Counter[_Key] = Counter()
    for frames, count in profile.stacks:
        keys: list[_Key] = [
            (enclosing_name(frame.function), frame.path, frame.owner) for frame in frames
        ]
        on_top[keys[-1]] += count
        for key in set(keys):
            anywhere[key] += count
    rows = [
        FunctionRow(
            function=function,
            path=path,
            owner=owner,
            self_share=on_top[function, path, owner] / profile.samples,
            total_share=total / profile.samples,
        )
        for (function, path, owner), total in anywhere.items()
    ]
    return sorted(rows, key=lambda row: (-row.self_share, -row.total_share, row.path, row.function))


def owner_shares(profile: Profile) -> dict[Owner, float]:
    """Return, for each owner seen on top of a stack, its share of the samples."""
    counts: Counter[Owner] = Counter()
    for frames, count in profile.stacks:
        counts[frames[-1].owner] += count
    return {owner: count / profile.samples for owner, count in counts.most_common()}
