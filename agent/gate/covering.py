"""Which tests cover a change, by the coverage contexts recorded on the base."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...profiles.functions import function_at
from ...repos.suite.coverage_map import CoverageMap
from ...repos.suite.suite import BaselineSuite
from .case import Case


def covering_node_ids(
    baseline: BaselineSuite, contexts: CoverageMap, case: Case
) -> tuple[str, ...]:
    """Return the stable tests that run any function the patch touches; () when none does.

    A change outside every function (an import, a constant) is covered by whatever covers any line
    of its file.
    """
    base = case.run.repository.trees / "base"
    wanted: set[str] = set()
    for path, lines in touched_lines(case, base):
        wanted.update(contexts.covering(path, lines))
    stable = set(baseline.stable)
    return tuple(node_id for node_id in sorted(wanted) if node_id in stable)


def touched_lines(case: Case, base: Path) -> Iterator[tuple[str, list[int]]]:
    """Yield (path, lines of the base) for each region the patch touches, whole functions each."""
    for path, changed in case.candidate.patch.base_lines().items():
        file = base / path
        if file.suffix != ".py" or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        every_line = list(range(1, text.count("\n") + 2))
        for line in changed:
            function = function_at(text, line)
            if function is None:
                yield path, every_line
                break
            yield path, list(range(function.first_line, function.last_line + 1))
