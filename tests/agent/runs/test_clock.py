"""The stopwatch: the share of time that perfagent claims for itself must be true."""

from __future__ import annotations

import pytest

from perfagent.agent.runs.clock import Stopwatch, union_s


@pytest.mark.parametrize(
    ("intervals", "length"),
    [
        ([], 0),
        ([(0, 2), (1, 3)], 3),
        ([(5, 6), (0, 1)], 2),
        ([(0, 10), (2, 3), (4, 5)], 10),
        ([(0, 1), (1, 2)], 2),
    ],
)
def test_overlapping_work_is_counted_once(intervals, length):
    assert union_s(intervals) == length


def test_own_time_is_what_no_work_covers():
    now = iter([0.0, 1.0, 3.0, 2.0, 6.0, 10.0])
    watch = Stopwatch(now=lambda: next(now))
    with watch.waiting_for("tests"):
        pass
    with watch.waiting_for("workload"):
        pass

    assert watch.seconds() == {"tests": 2.0, "workload": 4.0, "own": 5.0, "total": 10.0}
