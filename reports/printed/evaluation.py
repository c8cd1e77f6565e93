"""What `perfagent eval report` prints: the official score, and beside it what can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...evals import gso, swefficiency, sweperf
from ...evals.aggregates import Aggregate
from ...evals.published import Scored
from .tables import console

if TYPE_CHECKING:
    from rich.table import Table

HEAVY = 0.5
"""Share of a score that ten instances may carry before the reader is told."""


def print_scores(
    scored: Sequence[Scored], *, k: int | None = None, opt_k: float | None = None
) -> None:
    """Print one table for the files, and what to know before trusting it.

    Args:
        scored: Files of one benchmark.
        k: Number of runs whose union was asked for; None when it was not.
        opt_k: Opt@K of these.
    """
    out = console()
    of_gso = [(each.name, each.score) for each in scored if isinstance(each.score, gso.Score)]
    others = [
        (each.name, each.score) for each in scored if isinstance(each.score, swefficiency.Score)
    ]
    if others:
        out.print(_swefficiency_table(others))
        out.print(_swefficiency_details(others))
        for line in _swefficiency_notes(others):
            out.print(line, markup=False, soft_wrap=True)
    if of_gso:
        out.print(_gso_table(of_gso))
    of_sweperf = [
        (each.name, each.score) for each in scored if isinstance(each.score, sweperf.Score)
    ]
    if of_sweperf:
        out.print(_sweperf_table(of_sweperf))
    if opt_k is not None:
        out.print(f"Opt@{k}: {opt_k:.2%} solved by one of the first {k} runs", markup=False)


def _swefficiency_table(found: Sequence[tuple[str, swefficiency.Score]]) -> Table:
    table = new_table("SWE-fficiency", "run", "instances", "SR", "95 % CI", "SR floored", "95 % CI")
    for heading in ("geometric", "median", "clipped", "speedup", "correct", "SR>=1", "no output"):
        table.add_column(heading, justify="right")
    for name, each in found:
        table.add_row(
            name,
            str(each.instances),
            *_with_interval(each.sr, 4),
            *_with_interval(each.sr_floored, 4),
            number_text(each.sr_geometric.value, 3),
            number_text(each.sr_median.value, 3),
            number_text(each.sr_clipped.value, 3),
            number_text(each.speedup.value, 3),
            percent_text(each.correct.value),
            percent_text(each.expert_or_better),
            str(each.no_output),
        )
    return table


def _swefficiency_details(found: Sequence[tuple[str, swefficiency.Score]]) -> Table:
    table = new_table("what it rests on", "run", "wrong", "right, slower", "right, below expert")
    headings = ("measured slower", "ten carry", "ten carry, floored", "SR without ten worst")
    for heading in (*headings, "SR floored, answered"):
        table.add_column(heading, justify="right")
    for name, each in found:
        table.add_row(
            name,
            percent_text(each.incorrect),
            percent_text(each.no_speedup),
            percent_text(each.below_expert),
            percent_text(each.slower),
            f"{each.top_ten:.0%}",
            f"{each.top_ten_floored:.0%}",
            number_text(each.without_ten_worst, 4),
            number_text(each.sr_answered.value, 4),
        )
    return table


def _swefficiency_notes(found: Sequence[tuple[str, swefficiency.Score]]) -> list[str]:
    anchors = {(each.noop, each.noop_floored) for _, each in found}
    lines = [
        f"a run that changes nothing has SR {number_text(noop, 5)}, "
        f"floored {number_text(floored, 4)}; the expert has 1"
        for noop, floored in sorted(anchors, key=str)
    ]
    heavy = [name for name, each in found if each.top_ten > HEAVY]
    if heavy:
        lines.append(
            f"ten instances carry more than half of the SR of {len(heavy)} of {len(found)} runs: "
            "it says little about the others"
        )
    silent = sum(each.no_output for _, each in found)
    if silent:
        lines.append(
            f"{silent} results have no correctness output (infrastructure, a timeout, or a patch "
            "that does not apply): the official score counts them as speedup 1, 'answered' "
            "leaves them out"
        )
    return lines


def _gso_table(found: Sequence[tuple[str, gso.Score]]) -> Table:
    table = new_table("GSO", "run", "solved", "Opt@1", "95 % CI", "without hacks", "passed")
    for heading in ("gain on base", "test failed", "completed", "below expert", "at expert"):
        table.add_column(heading, justify="right")
    for name, each in found:
        table.add_row(
            name,
            f"{each.counts['opt_commit']} of {each.instances}",
            f"{100 * (each.opt.value or 0):.2f}",
            interval_text(each.opt, 1, scale=100),
            "" if each.hack_controlled is None else f"{100 * each.hack_controlled:.2f}",
            *(str(each.counts[name]) for name in ("passed", "opt_base", "test_failed")),
            str(each.counts["completed"]),
            str(each.just_below_expert),
            str(each.at_expert),
        )
    return table


def _sweperf_table(found: Sequence[tuple[str, sweperf.Score]]) -> Table:
    table = new_table("SWE-Perf", "run", "instances", "apply", "correctness", "performance")
    for heading in ("expert on the same", "expert on all"):
        table.add_column(heading, justify="right")
    for name, each in found:
        shares = (each.apply, each.correctness, each.performance)
        table.add_row(
            name,
            str(each.instances),
            *map(percent_text, (*shares, each.expert_performance, each.expert_total_performance)),
        )
    return table


def new_table(title: str, first: str, *headings: str) -> Table:
    """Return an empty table whose columns after the first are numbers."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column(first, overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


def _with_interval(found: Aggregate, digits: int) -> tuple[str, str]:
    return number_text(found.value, digits), interval_text(found, digits)


def interval_text(found: Aggregate, digits: int, *, scale: float = 1.0) -> str:
    """Return the bounds of a number's interval, each times `scale`; "" where there is none."""
    if found.ci_low is None or found.ci_high is None:
        return ""
    return f"{scale * found.ci_low:.{digits}f}-{scale * found.ci_high:.{digits}f}"


def number_text(value: float | None, digits: int) -> str:
    """Return a number with so many digits after the point; "" for None."""
    return "" if value is None else f"{value:.{digits}f}"


def percent_text(share: float | None) -> str:
    """Return a share (0-1) in percent; "" for None."""
    return "" if share is None else f"{100 * share:.1f} %"
