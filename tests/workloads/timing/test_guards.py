"""Gains that are not gains."""

from __future__ import annotations

import pytest

from perfagent.workloads.timing.guards import (
    contradicted,
    first_call_gains,
    is_uneven,
    moved_work,
    unmask,
)
from perfagent.workloads.timing.judge import judge
from perfagent.workloads.timing.timings import Timings

from .made import PAIRS, samples_of, timings, timings_of_values


def test_an_answer_kept_from_call_to_call_is_warm_only() -> None:
    base, kept = timings(800e-6), timings(0.3e-6, cold_s=800e-6, seed=2)
    assert first_call_gains(base, kept) == "no"
    unmasked = unmask(base, kept, 2000.0)
    assert unmasked is not None
    assert unmasked.warm_only
    assert unmasked.decision == "not_faster"
    # The real thing is faster in the first call as well.
    assert first_call_gains(base, timings(400e-6, seed=2)) == "yes"
    assert unmask(base, timings(400e-6, seed=2), 2.0) is None


def test_a_large_gain_that_the_noise_of_first_calls_may_belie_is_not_accepted() -> None:
    base = timings(100e-6, cold_s=500e-6, noise=0.2)
    kept = timings(1e-6, cold_s=520e-6, noise=0.2, seed=2)
    assert first_call_gains(base, kept) == "unlikely"
    unmasked = unmask(base, kept, 100.0)
    assert unmasked is not None
    assert unmasked.decision == "inconclusive"
    # A small one passes, with a doubt: first calls are far too coarse to show it.
    assert unmask(base, timings(80e-6, cold_s=520e-6, noise=0.2, seed=2), 1.25) is None


def test_where_the_first_call_is_compared_there_is_nothing_to_unmask() -> None:
    cold = timings(1.0, regime="cold")
    assert first_call_gains(cold, cold) is None


def test_work_moved_to_import_is_no_gain() -> None:
    base = timings(0.05, regime="cold")
    moved = moved_work(base, timings(0.01, regime="cold", import_s=0.15, seed=2))
    assert moved is not None
    assert moved.startswith("work moved to import or setup, which take")
    assert moved_work(base, timings(0.01, regime="cold", import_s=0.11, seed=2)) is None


def test_an_import_that_wavers_is_not_held_against_a_microsecond_gain() -> None:
    base = timings(5e-6)
    assert moved_work(base, timings(4e-6, import_s=0.1005, seed=2)) is None


def test_work_put_off_to_every_tenth_call_is_found_in_the_mean() -> None:
    base = timings(1e-3)
    assert is_uneven(base, timings(0.1e-3, mean_s=1e-3, seed=2), speedup=10.0)
    assert not is_uneven(base, timings(0.1e-3, seed=2), speedup=10.0)


def _claiming(value_s: float, duration_s: float, seed: int = 1, noise: float = 0.01) -> Timings:
    """Return launches whose process says `value_s` and that took `duration_s` from outside."""
    outside = timings(duration_s, regime="cold", noise=noise, seed=seed + 10).values
    return timings(value_s, regime="cold", seed=seed, duration_s=outside)


def test_a_clock_that_was_changed_is_contradicted_by_the_one_outside() -> None:
    base, lying = _claiming(0.5, 0.65), _claiming(0.05, 0.65, seed=2)
    said = contradicted(base, lying)
    assert said is not None
    assert said.startswith("the clock outside the process contradicts it: a launch says")
    compared = judge(samples_of(base, lying))
    assert compared.decision == "not_faster"
    assert compared.reason == said


def test_a_time_that_was_saved_shows_outside_too() -> None:
    assert contradicted(_claiming(0.5, 0.65), _claiming(0.05, 0.20, seed=2)) is None
    assert contradicted(_claiming(0.5, 0.65), _claiming(0.5, 0.65, seed=2)) is None


def test_work_done_after_the_clock_stopped_is_no_gain() -> None:
    base, late = _claiming(0.5, 0.65), _claiming(0.1, 0.62, seed=2)
    assert contradicted(base, late) is not None
    # More than half of what is claimed shows: the rest may be the noise of starting processes.
    assert contradicted(base, _claiming(0.1, 0.35, seed=2)) is None


def test_a_small_gain_is_not_lost_to_processes_that_start_unevenly() -> None:
    base = _claiming(0.0050, 0.15, noise=0.2)
    assert contradicted(base, _claiming(0.0040, 0.15, seed=2, noise=0.2)) is None


def test_warm_calls_count_as_often_as_they_were_made() -> None:
    base = timings(1e-3)
    assert base.timed_s[0] == pytest.approx(base.cold_s[0] + 0.1 + 0.1, rel=0.05)
    lying = timings(0.1e-3, cold_s=0.1e-3, seed=2, duration_s=base.duration_s)
    assert contradicted(base, lying) is not None


def test_memory_has_no_clock_to_be_held_against() -> None:
    base = timings_of_values([100e6] * PAIRS, metric="rss")
    less = timings_of_values([50e6] * PAIRS, metric="rss", duration_s=base.duration_s)
    assert unmask(base, less, 2.0) is None
