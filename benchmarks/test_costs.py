"""What perfagent itself costs, driven by pytest-benchmark: `make bench`.

Times depend on the machine; read them as ratios within one run (a guarded command beside a plain
one, a decision beside a launch).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from perfagent.benchmarks.cost.matching import lay_out_library
from perfagent.repos.commands.process import run_command
from perfagent.tests.hotspots import hotspot
from perfagent.tools.rewrites.registry import propose_rewrites
from perfagent.workloads.timing.decision import ComparisonPlan, decide

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


@pytest.mark.benchmark(group="matching the rewrites")
def test_rewrites_of_one_hotspot(benchmark):
    spot = hotspot("src/stocktake/packing.py", "fewest_packs", 8, 21)
    assert benchmark(propose_rewrites, EXAMPLE, [spot])


@pytest.mark.benchmark(group="matching the rewrites")
def test_rewrites_of_every_function_of_a_large_repository(benchmark, tmp_path: Path):
    spots = lay_out_library(tmp_path)
    assert benchmark.pedantic(propose_rewrites, (tmp_path, spots), rounds=1)
