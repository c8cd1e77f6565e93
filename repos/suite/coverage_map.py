"""Knows which tests execute which lines.

On disk a map is JSON:
{"version": 1, "tests": [node id, ...],
 "files": {path: [{"lines": "3-9,14", "tests": "0-12,40"}, ...]}}
with lines from 1, tests as places in the list of tests, and each entry saying that all of those
tests execute exactly those lines of the file. Tests that share a set of lines share an entry:
thousands of tests otherwise make it many megabytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ...errors import InfrastructureError
from ..disk import writing_to

_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class CoverageMap:
    """Which tests execute which lines of a tree's files, apart from what runs at import.

    Attributes:
        tests: Node ids.
        files: For each file, relative to the tree: pairs of a set of lines (bit n stands for line
            n) and the places of the tests that execute exactly those.
    """

    tests: tuple[str, ...]
    files: Mapping[str, tuple[tuple[int, tuple[int, ...]], ...]]

    @classmethod
    def from_database(cls, database: Path, tree: Path, tests: Sequence[str]) -> CoverageMap:
        """Read what coverage.py recorded with places in `tests` as its contexts.

        Args:
            database: Coverage's data file.
            tree: The tree in which the tests ran; files outside of it are left out.
            tests: Node ids.

        Raises:
            InfrastructureError: It is no data file of coverage.
        """
        query = (
            "select file.path, context.context, line_bits.numbits from line_bits "
            "join file on file.id = line_bits.file_id "
            "join context on context.id = line_bits.context_id"
        )
        try:
            with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
                rows = connection.execute(query).fetchall()
        except sqlite3.Error as error:
            raise InfrastructureError(f"{database} is no data of coverage: {error}") from error
        inside = tree.resolve()
        grouped: dict[str, dict[int, list[int]]] = {}
        for path, context, numbits in rows:
            if context.isdecimal() and Path(path).is_relative_to(inside):
                relative = Path(path).relative_to(inside).as_posix()
                lines = int.from_bytes(numbits, "little")
                grouped.setdefault(relative, {}).setdefault(lines, []).append(int(context))
        return cls(
            tests=tuple(tests),
            files={
                path: tuple((lines, tuple(sorted(places))) for lines, places in groups.items())
                for path, groups in sorted(grouped.items())
            },
        )

    @classmethod
    def read(cls, path: Path) -> CoverageMap:
        """Read a map that `write` wrote.

        Raises:
            InfrastructureError: There is none, or it is of another version.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InfrastructureError(
                f"{path} cannot be read as a coverage map: {error}"
            ) from error
        if content.get("version") != _VERSION:
            raise InfrastructureError(f"{path} is a coverage map of another version; delete it")
        return cls(
            tests=tuple(content["tests"]),
            files={
                name: tuple(
                    (_bits(_numbers(group["lines"])), tuple(_numbers(group["tests"])))
                    for group in groups
                )
                for name, groups in content["files"].items()
            },
        )

    def write(self, path: Path) -> None:
        """Write the map, whole or not at all.

        Raises:
            UserError: The folder may not be written.
            InfrastructureError: The disk is full.
        """
        content = {
            "version": _VERSION,
            "tests": self.tests,
            "files": {
                name: [
                    {"lines": _ranges(_places(lines)), "tests": _ranges(tests)}
                    for lines, tests in groups
                ]
                for name, groups in self.files.items()
            },
        }
        with writing_to(path):
            half_written = path.with_name(f"{path.name}.new")
            half_written.write_text(json.dumps(content), encoding="utf-8")
            half_written.replace(path)

    def covering(self, path: str, lines: Iterable[int] | None = None) -> tuple[str, ...]:
        """Return the tests that execute any of the lines of a file, in the suite's order.

        Args:
            path: The file, relative to the tree; one that no test enters has none.
            lines: Line numbers from 1; None for all.
        """
        wanted = None if lines is None else _bits(lines)
        places = {
            place
            for executed, tests in self.files.get(path, ())
            if wanted is None or executed & wanted
            for place in tests
        }
        return tuple(self.tests[place] for place in sorted(places))


def _bits(numbers: Iterable[int]) -> int:
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def _places(bits: int) -> list[int]:
    return [place for place, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _ranges(numbers: Iterable[int]) -> str:
    """Write ascending numbers as "3-9,14"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}-{last}" if first != last else f"{first}" for first, last in runs)


def _numbers(ranges: str) -> list[int]:
    """Read what `_ranges` wrote."""
    numbers: list[int] = []
    for run in filter(None, ranges.split(",")):
        first, _, last = run.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
