"""How many times as long a workload takes while its calls are looked into."""

from __future__ import annotations

import ast
import statistics
import subprocess
from dataclasses import replace
from pathlib import Path

from perfagent.profiles.facts.call_facts import record_facts
from perfagent.profiles.hotspot import Hotspot
from perfagent.tests.hotspots import hotspot
from perfagent.workloads.launch import LaunchPlan, launch
from perfagent.workloads.target import Target
from perfagent.workloads.workload import parse_workload

from ..study.cases import environment
from ..study.records import Record, say
from .shapes import LENGTHS_S, SHAPES, Shape

LAUNCHES = 5

_SIZING = """
import time
import spot
n, took = 1, 0.0
while took < 0.05:
    n *= 2
    started = time.perf_counter()
    spot.run(n)
    took = time.perf_counter() - started
print(n / took)
"""


def measure_facts(folder: Path, python: Path) -> list[Record]:
    """Return one record for each shape and length, measured with one interpreter.

    Args:
        folder: For the trees.
        python: The interpreter that runs the workloads.
    """
    version = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    found: list[Record] = []
    for name, shape in SHAPES.items():
        tree = folder / version / name.replace(" ", "-").replace(",", "") / "tree"
        tree.mkdir(parents=True)
        (tree / "spot.py").write_text(shape.code)
        pace = float(
            subprocess.run(
                [python, "-c", _SIZING], cwd=tree, check=True, capture_output=True, text=True
            ).stdout
        )
        for length_s in LENGTHS_S:
            target = _target(tree, python, version, max(1, round(pace * length_s)), length_s)
            found.append(
                {"python": version, "shape": name, "length_s": length_s}
                | _measured(target, tree, shape)
            )
            say(f"facts, {version}, {name}, {length_s:g} s: {found[-1]['ratio']:.2f}x")
    return found


def _target(tree: Path, python: Path, version: str, number: int, length_s: float) -> Target:
    script = tree.parent / f"workload-{length_s:g}.py"
    script.write_text(f"import spot\n\n\ndef workload():\n    return spot.run({number})\n")
    made = replace(environment(tree.parent, "spot"), python=python, version=version)
    workload = parse_workload(str(script), repo_path=None, timeout_s=120.0)
    return Target(workload=workload, environment=made, timing_cpus=None, other_cpus=None)


def _measured(target: Target, tree: Path, shape: Shape) -> Record:
    """Return what looking costs, from medians of launches taken in turns."""
    spots = [_hotspot(shape, name) for name in shape.watched]
    plain: list[float] = []
    looked: list[float] = []
    counted = True
    for _ in range(LAUNCHES):
        alone = launch(target, tree, LaunchPlan(pinned=False))
        plain.append(alone.cold_cpu_s)
        recorded = record_facts(target, tree, spots, usual_s=alone.cold_cpu_s)
        assert recorded.elapsed_s is not None, recorded.notes
        looked.append(recorded.elapsed_s)
        counted = counted and all(each.calls_are_exact for each in recorded.facts)
    return {
        "plain_s": statistics.median(plain),
        "ratio": statistics.median(looked) / statistics.median(plain),
        "exact": counted,
    }


def _hotspot(shape: Shape, name: str) -> Hotspot:
    tree = ast.parse(shape.code)
    last = name.split(".")[-1]
    (node,) = [
        each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef) and each.name == last
    ]
    source = ast.get_source_segment(shape.code, node) or ""
    return hotspot("spot.py", name, node.lineno, node.end_lineno or node.lineno, source=source)
