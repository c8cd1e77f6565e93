"""What perfagent itself costs, driven by pytest-benchmark: `make bench`.

Times depend on the machine; read them as ratios within one run (a guarded command beside a plain
one, a decision beside a launch).
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from perfagent.profiles.hotspot import Hotspot
from perfagent.repos.process import run_command
from perfagent.tools.rewrites.places import reading_of
from perfagent.tools.rewrites.registry import propose_rewrites
from perfagent.workloads.timing.decision import ComparisonPlan, decide

LINES = 100_000
EXAMPLE = Path(__file__).parent.parent / "examples" / "stocktake" / "base"
NOTHING = [sys.executable, "-I", "-S", "-c", "pass"]


@pytest.mark.benchmark(group="one process")
def test_plain_process(benchmark):
    benchmark(subprocess.run, NOTHING, check=True)


@pytest.mark.benchmark(group="one process")
def test_guarded_process(benchmark, tmp_path: Path):
    result = benchmark(run_command, NOTHING, cwd=tmp_path, env={"PATH": os.defpath})
    assert result.ok


@pytest.mark.benchmark(group="one decision")
def test_decision_over_thirty_pairs(benchmark):
    ratios = [0.05 + 0.01 * (n % 7 - 3) for n in range(30)]
    standing = benchmark(decide, ratios, ComparisonPlan(), final=True)
    assert standing.decision == "faster"


def hotspot(path: str, function: str, first_line: int, last_line: int) -> Hotspot:
    return Hotspot(
        function=function,
        path=path,
        first_line=first_line,
        last_line=last_line,
        self_share=0.3,
        own_share=0.3,
        total_share=0.3,
        max_speedup=1.4,
        owner="repository",
        callers=(),
        lines=(),
        source="",
        covering_tests=(),
        worthwhile=True,
        note=None,
    )


def lay_out_library(tree: Path, lines: int) -> list[Hotspot]:
    """Copy so many lines of the standard library into a tree; every function is a hotspot."""
    spots: list[Hotspot] = []
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = file.read_bytes()
        reading = reading_of(file.name, text.decode(errors="replace"))
        if lines <= 0 or reading is None:
            continue
        (tree / file.name).write_bytes(text)
        lines -= text.count(b"\n")
        for name, node in reading.module.functions:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            spots.append(hotspot(file.name, name, first, node.end_lineno or first))
    assert lines <= 0
    return spots


@pytest.mark.benchmark(group="matching the rewrites")
def test_rewrites_of_one_hotspot(benchmark):
    spot = hotspot("src/stocktake/packing.py", "fewest_packs", 8, 21)
    assert benchmark(propose_rewrites, EXAMPLE, [spot])


@pytest.mark.benchmark(group="matching the rewrites")
def test_rewrites_of_every_function_of_a_large_repository(benchmark, tmp_path: Path):
    spots = lay_out_library(tmp_path, LINES)
    assert benchmark.pedantic(propose_rewrites, (tmp_path, spots), rounds=1)
