"""What each sandbox costs a launch, and whether it makes timings less sound.

`make study-sandbox` launches one workload again and again, in no sandbox, in `local` and in
`docker` in turn, and writes `benchmarks/sandbox.md`. A sandbox that does not work here is left out
with the reason. False accepts: the launches of one sandbox are paired at random, base against
itself, and decided by the engine's own rule, many times over; so few launches bound the rate, they
do not measure it well.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perfagent.errors import UserError
from perfagent.repos.environment.environment import Environment
from perfagent.repos.environment.interpreter import find_interpreter
from perfagent.repos.sandbox.choice import choose, opened
from perfagent.workloads.launch import LaunchPlan, launch
from perfagent.workloads.machine import load
from perfagent.workloads.target import Target
from perfagent.workloads.timing.decision import ComparisonPlan, decide
from perfagent.workloads.timing.interval import FEWEST
from perfagent.workloads.workload import parse_workload

NAMES = ("none", "local", "docker")
REPORT = Path(__file__).parent / "sandbox.md"
WORKLOAD = """
from steps import walk

def workload():
    return walk(200_000)
"""
STEPS = """
def walk(count):
    total = 0
    for step in range(count):
        total += step * step % 7
    return total
"""
TRIALS = 2000


@dataclass(kw_only=True)
class Seen:
    """What the launches in one sandbox showed.

    Attributes:
        call_s: Seconds of the timed call of each launch.
        launch_s: Seconds from the request of each launch to its result.
    """

    call_s: list[float] = field(default_factory=list)
    launch_s: list[float] = field(default_factory=list)


def targets(folder: Path) -> tuple[dict[str, Target], dict[str, str], Path]:
    """Return a target for each sandbox that works, why others do not, and the tree."""
    tree = folder / "run" / "trees" / "base"
    (tree / "steps").mkdir(parents=True)
    (tree / "steps" / "__init__.py").write_text(STEPS)
    script = folder / "jobs" / "workload.py"
    script.parent.mkdir()
    script.write_text(WORKLOAD)
    environment = Environment(
        key="study",
        # Without what is installed beside perfagent: its image is small, and made once.
        python=find_interpreter(sys.executable).outside().path,
        version=".".join(map(str, sys.version_info[:3])),
        import_roots=("",),
        packages=("steps",),
        generated=(),
        source=folder / "source",
        build=None,
        log=folder / "install.log",
    )
    cores = os.sched_getaffinity(0)
    timing = frozenset({max(cores)}) if len(cores) > 1 else None
    found: dict[str, Target] = {}
    missing: dict[str, str] = {}
    for name in NAMES:
        try:
            containment = opened(choose(name))
        except UserError as error:
            missing[name] = str(error)
            continue
        found[name] = Target(
            workload=parse_workload(str(script), repo_path=None, timeout_s=120.0),
            environment=environment,
            timing_cpus=timing,
            containment=containment,
            read_only=True,
        )
    return found, missing, tree


def measure(found: Mapping[str, Target], tree: Path, wall_s: float, seed: int) -> dict[str, Seen]:
    """Launch in each sandbox in turn, in random order, until the time is up."""
    seen = {name: Seen() for name in found}
    order = random.Random(seed)
    for target in found.values():
        launch(target, tree, LaunchPlan(pinned=False))
    stop = time.monotonic() + wall_s
    while time.monotonic() < stop:
        for name in order.sample(list(found), len(found)):
            began = time.monotonic()
            done = launch(found[name], tree)
            seen[name].launch_s.append(time.monotonic() - began)
            seen[name].call_s.append(done.cold_s)
    return seen


def false_accepts(call_s: list[float], plan: ComparisonPlan, seed: int) -> float | None:
    """Return the share of comparisons of a version with itself that say "faster".

    Each pairs launches that stood next to each other, sides and order of the pairs drawn anew.
    None when there are too few.
    """
    pairs = [math.log(one / other) for one, other in zip(call_s[::2], call_s[1::2], strict=False)]
    if len(pairs) < FEWEST:
        return None
    order = random.Random(seed)
    accepted = 0
    for _ in range(TRIALS):
        drawn = [order.choice((-1, 1)) * ratio for ratio in order.sample(pairs, len(pairs))]
        accepted += _says_faster(drawn[: plan.max_pairs], plan)
    return accepted / TRIALS


def _says_faster(ratios: list[float], plan: ComparisonPlan) -> bool:
    looks = [count for count in plan.looks if count < len(ratios)]
    for count in (*looks, len(ratios)):
        standing = decide(ratios[:count], plan, final=count == len(ratios))
        if standing.decision is not None:
            return standing.decision == "faster"
    return False


def spread(values: list[float]) -> float:
    """Return the robust standard deviation as a share of the median (1.4826 times the MAD)."""
    middle = statistics.median(values)
    return 1.4826 * statistics.median(abs(value - middle) for value in values) / middle


def report(seen: Mapping[str, Seen], missing: Mapping[str, str], busy: float | None) -> str:
    """Return the page."""
    none = seen["none"]
    wanted = "unknown" if busy is None else f"{busy:.1f}"
    lines = [
        "# What a sandbox costs, and whether timing in it is as sound",
        "",
        "Written by `make study-sandbox`. One workload (a loop of some 20 ms in a fresh process)",
        f"is launched in each sandbox in turn, {len(none.call_s)} times each, pinned",
        "as timed launches are.",
        f"Processes that wanted to run meanwhile, on average: {wanted}.",
        "",
        "| sandbox | launches | launch, median | times none | timed call, median | times none"
        " | spread of the call | false accepts |",
        "|---|---|---|---|---|---|---|---|",
    ]
    plan = ComparisonPlan()
    allowed = f"{plan.error:.0%}"
    for name, one in seen.items():
        launch_s, call_s = statistics.median(one.launch_s), statistics.median(one.call_s)
        rate = false_accepts(one.call_s, plan, seed=0)
        lines.append(
            f"| {name} | {len(one.call_s)} | {launch_s * 1e3:.0f} ms |"
            f" {launch_s / statistics.median(none.launch_s):.2f} | {call_s * 1e3:.2f} ms |"
            f" {call_s / statistics.median(none.call_s):.3f} | {spread(one.call_s):.1%} |"
            f" {'too few launches' if rate is None else f'{rate:.2%}'} |"
        )
    lines += ["", *(f"{name} was left out: {reason}" for name, reason in missing.items())]
    lines += [
        "The spread is 1.4826 times the median absolute deviation over the median.",
        "For false accepts the launches of one sandbox are paired with their neighbours, sides and",
        f"order drawn at random: {TRIALS} comparisons of a version with itself by the engine's",
        f"rule, of which at most {allowed} may say faster. They share their launches, so the rate",
        "is rough.",
    ]
    return "\n".join(lines) + "\n"


def main(words: Iterable[str] | None = None) -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=900.0, help="how long to launch")
    parser.add_argument("--report", type=Path, default=REPORT, help="the page")
    asked = parser.parse_args(None if words is None else list(words))
    with tempfile.TemporaryDirectory(prefix="perfagent-") as folder:
        found, missing, tree = targets(Path(folder).resolve())
        seen = measure(found, tree, asked.seconds, seed=0)
    asked.report.write_text(report(seen, missing, load()), encoding="utf-8")


if __name__ == "__main__":
    main()
