"""Whether the workload runs at all what the edits changed."""

from __future__ import annotations

from collections.abc import Sequence

from ...profiles.functions import FunctionMap, FunctionSpan
from ...workloads.launch import WorkloadFailed
from ...workloads.reach import Reached, count_reached
from ..capped import fitting, short
from .bench import Bench
from .rough import bounded, check_edited, failed
from .snippet import what_was_put_back
from .tool import MOST_CHARACTERS, NoArguments, Tool


def _reach(bench: Bench, asked: NoArguments) -> str:
    del asked
    check_edited(bench)
    lines = bench.scratch.changed_lines()
    spans = {path: _spans(bench, path, lines[path]) for path in lines}
    # A deletion leaves no line of its own: the whole function tells whether it is run.
    wanted = {
        path: sorted({*lines[path], *(n for each in spans[path] for n in _numbers(each))})
        for path in lines
    }
    with bench.scratch.running() as touched:
        try:
            reached = count_reached(bounded(bench), bench.scratch.tree, wanted)
        except WorkloadFailed as failure:
            raise failed(bench, failure) from None
    rows = ["" if reached.is_all else "There was too much to count: the numbers are the least."]
    for path, numbers in lines.items():
        rows += _file_rows(bench, path, numbers, spans[path], reached)
    rows += what_was_put_back(touched)
    shown = fitting([row for row in rows if row], MOST_CHARACTERS)
    left = len([row for row in rows if row]) - len(shown)
    return "\n".join([*shown, *([f"… {left:,} more lines were changed"] if left else [])])


def _file_rows(
    bench: Bench,
    path: str,
    numbers: Sequence[int],
    spans: Sequence[FunctionSpan],
    reached: Reached,
) -> list[str]:
    functions = FunctionMap.read(bench.scratch.tree / path)
    rows = []
    for span in spans:
        times = reached.entries.get((path, span.first_line), 0)
        told = f"entered {times:,} times in a call" if times else "never entered in a call"
        rows.append(f"{path}:{span.qualname}: {told}")
    for number in numbers:
        text = functions.text(number)
        count = reached.lines.get((path, number), 0)
        before = reached.lines_before.get((path, number), 0)
        at_start = f", {before:,} times at import or setup" if before else ""
        if text:
            rows.append(f"  {number:6d} {count:>10,} times{at_start} | {short(text, 120)}")
    return rows


def _spans(bench: Bench, path: str, numbers: Sequence[int]) -> list[FunctionSpan]:
    """Return the innermost functions that the lines are in, each once."""
    found: dict[str, FunctionSpan] = {}
    functions = FunctionMap.read(bench.scratch.tree / path)
    for number in numbers:
        around = [each for each in functions.spans if each.first_line <= number <= each.last_line]
        if around:
            found[around[-1].qualname] = around[-1]
    return list(found.values())


def _numbers(span: FunctionSpan) -> range:
    return range(span.first_line, span.last_line + 1)


REACH = Tool(
    name="reach",
    description=(
        "Count how often the workload runs the lines that you changed: is a path taken at all."
    ),
    arguments=NoArguments,
    run=_reach,
)
