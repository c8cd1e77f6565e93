"""Running the workload on the scratch tree: is the answer the same, and is it faster, roughly."""

from __future__ import annotations

import math

from pydantic import Field

from ...errors import ToolError
from ...workloads.answers.capture import capture_answer
from ...workloads.launch import WorkloadFailed
from ...workloads.target import Target
from ...workloads.timing.compare import compare
from ...workloads.timing.comparison import Comparison
from ...workloads.timing.decision import ComparisonPlan
from ...workloads.timing.interval import FEWEST, factor
from .bench import Bench
from .snippet import what_was_put_back
from .tool import Arguments, Tool

_MOST_PAIRS = 15
_LONGEST_S = 120.0
_SHORTEST_LIMIT_S = 20.0
_TIMES_AS_LONG = 10.0
"""A launch may take so many times what a call of the base takes before it is ended."""
_SHOWN_DOUBTS = 4


class RunWorkload(Arguments):
    """Arguments of `run_workload`."""

    pairs: int = Field(
        default=FEWEST,
        ge=FEWEST,
        le=_MOST_PAIRS,
        description="Pairs of launches; more are surer.",
    )


def bounded(bench: Bench) -> Target:
    """Return the target with launches ended soon after the base's would have."""
    return bench.target.within(
        max(_SHORTEST_LIMIT_S, _TIMES_AS_LONG * (bench.baseline_s or math.inf))
    )


def check_edited(bench: Bench) -> None:
    """Refuse to run what was not changed.

    Raises:
        ToolError: There is no edit.
    """
    if not bench.scratch.sources():
        raise ToolError("the scratch tree is the best version itself; make an edit first")


def failed(bench: Bench, failure: WorkloadFailed) -> ToolError:
    """Return a failure of the workload on the scratch tree as an answer."""
    text = str(failure).replace(str(bench.scratch.tree), "<tree>")
    return ToolError(f"the workload fails with your edits: {text}")


def _run_workload(bench: Bench, asked: RunWorkload) -> str:
    check_edited(bench)
    with bench.scratch.running() as touched:
        try:
            text = _answer_then_time(bench, asked.pairs)
        except WorkloadFailed as failure:
            raise failed(bench, failure) from None
    return "\n".join([text, *what_was_put_back(touched)])


def _answer_then_time(bench: Bench, pairs: int) -> str:
    target, tree = bounded(bench), bench.scratch.tree
    answer = capture_answer(target, tree, outputs=tuple(bench.outputs))
    difference = bench.difference(answer)
    if difference is not None:
        return (
            f"The answer differs: {difference}.\nIt was not timed, because a version with "
            "another answer is refused, however fast. Mend it, or undo."
        )
    plan = ComparisonPlan(max_pairs=pairs, fixed=True, max_wall_s=_LONGEST_S)
    calibration = bench.calibration()
    with bench.timing():
        trial = compare(
            target, bench.best, tree, plan=plan, seed=bench.seed, calibration=calibration
        )
    return "\n".join(["The answer is the same.", *_lines(trial.comparison)])


def _lines(compared: Comparison) -> list[str]:
    lines = [rough(compared)]
    if compared.warm_only or (compared.decision == "not_faster" and (compared.ci_low or 0) > 1):
        lines.append(f"The gate would refuse it: {compared.reason}")
    lines += [f"Doubt: {doubt}" for doubt in compared.doubts[:_SHOWN_DOUBTS]]
    return lines


def rough(compared: Comparison) -> str:
    """Return a comparison in one line that promises no more than few pairs can tell."""
    if not compared.pairs:
        return f"Not timed: one pair of launches takes longer than {_LONGEST_S:.0f} s."
    pairs = f"{compared.pairs} {'pair' if compared.pairs == 1 else 'pairs'}"
    before, after = compared.baseline, compared.candidate
    what = f"{before.median:.4g} {before.unit} before, {after.median:.4g} {after.unit} with it"
    low, high = compared.ci_low, compared.ci_high
    if compared.speedup is None or low is None or high is None:
        logs = [math.log(one / two) for one, two in zip(before.values, after.values, strict=True)]
        middle = factor(sum(logs) / len(logs))
        return f"Very rough: {middle:.2f}x, {pairs}, too few for an interval ({what})."
    told = "faster" if low > 1 else "slower" if high < 1 else "no difference can be told"
    return f"Rough: {compared.speedup:.2f}x ({low:.2f}-{high:.2f}), {pairs}: {told} ({what})."


RUN_WORKLOAD = Tool(
    name="run_workload",
    description=(
        "Run the workload with your edits: whether its answer is the same, and if so a rough "
        "speedup over the best version."
    ),
    arguments=RunWorkload,
    run=_run_workload,
)
