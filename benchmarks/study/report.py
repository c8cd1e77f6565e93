"""Writes measurement.md from the study's records alone."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from perfagent.workloads.timing.interval import FEWEST

from .ours import PLAN
from .rates import rate
from .records import Record, Store
from .report_summary import summary
from .report_times import rivals_section, verdict_time_section
from .tables import share, table

_GROUP = 15
_MISSING = "Not measured yet.\n"


def write_report(store: Store) -> str:
    """Return the report of all that was measured and computed so far."""
    resampled = store.read("resampled")
    sections = [
        _head(store),
        summary(store),
        _identical(store.read("aa"), resampled),
        _planted(store.read("planted"), resampled),
        rivals_section(store.read("rivals")),
        verdict_time_section(store.read("verdict-time"), resampled),
        _simulated(store.read("simulated")),
    ]
    return "\n".join(sections)


def _head(store: Store) -> str:
    known = json.loads((store.folder / "machine.json").read_text())
    sessions = store.read("sessions")
    commands = dict.fromkeys(each["command"] for each in sessions)
    scales = {each["scale"] for each in sessions}
    machine = known["machine"]
    lines = [
        "# What the measuring engine does: figures",
        "",
        "Written by `make study` from the records in `benchmarks/data/`; nothing here is typed in.",
        "Every rate has its counts and its exact 95 % interval (Clopper-Pearson). Seconds are of",
        "this machine; read them as ratios. A run's one calibration is in no verdict's seconds.",
        "",
        f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['system']}; timed"
        f" on core {known['timing_cores'] or 'any'}, everything else of ours runs anywhere",
        f"- Python {known['python']}",
        f"- Measured {sessions[0]['at']} to {sessions[-1]['at']} (start of the last session)",
        *(f"- Command: `{command}`" for command in commands),
        f"- Plan: gains above {PLAN.min_effect:.0%}, error {PLAN.error:.0%}, miss {PLAN.miss:.0%},"
        f" {PLAN.max_pairs} pairs at most; winners are confirmed on fresh samples",
        "",
    ]
    if scales != {1.0}:
        lines += [f"Not at full size: scale {', '.join(map(str, sorted(scales)))}.", ""]
    calibrations = {
        (each["workload"], each["condition"]): each for each in store.read("calibrations")
    }
    rows = [
        [
            name,
            condition,
            str(known["steps"][name]),
            each["regime"],
            str(each["loops"] or 1),
            f"{each['launch_s']:.3f}",
            f"{each['seconds']:.2f}",
        ]
        for (name, condition), each in calibrations.items()
    ]
    header = ["workload", "condition", "steps", "regime", "calls", "s a launch", "s to calibrate"]
    return "\n".join(lines) + "\n" + table(header, rows)


def _identical(records: Sequence[Record], resampled: Sequence[Record]) -> str:
    text = (
        "## 1. Identical code\n\nBar: false accepts and best of 15 at most 1 %. `gate` is the "
        "sequential comparison alone; `confirmed` is what a run would report. The noise is the "
        "standard deviation of a pair's log ratio, from its quartiles.\n\n"
    )
    if not records:
        return text + _MISSING
    rows = [
        _identical_row(condition, name, found)
        for (condition, name), found in _grouped(records, "condition", "workload")
    ]
    for condition in ("quiet", "load"):
        found = [each for each in records if each["condition"] == condition]
        if found:
            rows.append(_identical_row(condition, "all", found))
    rows.append(_identical_row("both", "all", records))
    header = ["condition", "workload", "gate accepts", "confirmed", "inconclusive"]
    header += [
        "best of 15, confirmed",
        "noise of a pair",
        "mean pairs",
        "mean s",
        "pairs disturbed",
        "repeated",
    ]
    text += table(header, rows)
    best = [each for each in resampled if each["what"] == "best"]
    if best:
        text += (
            "\nResampled from the measured log ratios of these comparisons, five consecutive pairs "
            "at a time:\n\n"
        )
        rows = [
            [
                each["condition"],
                each["workload"],
                str(each["pairs_in_pool"]),
                rate(each["gate_accepts"], each["candidates"]),
                rate(each["confirmed"], each["candidates"]),
                rate(each["groups_with_one"], each["groups"]),
            ]
            for each in best
        ]
        header = ["condition", "workload", "pairs", "gate accepts", "confirmed", "best of 15"]
        text += table(header, rows)
    return text


def _identical_row(condition: str, name: str, records: Sequence[Record]) -> list[str]:
    gates = [each["gate"] for each in records]
    disturbed = [pair for gate in gates for pair in gate["disturbed"]]
    groups = best_of_groups(records)
    return [
        condition,
        name,
        rate(_count(gate["decision"] == "faster" for gate in gates), len(gates)),
        rate(_count(each["accepted"] for each in records), len(records)),
        str(_count(gate["decision"] == "inconclusive" for gate in gates)),
        rate(_count(groups), len(groups)),
        f"{_noise(gates):.2%}",
        f"{statistics.fmean(gate['pairs'] for gate in gates):.1f}",
        f"{statistics.fmean(_seconds(each) for each in records):.1f}",
        share(_count(pair > PLAN.min_effect for pair in disturbed), len(disturbed)),
        str(sum(gate["repeated"] for gate in gates)),
    ]


def _noise(gates: Sequence[Record]) -> float:
    """Return the standard deviation of a pair's log ratio, from the quartiles: spikes take no part.

    For normal values the quartiles are 1.349 standard deviations apart.
    """
    ratios = [ratio for gate in gates for ratio in gate["log_ratios"]]
    first, _, third = statistics.quantiles(ratios, n=4)
    return (third - first) / 1.349


def best_of_groups(records: Sequence[Record]) -> list[bool]:
    """Return for each whole group of 15 candidates of one base whether one of them got through."""
    found = []
    for _, cell in _grouped(records, "condition", "workload"):
        ordered = sorted(cell, key=lambda each: each["rep"])
        for start in range(0, len(ordered) - _GROUP + 1, _GROUP):
            found.append(any(each["accepted"] for each in ordered[start : start + _GROUP]))
    return found


def _planted(records: Sequence[Record], resampled: Sequence[Record]) -> str:
    text = (
        "## 2. Planted gains\n\nBar: accepted in at least 90 % at 5 % and 99 % from 10 % on; the "
        "interval covers the truth in 93 to 97 %; the mean reported gain of winners within 2 % of "
        "it. Every candidate was confirmed, also where the gate had refused, for the interval's "
        "sake; `accepted` asks for both.\n\n"
    )
    if not records:
        return text + _MISSING
    rows = [
        _planted_row(name, gain, found)
        for (name, gain), found in _grouped(records, "workload", "gain")
    ]
    rows.append(_planted_row("all", None, records))
    header = ["workload", "gain", "gate accepts", "accepted", "interval covers"]
    header += ["mean reported / true gain", "mean pairs", "mean pairs confirming", "mean s"]
    text += table(header, rows)
    refused = [each for each in records if each["gate"]["decision"] != "faster"]
    text += f"\nThe gate refused {len(refused)} of these {len(records)}; their intervals count.\n"
    return text + _planted_resampled(resampled)


def _planted_row(name: str, gain: float | None, records: Sequence[Record]) -> list[str]:
    winners = [each for each in records if each["accepted"]]
    intervals = [each for each in records if each["confirmation"]["ci_low"] is not None]
    covered = [
        each["confirmation"]["ci_low"] <= each["truth"] <= each["confirmation"]["ci_high"]
        for each in intervals
    ]
    ratio = "none"
    if winners and gain is not None:
        reported = statistics.fmean(each["confirmation"]["speedup"] - 1 for each in winners)
        ratio = f"{reported / (winners[0]['truth'] - 1):.3f}"
    return [
        name,
        "all" if gain is None else f"{gain:.0%}",
        rate(_count(each["gate"]["decision"] == "faster" for each in records), len(records)),
        rate(len(winners), len(records)),
        rate(_count(covered), len(covered)),
        "" if gain is None else ratio,
        f"{statistics.fmean(each['gate']['pairs'] for each in records):.1f}",
        f"{statistics.fmean(each['confirmation']['pairs'] for each in records):.1f}",
        f"{statistics.fmean(_seconds(each) for each in records):.1f}",
    ]


def _planted_resampled(resampled: Sequence[Record]) -> str:
    text = ""
    powers = [each for each in resampled if each["what"] == "power"]
    if powers:
        text += (
            "\nResampled from the noise of these and of identical code; confirmed only after the "
            "gate has accepted, so coverage here is that of what is reported:\n\n"
        )
        rows = [
            [
                each["workload"],
                f"{each['gain']:.0%}",
                rate(each["gate_accepts"], each["runs"]),
                rate(each["confirmed"], each["runs"]),
                rate(each["covered"], each["confirmations"]),
                "none"
                if each["mean_reported_gain"] is None
                else f"{each['mean_reported_gain'] / each['gain']:.3f}",
                f"{each['mean_pairs']:.1f}",
            ]
            for each in powers
        ]
        header = ["workload", "gain", "gate accepts", "accepted", "interval covers"]
        text += table([*header, "mean reported / true gain", "mean pairs"], rows)
    covers = [each for each in resampled if each["what"] == "coverage"]
    if covers:
        text += "\nThe interval of a fixed number of pairs, on the same noise:\n\n"
        rows = [
            [each["workload"], str(each["pairs"]), rate(each["covered"], each["runs"])]
            for each in covers
        ]
        text += table(["workload", "pairs", "interval covers"], rows)
    return text


def _simulated(records: Sequence[Record]) -> str:
    text = (
        "## 5. Simulated\n\nNo processes: the real `decide()` on drawn log ratios. `size` is the "
        "standard deviation of one pair. Skewed: lognormal times. Spiky: one launch in ten takes "
        "ten sizes longer on average. Drifting: a random walk of half a size from launch to "
        "launch, which is partly common to a pair.\n\n"
    )
    if not records:
        return text + _MISSING
    by = {what: [each for each in records if each["what"] == what] for what in _WHATS}
    rows = [
        [
            f"{each['size']:.1%}",
            f"{each['sought']:.1%}",
            each["truth"],
            f"{each['ours']:.2f}",
            f"{each['wald']:.2f}",
            f"{each['formula']:.2f}",
            f"{each['ours'] / each['wald']:.2f}",
        ]
        for each in by["wald"]
    ]
    text += (
        "### Pairs against Wald's test\n\nWald's test knows the size of the noise and may stop "
        f"after one pair; ours has to learn it and never stops before {FEWEST}.\n\n"
    )
    header = ["size", "gain sought", "truth", "ours", "Wald", "his formula", "ours / Wald"]
    text += table(header, rows) + "\n### Error and power\n\n"
    rows = [
        [
            each["kind"],
            f"{each['size']:.1%}",
            f"{each['gain']:.0%}",
            rate(each["gate_accepts"], each["runs"]),
            rate(each["confirmed"], each["runs"]),
            f"{each['mean_pairs']:.1f}",
        ]
        for each in by["error"] + by["power"]
    ]
    header = ["noise", "size", "true gain", "gate accepts", "confirmed", "mean pairs"]
    text += table(header, rows) + "\n### Coverage of the interval of a fixed number of pairs\n\n"
    rows = [
        [each["kind"], str(each["pairs"]), rate(each["covered"], each["runs"])]
        for each in by["coverage"]
    ]
    return text + table(["noise", "pairs", "interval covers"], rows)


_WHATS = ("wald", "error", "power", "coverage")


def _seconds(record: Record) -> float:
    return record["gate"]["seconds"] + (record["confirmation"] or {"seconds": 0.0})["seconds"]


def _grouped(records: Sequence[Record], *names: str) -> list[tuple[tuple[Any, ...], list[Record]]]:
    cells: dict[tuple[Any, ...], list[Record]] = {}
    for each in records:
        cells.setdefault(tuple(each[name] for name in names), []).append(each)
    return sorted(cells.items(), key=lambda cell: tuple(map(_place, cell[0])))


def _place(value: object) -> tuple[float, str]:
    order = ("quiet", "load", "5us", "1ms", "50ms", "1s")
    if isinstance(value, str) and value in order:
        return order.index(value), ""
    return (value, "") if isinstance(value, float | int) else (99.0, str(value))


def _count(flags: Iterable[bool]) -> int:
    return sum(map(bool, flags))
