"""What is kept of the launches of one version."""

from __future__ import annotations

import math

import pytest

from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import Launch
from perfagent.workloads.timing.timings import timings_of, value_of

from .made import timings, timings_of_values


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_what_is_no_time_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not a number above zero"):
        timings_of_values([0.1, value])


def test_the_middle_of_no_times_is_unknown_not_zero() -> None:
    assert timings(1.0).median == pytest.approx(1.0, rel=0.05)
    assert timings_of_values([]).median is None
    assert timings_of_values([1.0, 2.0], peak_rss_bytes=(None, None)).peak_bytes is None
    assert timings_of_values([1.0, 2.0], peak_rss_bytes=(None, 7)).peak_bytes == 7


def test_a_metric_without_a_reading_is_a_failure_not_a_zero() -> None:
    with pytest.raises(WorkloadFailed, match="no reading of energy"):
        value_of(Launch(cold_s=0.1), "cold", "energy")


def test_each_metric_is_compared_by_its_own_reading() -> None:
    one = Launch(
        cold_s=0.5,
        warm_s=(0.4, 0.3, 0.2, 0.1),
        cold_cpu_s=0.9,
        warm_cpu_s=0.8,
        cold_instructions=5e9,
        warm_instructions=4e9,
        peak_rss_bytes=70_000_000,
        duration_s=2.0,
    )
    values = {
        (metric, regime): value_of(one, regime, metric)
        for metric in ("wall", "cpu", "instructions", "rss")
        for regime in ("cold", "warm")
    }
    assert values == {
        ("wall", "cold"): 0.5,
        ("wall", "warm"): 0.2,
        ("cpu", "cold"): 0.9,
        ("cpu", "warm"): 0.8,
        ("instructions", "cold"): 5e9,
        ("instructions", "warm"): 4e9,
        ("rss", "cold"): 70_000_000,
        ("rss", "warm"): 70_000_000,
    }
    kept = timings_of("base", [one], regime="warm", loops=4, started_at="", metric="cpu")
    assert (kept.values, kept.first, kept.mean) == ((0.8,), (0.9,), (0.8,))
    assert (kept.wall_s, kept.unit) == ((0.2,), "s")
    wall = timings_of("base", [one], regime="warm", loops=4, started_at="")
    assert (wall.values, wall.first, wall.mean) == ((0.2,), (0.5,), (pytest.approx(0.25),))
