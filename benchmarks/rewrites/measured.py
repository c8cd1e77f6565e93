"""Puts the corpus through the real comparison and the real gate, one record a rewrite."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from perfagent.agent.steps.prepare import divide_cpus
from perfagent.tests.tools.rewrites.specimens import rewritten, specimens
from perfagent.tests.traps import judge_trap, open_trap_court
from perfagent.workloads.target import Target
from perfagent.workloads.timing.calibration import calibrate
from perfagent.workloads.workload import parse_workload

from ..study.cases import environment
from ..study.ours import seed_of, verdict_on
from ..study.records import Store, say

PACKAGE = "specimen"

_SCRIPT = f"from {PACKAGE} import core\n\n\ndef workload():\n    return core.workload()\n"


def measure_wins(
    store: Store, rewrites: Sequence[str], folder: Path, *, machine: str, seed: int
) -> None:
    """Compare each rewrite's module before and after, where that is not on record.

    Args:
        store: Where records go, and where earlier ones are.
        rewrites: Their names.
        folder: For the trees.
        machine: This machine, in words.
        seed: Decides the orders and hash seeds.
    """
    known = {(each["rewrite"], each["digest"], each["machine"]) for each in store.read("wins")}
    target = _target(folder)
    for name in rewrites:
        before = specimens(name).wins
        after = rewritten(before, name)
        key = {"rewrite": name, "digest": digest(before, after), "machine": machine}
        if tuple(key.values()) in known:
            continue
        trees = _tree(folder / name / "base", before), _tree(folder / name / "candidate", after)
        calibration = calibrate(target, trees[0])
        found = verdict_on(target, trees, calibration, seed=seed_of(seed, name))
        taken = {"regime": calibration.regime, "call_s": calibration.warm_s or calibration.cold_s}
        store.append("wins", key | taken | found.record())
        say(f"{name}: {found.gate['decision']}, {found.gate['reason']}")


def judge_traps(store: Store, rewrites: Sequence[str], folder: Path) -> None:
    """Judge what each rewrite makes of its trap; the earlier records of all are replaced."""
    found = [specimens(name) for name in rewrites]
    traps = [each.trap for each in found if each.trap is not None]
    earlier = [each for each in store.read("traps") if each["rewrite"] not in rewrites]
    records = [
        {"rewrite": each.rewrite, "why": each.why_no_trap, "outcome": None}
        for each in found
        if each.trap is None
    ]
    court = open_trap_court(folder / "traps", traps) if traps else None
    for trap in traps:
        assert court is not None
        verdict = judge_trap(court, trap)
        told = {"outcome": verdict.outcome, "stage": verdict.stage, "reason": verdict.reason}
        records.append({"rewrite": trap.rewrite, "why": trap.why} | told)
        say(f"trap of {trap.rewrite}: {verdict.outcome} at {verdict.stage}")
    store.replace("traps", [*earlier, *records])


def digest(before: str, after: str) -> str:
    """Return what a measurement of two texts is known by."""
    return hashlib.sha256(f"{before}\0{after}".encode()).hexdigest()[:16]


def _target(folder: Path) -> Target:
    timing, other = divide_cpus(os.sched_getaffinity(0))
    script = folder / "job" / "workload.py"
    script.parent.mkdir(parents=True)
    script.write_text(_SCRIPT)
    return Target(
        workload=parse_workload(str(script), repo_path=None, timeout_s=120.0),
        environment=environment(folder, PACKAGE),
        timing_cpus=timing,
        other_cpus=other,
    )


def _tree(tree: Path, text: str) -> Path:
    package = tree / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "core.py").write_text(text, encoding="utf-8")
    return tree
