"""Comparing versions in real processes; the differences are far larger than any noise."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.timing.compare import compare, fitting, noise_floor
from perfagent.workloads.timing.decision import ComparisonPlan
from perfagent.workloads.timing.judge import judge

from ..conftest import MakeTarget, MakeTree
from .made import COLD

PLAN = ComparisonPlan(max_pairs=10)
SCRIPT = "from shapes import squares\ndef workload():\n    squares(3)\n"


def _sleeping(seconds: float, head: str = "") -> str:
    return f"import time\n{head}\nfail = 0\ndef squares(n):\n    time.sleep({seconds})\n"


def test_a_clear_gain_ends_at_five_pairs_beside_the_expert(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    trees = [make_tree(f"sleeps{s}", _sleeping(s)) for s in (0.08, 0.02, 0.04)]
    trial = compare(
        make_target(script=SCRIPT),
        trees[0],
        trees[1],
        plan=PLAN,
        seed=1,
        expert=trees[2],
    )
    comparison = trial.comparison
    assert comparison.decision == "faster", comparison.reason
    assert comparison.pairs == 5
    assert comparison.speedup is not None
    assert comparison.ci_low is not None
    assert comparison.ci_high is not None
    assert comparison.ci_low < 4 < comparison.ci_high * 1.5
    assert comparison.confidence == 0.95
    assert judge(comparison.samples) == comparison
    assert trial.expert is not None
    assert trial.against_expert is not None
    assert trial.expert.decision == "faster", trial.expert.reason
    assert trial.expert.candidate.arm == trial.against_expert.baseline.arm == "expert"
    assert trial.expert.speedup is not None
    assert trial.against_expert.speedup == pytest.approx(
        comparison.speedup / trial.expert.speedup, rel=0.2
    )


def test_remembering_the_answer_is_not_accepted(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    base = make_tree("base", _sleeping(0.006))
    cached = _sleeping(0.006).replace(
        "def squares", "import functools\n@functools.cache\ndef squares"
    )
    trial = compare(
        make_target(script=SCRIPT), base, make_tree("cached", cached), plan=PLAN, seed=2
    )
    assert trial.calibration.regime == "warm"
    # On a machine too busy to time a first call it may be "inconclusive", but never accepted.
    assert trial.comparison.decision != "faster"
    assert trial.comparison.warm_only == trial.comparison.reason.startswith("warm-only")


def test_a_candidate_that_is_faster_and_keeps_results_carries_a_doubt(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    base = make_tree("base", _sleeping(0.06))
    cached = _sleeping(0.015).replace(
        "def squares", "import functools\n@functools.cache\ndef squares"
    )
    kept = make_tree("kept", cached)
    trial = compare(make_target(script=SCRIPT), base, kept, plan=PLAN, seed=9)
    assert trial.calibration.regime == "cold"
    assert trial.comparison.decision == "faster"
    assert any("the candidate keeps results" in doubt for doubt in trial.comparison.doubts)


def test_work_moved_to_import_is_not_accepted(make_tree: MakeTree, make_target: MakeTarget) -> None:
    base = make_tree("base", _sleeping(0.06))
    moved = make_tree("moved", _sleeping(0.01, head="time.sleep(0.3)"))
    trial = compare(make_target(script=SCRIPT), base, moved, plan=PLAN, seed=3)
    assert trial.comparison.decision == "not_faster"
    assert "work moved to import or setup" in trial.comparison.reason


def test_time_is_up_between_launches(make_tree: MakeTree, make_target: MakeTarget) -> None:
    base, same = (make_tree(name, _sleeping(0.3)) for name in ("base", "same"))
    plan = ComparisonPlan(max_wall_s=1.0)
    trial = compare(make_target(script=SCRIPT), base, same, plan=plan, seed=4)
    comparison = trial.comparison
    assert comparison.decision == "inconclusive"
    assert comparison.pairs < 5
    assert comparison.speedup is None
    assert "the time limit of 1 s is met" in comparison.reason


def test_a_failure_names_the_version(make_tree: MakeTree, make_target: MakeTarget) -> None:
    broken = make_tree("broken", "fail = 0\ndef squares(n):\n    raise SystemError('broken')\n")
    with pytest.raises(WorkloadFailed, match=r"candidate: workload\(\) raised SystemError") as e:
        compare(make_target(script=SCRIPT), make_tree(), broken, plan=PLAN, seed=6)
    assert e.value.arm == "candidate"


def test_orders_are_random_but_balanced_and_a_pair_shares_its_hash_seed(
    make_tree: MakeTree, make_target: MakeTarget, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = (
        "import os\nfrom shapes import core\n"
        f"with open({str(log)!r}, 'a') as log:\n"
        "    print(core.__file__.split('/')[-3], os.environ['PYTHONHASHSEED'], file=log)\n"
        "def workload():\n    core.squares(3)\n"
    )
    trees = [make_tree(name, _sleeping(0.02)) for name in ("one", "two")]
    plan = ComparisonPlan(max_pairs=6, fixed=True)
    # Nothing disturbs memory, so no pair is taken again.
    target = replace(make_target(script=script), metric="rss")
    trial = compare(target, *trees, plan=plan, seed=7)
    lines = [line.split() for line in log.read_text().splitlines()]
    launches = lines[-2 * trial.comparison.pairs :]
    pairs = [launches[i : i + 2] for i in range(0, len(launches), 2)]
    assert all(one[1] == other[1] for one, other in pairs)
    assert len({one[1] for one, _ in pairs}) == len(pairs)
    firsts = [one[0] for one, _ in pairs]
    assert all(firsts[i] != firsts[i + 1] for i in range(0, len(firsts) - 1, 2))


def test_the_noise_floor_is_a_share_or_unknown(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree("base", _sleeping(0.03))
    plan = ComparisonPlan(max_pairs=5)
    floor = noise_floor(make_target(script=SCRIPT), tree, plan=plan, seed=8)
    assert floor is not None
    assert 0 < floor.share < 1
    assert 0 < floor.pair_noise < 1
    assert floor.provable_gain > plan.min_effect
    assert floor.pairs == 5
    hurried = ComparisonPlan(max_wall_s=0.001)
    assert noise_floor(make_target(script=SCRIPT), tree, plan=hurried, seed=8) is None


SPIN = """
import time
from shapes import squares
def workload():
    squares(20_000)
"""


def _holding(size: int) -> str:
    return f"fail = 0\ndef squares(n):\n    block = b'x' * {size}\n    return len(block)\n"


def test_half_the_memory_is_faster_where_memory_is_what_counts(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    target = replace(make_target(script=SCRIPT), metric="rss")
    base, lean = make_tree("base", _holding(80_000_000)), make_tree("lean", _holding(40_000_000))
    compared = compare(target, base, lean, plan=PLAN, seed=11).comparison
    assert compared.decision == "faster", compared.reason
    assert compared.pairs == 5
    assert compared.baseline.unit == "bytes"
    assert compared.baseline.median is not None
    assert 80e6 < compared.baseline.median < 160e6
    assert compared.speedup is not None
    assert 1.3 < compared.speedup < 2
    assert compare(target, base, base, plan=PLAN, seed=11).comparison.decision == "not_faster"


def test_a_faster_candidate_that_takes_three_times_the_memory_is_refused(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    base = make_tree("base", _sleeping(0.3))
    holding = _sleeping(0.02).replace("(n):\n", "(n):\n    block = b'x' * 40_000_000\n")
    greedy = make_tree("greedy", holding)
    target = make_target(script=SCRIPT)
    refused = compare(target, base, greedy, plan=PLAN, seed=12).comparison
    assert refused.decision == "not_faster"
    assert "peak memory grows" in refused.reason
    assert "--allow-memory" in refused.reason
    allowed = replace(refused.samples, plan=replace(refused.samples.plan, allow_memory=20))
    assert judge(allowed).decision == "faster"


def test_work_handed_to_another_process_is_not_less_cpu_time(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    spin = "sum(i * i for i in range(400_000))"
    base = make_tree("base", f"fail = 0\ndef squares(n):\n    return {spin}\n")
    run = f"subprocess.run([sys.executable, '-c', {spin!r}], check=True)"
    moved = f"import subprocess, sys\nfail = 0\ndef squares(n):\n    {run}\n"
    target = replace(make_target(script=SCRIPT), metric="cpu")
    compared = compare(target, base, make_tree("moved", moved), plan=PLAN, seed=13).comparison
    assert compared.decision == "not_faster", compared.reason
    assert compared.baseline.metric == "cpu"


def test_sleep_is_no_cpu_time(make_tree: MakeTree, make_target: MakeTarget) -> None:
    spin = "sum(i * i for i in range(200_000))"
    base = make_tree("base", f"fail = 0\ndef squares(n):\n    return {spin}\n")
    slow = make_tree("slow", _sleeping(0.05))
    target = replace(make_target(script=SCRIPT), metric="cpu")
    compared = compare(target, base, slow, plan=PLAN, seed=14).comparison
    assert compared.decision == "faster", compared.reason
    assert compared.baseline.median is not None
    assert sum(compared.candidate.wall_s) > sum(compared.baseline.wall_s)


def test_a_plan_is_cut_to_the_pairs_that_fit_before_anything_is_measured(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    plan = ComparisonPlan(max_wall_s=4.0)
    slow = replace(COLD, launch_s=0.25)
    assert fitting(plan, slow).max_pairs == 8
    assert fitting(plan, slow, arms=3).max_pairs == 5
    assert fitting(plan, replace(COLD, launch_s=60.0)).max_pairs == 5
    assert fitting(plan, replace(COLD, launch_s=1e-6)).max_pairs == plan.max_pairs
    trees = [make_tree(name, _sleeping(0.03)) for name in ("one", "two")]
    trial = compare(make_target(script=SCRIPT), *trees, plan=plan, seed=15, calibration=slow)
    assert trial.comparison.samples.plan.max_pairs == 8
    assert trial.comparison.pairs <= 8


@pytest.fixture
def hog() -> Iterator[int]:
    """Keep one core busy and return its number."""
    cpu = max(os.sched_getaffinity(0))
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nprint(flush=True)\nwhile True: pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield cpu
        process.kill()


@pytest.mark.timing
@pytest.mark.skipif(sys.platform != "linux", reason="cores are pinned on Linux only")
def test_beside_a_load_on_its_core_identical_code_is_never_faster(
    make_tree: MakeTree, make_target: MakeTarget, hog: int
) -> None:
    target = replace(make_target(script=SPIN), timing_cpus=frozenset({hog}))
    base, same = make_tree("base"), make_tree("same")
    for seed in (16, 17, 18):
        compared = compare(target, base, same, plan=PLAN, seed=seed).comparison
        assert compared.decision != "faster", compared.reason
        assert compared.samples.repeated >= 3
        assert any("pairs were taken again" in doubt for doubt in compared.doubts)
