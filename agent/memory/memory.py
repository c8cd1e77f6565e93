"""Memory: a small file for each repository with what became of each rewrite tried on it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...repos.disk import writing_to
from ...repos.locks import exclusive
from ...tools.rewrites.catalogue import ALL
from ...tools.rewrites.registry import COMBINED
from ...tools.rewrites.shapes import Shape
from ..runs.plain import from_plain, to_plain

VERSION = 1
MOST_TRIED = 64
"""Trials after which older ones count half, so that what has changed is forgotten in time."""
MOST_RUNS = 50
_LARGEST_BYTES = 200_000


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of one rewrite on one shape of function.

    Attributes:
        tried: Candidates that came to a verdict.
        accepted: Those that the gate accepted, at most `tried`.
        log_gain: Sum of the accepted ones' gains, as log ratios.
    """

    tried: int = 0
    accepted: int = 0
    log_gain: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.accepted <= self.tried:
            raise ValueError(f"more accepted than tried: {self}")

    def __add__(self, other: Tally) -> Tally:
        """Return both together."""
        return Tally(
            tried=self.tried + other.tried,
            accepted=self.accepted + other.accepted,
            log_gain=self.log_gain + other.log_gain,
        )

    def faded(self) -> Tally:
        """Return it with half its weight once it has more than MOST_TRIED trials."""
        if self.tried <= MOST_TRIED:
            return self
        return Tally(
            tried=(self.tried + 1) // 2, accepted=self.accepted // 2, log_gain=self.log_gain / 2
        )


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What runs on one repository taught.

    Attributes:
        version: Of the file's format.
        runs: Ids of the last runs that it holds, oldest first, at most MOST_RUNS.
        tallies: By the rewrite's name, then by shape.
    """

    version: int = VERSION
    runs: tuple[str, ...] = ()
    tallies: Mapping[str, Mapping[Shape, Tally]] = field(default_factory=dict)

    def tally(self, rewrite: str, shape: Shape) -> Tally:
        """Return what became of a rewrite on a shape of function; nothing tried when unknown."""
        return self.tallies.get(rewrite, {}).get(shape, Tally())


def read_memory(file: Path) -> Memory:
    """Return what a file holds; nothing when there is none, or it is not one of ours."""
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            return Memory()
        found = from_plain(Memory, json.loads(file.read_bytes()))
    except (OSError, ValueError, RecursionError):
        # ValueError: no UTF-8, no JSON, or other fields than ours.
        return Memory()
    return found if found.version == VERSION else Memory()


def add_to_memory(file: Path, run_id: str, taught: Mapping[tuple[str, Shape], Tally]) -> None:
    """Add what a run taught to a file, unless it holds that run already.

    Runs that end at once wait for each other; whoever reads meanwhile sees the file as it was.

    Raises:
        UserError: The cache cannot be written.
        InfrastructureError: The disk is full.
    """
    with writing_to(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(file.with_suffix(".lock"), on_wait=lambda: None):
        known = read_memory(file)
        if run_id in known.runs:
            return
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        with writing_to(file):
            partial.write_text(json.dumps(to_plain(_with(known, run_id, taught))), encoding="utf-8")
            partial.replace(file)


def _with(known: Memory, run_id: str, taught: Mapping[tuple[str, Shape], Tally]) -> Memory:
    # Names of rewrites that are gone go too, which bounds the file.
    names = {COMBINED, *(each.name for each in ALL)}
    tallies = {name: dict(shapes) for name, shapes in known.tallies.items() if name in names}
    for (name, shape), tally in taught.items():
        if name in names:
            of_name = tallies.setdefault(name, {})
            of_name[shape] = (of_name.get(shape, Tally()) + tally).faded()
    return Memory(runs=(*known.runs, run_id)[-MOST_RUNS:], tallies=tallies)
