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

from perfagent.profiles.hotspot import Hotspot
from perfagent.repos.process import run_command
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
    path = "src/stocktake/packing.py"
    spot = Hotspot(
        function="fewest_packs",
        path=path,
        first_line=8,
        last_line=21,
        self_share=0.3,
        own_share=0.3,
        total_share=0.3,
        max_speedup=1.4,
        owner="repository",
        callers=(),
        lines=(),
        source=(EXAMPLE / path).read_text(encoding="utf-8"),
        covering_tests=(),
        worthwhile=True,
        note=None,
    )
    assert benchmark(propose_rewrites, EXAMPLE, [spot])
