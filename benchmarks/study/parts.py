"""The measured parts of the study, repetition by repetition."""

from __future__ import annotations

import contextlib
import math
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perfagent.workloads.timing.calibration import Calibration

from . import rivals
from .cases import Case
from .load import coming_and_going
from .ours import Verdict, calibrated, seed_of, verdict
from .records import Cell, Clock, Record, Store, say, schedule

AA_COUNTS = {
    "quiet": {"5us": 45, "1ms": 45, "50ms": 45, "1s": 25},
    # Beside a load a comparison of a second's workload takes minutes.
    "load": {"5us": 45, "1ms": 45, "50ms": 45, "1s": 5},
}
PLANTED_GAINS = (0.03, 0.05, 0.10, 0.50)
PLANTED_COUNT = 25
PLANTED_WORKLOADS = ("1ms", "50ms")
RIVAL_COUNTS = {0.0: 20, 0.05: 10, 0.10: 10}
PYPERF_EVERY = 2
"""pyperf takes longer than all others together: it has every second repetition only."""
VERDICT_GAINS = (1.0, 0.1, 0.0)
VERDICT_COUNTS = {"50ms": 10, "1s": 5}
BLOCK_COUNTS = {"50ms": 24, "1s": 12}
BLOCK_SAMPLES = rivals.SWEFFICIENCY_SAMPLES


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all parts need.

    Attributes:
        cases: The workloads.
        store: Where records go.
        scale: Every default number of repetitions is multiplied by it.
        seed: Decides all seeds of the repetitions.
        calibrations: How each workload is timed, found out when it is first needed.
    """

    cases: Mapping[str, Case]
    store: Store
    scale: float
    seed: int
    calibrations: dict[tuple[str, str], Calibration] = field(default_factory=dict)

    def count(self, full: int) -> int:
        """Return a number of repetitions, scaled."""
        return max(1, math.ceil(full * self.scale))

    def calibration(self, workload: str, condition: str = "quiet") -> Calibration:
        """Return how a workload is timed, as a run finds out once, under its own conditions."""
        key = (workload, condition)
        if key not in self.calibrations:
            self.calibrations[key], seconds = calibrated(self.cases[workload])
            what = {"workload": workload, "condition": condition, "seconds": round(seconds, 3)}
            found = self.calibrations[key]
            self.store.append(
                "calibrations",
                what
                | {"regime": found.regime, "loops": found.loops, "launch_s": found.launch_s}
                | {"cold_s": found.cold_s, "warm_s": found.warm_s},
            )
        return self.calibrations[key]

    def verdict(self, key: Mapping[str, Any], rep: int, part: str, **more: Any) -> Verdict:
        """Measure one candidate; `key` says which."""
        condition = key.get("condition", "quiet")
        return verdict(
            self.cases[key["workload"]],
            self.calibration(key["workload"], condition),
            gain=key.get("gain", 0.0),
            seed=seed_of(self.seed, part, *sorted(key.items()), rep),
            **more,
        )


def _cell(count: int, **key: Any) -> Cell:
    return Cell(key=tuple(key.items()), count=count)


def identical(setting: Setting, condition: str, clock: Clock) -> None:
    """Compare identical code, quiet or beside a load; confirm what is accepted."""
    cells = [
        _cell(setting.count(full), condition=condition, workload=name)
        for name, full in AA_COUNTS[condition].items()
    ]
    load = coming_and_going(setting.seed) if condition == "load" else contextlib.nullcontext()
    with load:
        for key, rep in _left("aa", setting, cells, clock):
            found = setting.verdict(key, rep, "aa", copy=rep)
            setting.store.append("aa", key | {"rep": rep} | found.record())
            _tell("aa", key, rep, found)


def planted(setting: Setting, clock: Clock) -> None:
    """Compare planted gains and confirm each, whatever the gate says."""
    cells = [
        _cell(setting.count(PLANTED_COUNT), workload=name, gain=gain)
        for name in PLANTED_WORKLOADS
        for gain in PLANTED_GAINS
    ]
    for key, rep in _left("planted", setting, cells, clock):
        found = setting.verdict(key, rep, "planted", confirm_always=True)
        truth = setting.cases[key["workload"]].truth(key["gain"])
        record = key | {"rep": rep, "truth": round(truth, 6)} | found.record()
        setting.store.append("planted", record)
        _tell("planted", key, rep, found)


def side_by_side(setting: Setting, clock: Clock) -> None:
    """Let every procedure judge the same candidates, in an order of chance in each repetition."""
    if "pyperf" not in rivals.procedures():
        say("rivals: pyperf is not installed (the extra `study`); it is left out")
    cells = [
        _cell(setting.count(count), workload=name, gain=gain)
        for name in PLANTED_WORKLOADS
        for gain, count in RIVAL_COUNTS.items()
    ]
    for key, rep in _left("rivals", setting, cells, clock):
        case = setting.cases[key["workload"]]
        setting.calibration(key["workload"])
        names = [*rivals.procedures(), "ours"]
        if rep % PYPERF_EVERY and "pyperf" in names:
            names.remove("pyperf")
        random.Random(seed_of(setting.seed, "order", *sorted(key.items()), rep)).shuffle(names)
        answers: dict[str, Any] = {}
        for name in names:
            if name == "ours":
                found = setting.verdict(key, rep, "rivals")
                answers[name] = {"seconds": round(found.seconds, 3)} | found.record()
            else:
                tree = case.candidate(key["gain"])
                answers[name] = rivals.timed(name, case, case.base, tree)
        setting.store.append("rivals", key | {"rep": rep, "answers": answers})
        yes = ", ".join(name for name in sorted(answers) if answers[name]["accepted"])
        say(f"rivals {_words(key)} #{rep}: accepted by {yes or 'none'}")


def verdict_time(setting: Setting, clock: Clock) -> None:
    """Time our verdicts, and measure forked blocks of the base between them."""
    cells = [
        _cell(setting.count(count), workload=name, what="ours", gain=gain)
        for name, count in VERDICT_COUNTS.items()
        for gain in VERDICT_GAINS
    ]
    # Block effects cannot be told from fewer than four blocks.
    cells += [
        _cell(max(4, setting.count(count)), workload=name, what="block")
        for name, count in BLOCK_COUNTS.items()
    ]
    for key, rep in _left("verdict-time", setting, cells, clock):
        if key["what"] == "ours":
            found = setting.verdict(key, rep, "verdict-time")
            setting.store.append("verdict-time", key | {"rep": rep} | found.record())
            _tell("verdict-time", key, rep, found)
            continue
        setting.store.append("verdict-time", key | {"rep": rep} | _block(setting, key))
        say(f"verdict-time {_words(key)} #{rep}")


def _block(setting: Setting, key: Mapping[str, Any]) -> Record:
    """Measure one block as SWE-fficiency does, apart from what only starting it takes."""
    case = setting.cases[key["workload"]]
    started = time.monotonic()
    samples = rivals.samples(case, case.base, "block", BLOCK_SAMPLES)
    whole = time.monotonic()
    rivals.samples(case, case.base, "block", 0)
    start_s = time.monotonic() - whole
    return {
        "samples": [round(sample, 7) for sample in samples],
        "start_s": round(start_s, 4),
        "sample_s": round((whole - started - start_s) / len(samples), 5),
    }


def _left(
    part: str, setting: Setting, cells: Sequence[Cell], clock: Clock
) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield what is still to be measured, for as long as the budget lasts."""
    todo = schedule(cells, setting.store.read(part))
    say(f"{part}: {len(todo)} repetitions to go, {clock.budget_s:.0f} s at most")
    for place, each in enumerate(todo):
        if clock.is_up():
            say(f"{part}: time is up, {len(todo) - place} repetitions are left for another run")
            return
        yield each


def _words(key: Mapping[str, Any]) -> str:
    return " ".join(f"{value:.0%}" if name == "gain" else str(value) for name, value in key.items())


def _tell(part: str, key: Mapping[str, Any], rep: int, found: Verdict) -> None:
    gate = found.gate
    speedup = "" if gate["speedup"] is None else f" {gate['speedup']:.3f}"
    confirmed = found.confirmation
    end = f", then {confirmed['decision']} on {confirmed['pairs']} pairs" if confirmed else ""
    busy = statistics.fmean(gate["disturbed"] or [0.0])
    say(
        f"{part} {_words(key)} #{rep}: {gate['decision']}{speedup} on {gate['pairs']} pairs"
        f"{end}, {found.seconds:.1f} s, {busy:.1%} disturbed"
    )
