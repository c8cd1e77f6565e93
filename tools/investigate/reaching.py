"""Whether the workload runs at all what the edits changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...errors import ToolError
from ...profiles.facts.reached import LineCounts, changed_lines, count_lines
from ...profiles.functions import MODULE, FunctionMap
from ...workloads.launch import WorkloadFailed
from ..sources.capped import capped, short
from .bench import Bench
from .rough import bounded, check_edited, failed
from .snippet import what_was_put_back
from .tool import MOST_CHARACTERS, NoArguments, Tool


def _reach(bench: Bench, asked: NoArguments) -> str:
    del asked
    check_edited(bench)
    after = bench.scratch.sources()
    lines = changed_lines({path: bench.scratch.original(path) or "" for path in after}, after)
    if not lines:
        raise ToolError("your edits change no line of Python that runs")
    with bench.scratch.running() as touched:
        try:
            counts = count_lines(bounded(bench), bench.scratch.tree, lines)
        except WorkloadFailed as failure:
            raise failed(bench, failure) from None
    rows = [] if counts.is_whole else ["There was too much to count: the numbers are the least."]
    for path in lines:
        rows += _rows(path, FunctionMap.parse(after[path]), lines[path], counts)
    text = "\n".join([*rows, *what_was_put_back(touched)])
    return capped(text, MOST_CHARACTERS, "change less at once to see the rest")


def _rows(
    path: str, functions: FunctionMap, numbers: list[int], counts: LineCounts
) -> Iterator[str]:
    """Yield for each function how many of its changed lines ran, and each line with its count."""
    for name, own in _by_function(functions, numbers).items():
        ran = sum(counts.in_call[path, number] > 0 for number in own)
        yield f"{path}:{name}: {ran} of {len(own)} changed lines ran in the workload's call"
        for number in own:
            count, before = counts.in_call[path, number], counts.before[path, number]
            at_start = f", {before:,} at import or setup" if before else ""
            text = short(functions.text(number), 120)
            yield f"  {number:6d} {count:>10,} times{at_start} | {text}"


def _by_function(functions: FunctionMap, numbers: list[int]) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = {}
    for number in numbers:
        around = [each for each in functions.spans if each.first_line <= number <= each.last_line]
        found.setdefault(around[-1].qualname if around else MODULE, []).append(number)
    return found


REACH = Tool(
    name="reach",
    description=(
        "Count how often the workload runs the lines that you changed: is a path taken at all."
    ),
    arguments=NoArguments,
    run=_reach,
)
