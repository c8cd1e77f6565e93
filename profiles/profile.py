"""What a profile is: call stacks with samples, and the form it takes on disk.

Nothing here knows which profiler looked or who reads the answer: `stacks.py` knows the profilers'
formats, `record.py` runs them, `hotspot.py` and `export.py` read the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

FORMAT_VERSION = 1
"""Version of the JSON form; a change that old readers would misread raises it."""

Owner = Literal["repository", "dependency", "standard library", "native", "workload"]
Recorder = Literal["py-spy", "pyinstrument"]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One level of a call stack.

    Attributes:
        function: The name the interpreter reported: a qualified name from CPython 3.11 on, a bare
            one before, `<module>` for module code, a symbol for native code.
        path: POSIX path relative to the tree when the file lies inside it, else absolute; `<…>`
            for code without a file, empty when unknown.
        line: The line being executed (not where the function starts), 1-based; 0 when unknown.
        owner: Whose code this is; "workload" is the timed script and what drives it.
    """

    function: str
    path: str
    line: int
    owner: Owner


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Where one workload spent its time, as samples of its call stack.

    Attributes:
        stacks: Distinct stacks, outermost frame first and never empty, each with its samples (>=
            1). Only what ran inside the timed region, plus the threads and processes that the
            workload started.
        samples: The sum over `stacks`; every share is a share of this. 0 when nothing was seen.
        rate_hz: Samples a second, so one sample stands for `1 / rate_hz` seconds.
        recorder: Which profiler looked.
        native: Whether frames of compiled code were recorded too.
        errors: Samples that could not be taken; they are in no stack.
        duration_s: Seconds that the profiled launches took, all together.
        note: What a reader must know to trust the shares, None when there is nothing to add.
    """

    stacks: tuple[tuple[tuple[Frame, ...], int], ...]
    samples: int
    rate_hz: int
    recorder: Recorder
    native: bool
    errors: int
    duration_s: float
    note: str | None

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-plain form: every frame once, stacks as indexes into that table."""
        table: dict[Frame, int] = {}
        stacks = [
            [[table.setdefault(frame, len(table)) for frame in frames], count]
            for frames, count in self.stacks
        ]
        return {
            "version": FORMAT_VERSION,
            "recorder": self.recorder,
            "rate_hz": self.rate_hz,
            "samples": self.samples,
            "errors": self.errors,
            "native": self.native,
            "duration_s": self.duration_s,
            "note": self.note,
            "frames": [[frame.function, frame.path, frame.line, frame.owner] for frame in table],
            "stacks": stacks,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Profile:
        """Return the profile that `to_json` wrote.

        Raises:
            ValueError: the record has another format version.
        """
        if record.get("version") != FORMAT_VERSION:
            found = record.get("version")
            raise ValueError(
                f"profile format version {found!r}, this program reads {FORMAT_VERSION}"
            )
        table = [
            Frame(function=function, path=path, line=line, owner=owner)
            for function, path, line, owner in record["frames"]
        ]
        return cls(
            stacks=tuple(
                (tuple(table[index] for index in indexes), count)
                for indexes, count in record["stacks"]
            ),
            samples=record["samples"],
            rate_hz=record["rate_hz"],
            recorder=cast(Recorder, record["recorder"]),
            native=record["native"],
            errors=record["errors"],
            duration_s=record["duration_s"],
            note=record["note"],
        )


def merge_stacks(
    stacks: Iterable[tuple[tuple[Frame, ...], int]],
) -> tuple[tuple[tuple[Frame, ...], int], ...]:
    """Return each distinct stack once with its samples added up, most samples first."""
    counts: dict[tuple[Frame, ...], int] = {}
    for frames, count in stacks:
        counts[frames] = counts.get(frames, 0) + count
    return tuple(sorted(counts.items(), key=lambda item: -item[1]))
