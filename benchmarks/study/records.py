"""What the study has measured so far: one JSON line a repetition, so a part can go on later."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Store:
    """The files of one study.

    Attributes:
        folder: Holds `<part>.jsonl` for every part, and `machine.json`.
    """

    folder: Path

    def append(self, part: str, record: Record) -> None:
        """Add one record to a part."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{part}.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record, separators=(",", ":")) + "\n")

    def read(self, part: str) -> list[Record]:
        """Return a part's records; [] when there are none.

        A last line that was cut short is left out.
        """
        path = self.folder / f"{part}.jsonl"
        if not path.exists():
            return []
        found = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def replace(self, part: str, records: Iterable[Record]) -> None:
        """Write a part anew: of a part that is computed, only the last result counts."""
        (self.folder / f"{part}.jsonl").unlink(missing_ok=True)
        for record in records:
            self.append(part, record)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Repetitions of one thing.

    Attributes:
        key: What tells the cell from others, as it stands in its records.
        count: How many repetitions it is to have.
    """

    key: tuple[tuple[str, Any], ...]
    count: int


def schedule(cells: Sequence[Cell], done: Iterable[Record]) -> list[tuple[dict[str, Any], int]]:
    """Return the repetitions that are still to be made, the cells evenly mixed.

    When time runs out midway, every cell then has about the same share of its repetitions, and all
    have seen the same hours of the machine.
    """
    made = {_mark(record) for record in done}
    planned = []
    for place, cell in enumerate(cells):
        for rep in range(cell.count):
            planned.append(((rep + 0.5) / cell.count, place, rep, dict(cell.key)))
    planned.sort(key=lambda each: each[:3])
    return [(key, rep) for _, _, rep, key in planned if _mark(key | {"rep": rep}) not in made]


_KEYS = ("condition", "workload", "gain", "what", "rep")


def _mark(record: Record) -> tuple[Any, ...]:
    return tuple(record.get(key) for key in _KEYS)


@dataclass(kw_only=True)
class Clock:
    """How much of a part's time is left.

    Attributes:
        budget_s: Seconds after which no further repetition is begun.
    """

    budget_s: float
    started: float = 0.0

    def __post_init__(self) -> None:
        self.started = time.monotonic()

    @property
    def spent_s(self) -> float:
        """Seconds since the part began."""
        return time.monotonic() - self.started

    def is_up(self) -> bool:
        """Tell whether the budget is spent."""
        return self.spent_s > self.budget_s


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
