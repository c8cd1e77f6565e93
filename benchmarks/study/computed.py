"""The parts of the study that start no process: simulated, and resampled from what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator

from . import resample, simulate
from .blocks import cheapest, noise_of_blocks
from .ours import PLAN, seed_of
from .parts import AA_COUNTS, PLANTED_GAINS, PLANTED_WORKLOADS, VERDICT_COUNTS, Setting
from .records import Record, say

_GROUPS, _GROUP = 10_000, 15
_POWER_RUNS = 5_000
_COVERAGE_RUNS = 10_000
_COVERAGE_PAIRS = (8, 12, 20, 30)
_LAYOUT_RUNS = 4_000
_ERROR_RUNS, _SIMULATED_RUNS = 10_000, 2_000


def simulated(setting: Setting) -> None:
    """Compute all simulations anew."""
    seed, often = setting.seed, setting.count(_ERROR_RUNS)
    runs = setting.count(_SIMULATED_RUNS)
    records: list[Record] = []
    steps = (
        ("pairs against Wald's test", simulate.against_wald(PLAN, runs, seed)),
        ("coverage", simulate.coverages(PLAN, often, seed)),
        (
            "error",
            simulate.protocols(PLAN, "error", (0.0, PLAN.min_effect), often, seed),
        ),
        ("power", simulate.protocols(PLAN, "power", simulate.GAINS, runs, seed)),
    )
    for name, found in steps:
        say(f"simulated: {name}")
        records += found
    setting.store.replace("simulated", records)


def resampled(setting: Setting) -> None:
    """Compute anew what the measured noise gives in thousands of runs."""
    setting.store.replace("resampled", list(_resampled(setting)))


def _resampled(setting: Setting) -> Iterator[Record]:
    for condition, counts in AA_COUNTS.items():
        for name in counts:
            pool = _pool(setting, name, condition)
            if pool is None:
                continue
            say(f"resampled: identical code, {condition}, {name}")
            groups = setting.count(_GROUPS)
            seed = seed_of(setting.seed, "best", condition, name)
            found = resample.best_of(pool, PLAN, groups=groups, size=_GROUP, seed=seed)
            yield {"what": "best", "condition": condition, "workload": name} | found
    for name in PLANTED_WORKLOADS:
        pool = _pool(setting, name, "quiet", planted=True)
        if pool is None:
            continue
        say(f"resampled: planted gains, {name}")
        for gain in PLANTED_GAINS:
            runs, seed = setting.count(_POWER_RUNS), seed_of(setting.seed, "power", name, gain)
            found = resample.power(pool, PLAN, gain, runs=runs, seed=seed)
            yield {"what": "power", "workload": name} | found
        for pairs in _COVERAGE_PAIRS:
            runs, seed = setting.count(_COVERAGE_RUNS), seed_of(setting.seed, "cover", name, pairs)
            found = resample.coverage(pool, PLAN, pairs, runs=runs, seed=seed)
            yield {"what": "coverage", "workload": name} | found
    yield from _layouts(setting)


def _pool(
    setting: Setting, workload: str, condition: str, *, planted: bool = False
) -> resample.Pool | None:
    """Return the noise measured on a workload; None when nothing was."""
    sequences = []
    for record in setting.store.read("aa"):
        if (record["workload"], record["condition"]) == (workload, condition):
            sequences += _noises(record, 1.0)
    for record in setting.store.read("planted") if planted else ():
        if record["workload"] == workload:
            sequences += _noises(record, record["truth"])
    return resample.Pool(sequences) if any(sequences) else None


def _noises(record: Record, truth: float) -> list[list[float]]:
    measured = [record["gate"], record["confirmation"]]
    return [[ratio - math.log(truth) for ratio in each["log_ratios"]] for each in measured if each]


def _layouts(setting: Setting) -> Iterator[Record]:
    records = setting.store.read("verdict-time")
    for name in VERDICT_COUNTS:
        blocks = [each for each in records if (each["what"], each["workload"]) == ("block", name)]
        if len(blocks) < 2:
            continue
        blocks.sort(key=lambda each: each["rep"])
        say(f"resampled: repeats that SWE-fficiency's rule needs, {name}")
        noise = noise_of_blocks([each["samples"] for each in blocks])
        sample_s = sum(each["sample_s"] for each in blocks) / len(blocks)
        start_s = sum(each["start_s"] for each in blocks) / len(blocks)
        needed = cheapest(
            noise,
            sample_s=sample_s,
            start_s=start_s,
            plan=PLAN,
            runs=setting.count(_LAYOUT_RUNS),
            seed=seed_of(setting.seed, "layouts", name),
        )
        yield {
            "what": "layout",
            "workload": name,
            "measured_blocks": len(blocks),
            "block_sd": noise.block_sd,
            "sample_sd": noise.sample_sd,
            "sample_s": sample_s,
            "start_s": start_s,
            "needed": None if needed is None else vars(needed),
        }
