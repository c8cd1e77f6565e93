"""The report's sections on other rules and on the seconds that a verdict takes."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from .blocks import BLOCKS, REPEATS, Needed
from .parts import RIVAL_COUNTS, VERDICT_COUNTS, VERDICT_GAINS
from .rates import rate
from .records import Record
from .rules import MINIMUM_MARGIN, SWEFFICIENCY_MARGIN
from .tables import table

_HALF = 0.5
_RULES = (
    ("swefficiency", "accepted", "SWE-fficiency: means of 10 before, 10 after; ratio above 1"),
    (
        "swefficiency",
        "accepted_by_margin",
        f"the same samples; ratio above {SWEFFICIENCY_MARGIN}",
    ),
    ("sweperf", "accepted", "SWE-Perf: 20 launches before, 20 after; Mann-Whitney, p < 0.1"),
    ("minima", "accepted", f"minima of 20 repeats in a process; ratio from {MINIMUM_MARGIN} on"),
    ("pyperf", "accepted", "pyperf `compare_to`, runs with `--fast`"),
    ("ours", "accepted", "perfagent: comparison and confirmation"),
)


def rivals_section(records: Sequence[Record]) -> str:
    """Return the section that holds the rules side by side."""
    text = (
        "## 3. Side by side with other rules\n\nThe same candidates in the same run, all rules in "
        "an order of chance in each repetition, all on the same core. Seconds are of all verdicts "
        "of the row's workload. Installing, and pytest's own start for SWE-Perf, are left out.\n\n"
    )
    if not records:
        return text + "Not measured yet.\n"
    rows = []
    for workload in dict.fromkeys(each["workload"] for each in records):
        of_workload = [each for each in records if each["workload"] == workload]
        for name, flag, words in _RULES:
            row = _rule_row(of_workload, name, flag)
            if row is not None:
                rows.append([workload, words, *row])
    header = ["workload", "rule", "false accepts", "power at 5 %", "power at 10 %"]
    return text + table([*header, "mean s a verdict"], rows)


def _rule_row(records: Sequence[Record], name: str, flag: str) -> list[str] | None:
    having = [each for each in records if name in each["answers"]]
    if not having:
        return None
    cells = []
    for gain in RIVAL_COUNTS:
        answers = [each["answers"][name] for each in having if each["gain"] == gain]
        cells.append(rate(sum(bool(answer[flag]) for answer in answers), len(answers)))
    seconds = statistics.fmean(each["answers"][name]["seconds"] for each in having)
    return [*cells, f"{seconds:.1f}"]


def verdict_time_section(records: Sequence[Record], resampled: Sequence[Record]) -> str:
    """Return the section on seconds to a verdict against SWE-fficiency at the same error rate."""
    text = (
        "## 4. Time to a verdict\n\nBar: ours at most half of theirs. Theirs is SWE-fficiency's "
        "procedure with our error rates for our question: a threshold, and repeats and blocks (10 "
        "and one pair of blocks at least), at which it accepts a gain of 2 % in 1 % and one of 5 % "
        "in 95 %, by resampling forked blocks measured between our verdicts.\n\n"
    )
    layouts = {each["workload"]: each for each in resampled if each["what"] == "layout"}
    text += "".join(_layout_words(name, each) for name, each in layouts.items())
    rows = [_time_row(*cell) for cell in _cells(records, resampled)]
    if not rows:
        return text + "Not measured yet.\n"
    header = ["workload", "patch", "ours said", "pairs", "ours, gate alone, s"]
    header += ["ours, with confirmation, s", "theirs, s", "gate / theirs", "all / theirs"]
    text += "\n" + table(header, rows)
    ratios = time_ratios(records, resampled)
    for place, words in enumerate(("The gate alone", "With its confirmation ours")):
        late = [
            f"{name} ({both[place]:.2f})" for name, both in ratios.items() if both[place] > _HALF
        ]
        if late:
            text += f"\n{words} takes more than half at: {', '.join(late)}.\n"
    return text


def time_ratios(
    records: Sequence[Record], resampled: Sequence[Record]
) -> dict[str, tuple[float, float]]:
    """Return our seconds over theirs by patch and workload: of the gate alone, and of all."""
    found = {}
    for workload, gain, ours, theirs in _cells(records, resampled):
        if theirs is not None:
            gate, both = _our_seconds(ours)
            found[f"{1 + gain:g}x at {workload}"] = (gate / theirs, both / theirs)
    return found


def _cells(
    records: Sequence[Record], resampled: Sequence[Record]
) -> Iterator[tuple[str, float, list[Record], float | None]]:
    """Yield workload, gain, our verdicts, and their seconds where a layout of theirs does it."""
    layouts = {each["workload"]: each for each in resampled if each["what"] == "layout"}
    for workload, gain in itertools.product(VERDICT_COUNTS, VERDICT_GAINS):
        wanted = ("ours", workload, gain)
        ours = [
            each for each in records if (each["what"], each["workload"], each.get("gain")) == wanted
        ]
        layout = layouts.get(workload)
        needed = _needed(layout)
        theirs = None
        if layout is not None and needed is not None:
            theirs = needed.seconds(layout["sample_s"], layout["start_s"], gain)
        if ours:
            yield workload, gain, ours, theirs


def _our_seconds(ours: Sequence[Record]) -> tuple[float, float]:
    gate = statistics.fmean(each["gate"]["seconds"] for each in ours)
    again = [(each["confirmation"] or {"seconds": 0.0})["seconds"] for each in ours]
    return gate, gate + statistics.fmean(again)


def _needed(layout: Record | None) -> Needed | None:
    return Needed(**layout["needed"]) if layout and layout["needed"] else None


def _layout_words(workload: str, layout: Record) -> str:
    needed = _needed(layout)
    noise = (
        f"samples scatter by {layout['sample_sd']:.1%} within a block, blocks by "
        f"{layout['block_sd']:.1%} ({layout['measured_blocks']} blocks measured)"
    )
    if needed is None:
        return (
            f"- {workload}: {noise}; no layout up to {max(REPEATS)} repeats and {max(BLOCKS)} "
            "blocks reaches that.\n"
        )
    return (
        f"- {workload}: {noise}; it needs {needed.repeats} repeats and {needed.blocks} pairs of "
        f"blocks and the threshold {needed.threshold:.3f} (power {needed.power:.1%}), "
        f"{layout['sample_s']:.3f} s a sample, {layout['start_s']:.2f} s to start a block.\n"
    )


def _time_row(
    workload: str, gain: float, ours: Sequence[Record], theirs: float | None
) -> list[str]:
    gate, both = _our_seconds(ours)
    said = Counter(each["gate"]["decision"].replace("_", " ") for each in ours)
    return [
        workload,
        f"{1 + gain:g}x",
        ", ".join(f"{word} {count}" for word, count in said.items()),
        f"{statistics.fmean(each['gate']['pairs'] for each in ours):.1f}",
        f"{gate:.1f}",
        f"{both:.1f}",
        *(
            ("none", "none", "none")
            if theirs is None
            else (f"{theirs:.1f}", f"{gate / theirs:.2f}", f"{both / theirs:.2f}")
        ),
    ]
