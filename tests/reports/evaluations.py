"""Makes evaluations as `eval run` leaves them: any number of instances, every outcome."""

from __future__ import annotations

import math
import random
from pathlib import Path

from perfagent.evals.batch.records import keep, open_records
from perfagent.evals.dataset.instance import Instance
from perfagent.evals.running.outcome import Estimate, InstanceResult, Outcome, PartTimes

OUTCOMES: tuple[tuple[Outcome, int], ...] = (
    ("faster", 50), ("no_gain", 12), ("inconclusive", 10), ("slower", 4), ("wrong_tests", 9),
    ("wrong_answer", 4), ("fails", 3), ("timeout", 1), ("build", 1), ("apply", 2), ("empty", 2),
    ("base_broken", 1), ("infrastructure", 1),
)  # fmt: skip
REPOSITORIES = ("numpy/numpy", "pandas-dev/pandas", "scikit-learn/scikit-learn", "sympy/sympy",
                "dask/dask", "matplotlib/matplotlib", "scipy/scipy")  # fmt: skip
WORDS = ("frame", "index", "block", "values", "dtype", "result", "cache", "axis", "labels", "mask",
         "other", "level", "take", "engine", "array", "shape", "stride", "chunk")  # fmt: skip


def make_patch(chance: random.Random, lines: int) -> str:
    """Return a diff of some files with so many changed lines in all."""
    parts = []
    while lines > 0:
        size = min(lines, chance.randint(4, 40))
        lines -= size
        path = f"{chance.choice(WORDS)}s/core/{chance.choice(WORDS)}_{chance.choice(WORDS)}.py"
        parts += [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}",
                  f"@@ -{chance.randint(1, 900)},{size} +7,{size} @@"]  # fmt: skip
        for _ in range(size):
            words = " ".join(chance.choice(WORDS) for _ in range(chance.randint(3, 9)))
            parts.append(f"{chance.choice(' +-')}        {words} = {chance.randint(0, 9999)}")
    return "\n".join(parts) + "\n"


def estimate(chance: random.Random, center: float, spread: float) -> Estimate:
    """Return a ratio around a center, with an interval."""
    value = center * chance.lognormvariate(0, spread)
    half = chance.uniform(1.01, 1.15)
    return Estimate(value=value, ci_low=value / half, ci_high=value * half)


def _lines(chance: random.Random, log_middle: float) -> int:
    return round(chance.lognormvariate(log_middle, 0.8))


def make_result(number: int, chance: random.Random) -> InstanceResult:
    """Return what came of one instance."""
    names, weights = zip(*OUTCOMES, strict=True)
    outcome: Outcome = chance.choices(names, weights)[0]
    repo = chance.choice(REPOSITORIES)
    measured = outcome in ("faster", "no_gain", "inconclusive", "slower", "empty")
    expert = estimate(chance, 2.5, 0.7)
    gain = {"faster": 2.0, "slower": 0.7}.get(outcome, 1.0)
    speedup = estimate(chance, gain, 0.3) if measured else None
    return InstanceResult(
        instance_id=f"{repo.replace('/', '__')}-{10_000 + number}",
        suite="swefficiency",
        repo=repo,
        model="some-model",
        outcome=outcome,
        reason="" if measured else "tests/test_frame.py::test_take[False-int64] no longer passes",
        evidence=() if measured else ("assert left == right", "E  [1, 2] != [1, 3]"),
        patch=""
        if outcome == "empty"
        else make_patch(chance, round(chance.lognormvariate(3.5, 0.8))),
        expert_patch=make_patch(chance, int(chance.lognormvariate(3.9, 0.9))),
        rung="exact",
        doubts=("the machine was busy",) if number % 9 == 0 else (),
        speedup=speedup,
        expert_speedup=expert,
        ratio=estimate(chance, speedup.value / expert.value, 0.01) if speedup else None,
        baseline_s=chance.uniform(0.1, 9),
        tests_required=chance.randint(3, 4000),
        tests_lost=("tests/test_frame.py::test_take[False-int64]",) * (outcome == "wrong_tests"),
        parts=(PartTimes(name="workload", base_s=(1.0,) * 7, candidate_s=(0.5,) * 7),),
        seconds={"environment": 40.0, "tests": 90.0, "workload": chance.uniform(20, 300)},
        at="2026-03-01T10:15:00+00:00",
    )


def write_evaluation(folder: Path, instances: int, *, seed: int = 5) -> Path:
    """Write an evaluation of so many instances into a folder, and return it."""
    chance = random.Random(seed)
    results = [make_result(number, chance) for number in range(instances)]
    request = {
        "run_id": f"run-{seed}",
        "suite": "swefficiency",
        "protocol": "paired",
        "instances": [each.instance_id for each in results],
        "rows": "synthetic",
        "what": "prediction",
        "model": "some-model",
        "published": {each.instance_id: math.e for each in results},
    }
    directory = open_records(folder, request, force=False)
    for each in results:
        instance = Instance(
            instance_id=each.instance_id, suite="swefficiency", repo=each.repo, base="0" * 40
        )
        keep(directory, instance, each)
    return folder
