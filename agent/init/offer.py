"""A workload that a repository offers, or that can be drafted for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["asv", "pytest-benchmark", "script", "slow test", "drafted"]
# What somebody wrote to be timed comes first.
PREFERENCE: tuple[Kind, ...] = ("asv", "pytest-benchmark", "script", "slow test", "drafted")


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One workload on offer.

    Attributes:
        name: What it is called; also the name of its file, where it has one.
        kind: Where it is from.
        argument: The WORKLOAD argument; of a drafted file the file's name.
        source: Where in the repository it was found, for people.
        text: The file to write for it; "" when the repository holds all of it.
    """

    name: str
    kind: Kind
    argument: str
    source: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """An offer, and one run of it.

    Attributes:
        seconds: Of the first call; None when it failed.
        problem: Why it failed; "" when it did not.
    """

    offer: Offer
    seconds: float | None
    problem: str = ""
