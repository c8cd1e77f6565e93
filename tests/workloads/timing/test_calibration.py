"""Choosing what to compare of a workload."""

from __future__ import annotations

import pytest

from perfagent.workloads.timing.calibration import SHORTEST_BLOCK_S, calibrate

from ..conftest import MakeTarget, MakeTree


def test_a_microsecond_call_is_looped_well_above_the_clock(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = "from shapes import squares\ndef workload():\n    squares(3)\n"
    calibration = calibrate(make_target(script=script), make_tree())
    assert calibration.regime == "warm"
    assert calibration.warm_s is not None
    assert calibration.loops * calibration.warm_s >= 0.9 * SHORTEST_BLOCK_S
    assert calibration.pairs_within(11 * calibration.launch_s) == 5


def test_setup_before_each_call_bounds_the_loops(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = "import time\ndef setup():\n    time.sleep(0.02)\ndef workload():\n    pass\n"
    calibration = calibrate(make_target(script=script), make_tree())
    assert calibration.regime == "warm"
    assert calibration.loops <= 100


@pytest.mark.parametrize(
    ("script", "doubt"),
    [
        ("import time\ndef workload():\n    time.sleep(0.03)\n", ""),
        ("print(1)\n", ""),
        (
            "import functools, time\n@functools.lru_cache\ndef work():\n    time.sleep(0.02)\n"
            "def workload():\n    work()\n",
            "find its results kept",
        ),
        (
            "import time\nleft = [1]\ndef workload():\n    left.pop()\n",
            "it cannot be called twice in a process: workload() raised IndexError",
        ),
    ],
)
def test_the_first_call_is_the_value_where_it_can_be(
    make_tree: MakeTree, make_target: MakeTarget, script: str, doubt: str
) -> None:
    calibration = calibrate(make_target(script=script), make_tree())
    assert (calibration.regime, calibration.loops) == ("cold", 0)
    assert doubt in " ".join(calibration.doubts)
    assert bool(calibration.doubts) == bool(doubt)


def test_a_first_call_that_mostly_imports_does_not_hide_the_work(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    tree = make_tree(late="import time\ntime.sleep(0.2)\n")
    script = "import time\ndef workload():\n    import late\n    time.sleep(0.012)\n"
    calibration = calibrate(make_target(script=script), tree)
    assert calibration.regime == "warm"
    assert calibration.cold_s >= 0.2
