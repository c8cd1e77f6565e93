"""A gain that is paid for with memory or import time."""

from __future__ import annotations

import pytest

from perfagent.workloads.timing.decision import ComparisonPlan
from perfagent.workloads.timing.judge import judge
from perfagent.workloads.timing.rails import cost
from perfagent.workloads.timing.samples import Samples

from .made import PAIRS, samples_of, timings, timings_of_values


def _with_peaks(base: int, other: int, *, wobble: int = 20_000, **changes: float) -> Samples:
    """Return samples of a candidate twice as fast whose peaks are `other` bytes."""
    peaks = [tuple(size + wobble * (n % 3) for n in range(PAIRS)) for size in (base, other)]
    return samples_of(
        timings(0.2, regime="cold", peak_rss_bytes=peaks[0]),
        timings(0.1, regime="cold", seed=2, peak_rss_bytes=peaks[1]),
        plan=ComparisonPlan(**changes),  # type: ignore[arg-type]
    )


def test_three_times_the_memory_is_refused_with_the_flag_that_would_allow_it() -> None:
    compared = judge(_with_peaks(100_000_000, 300_000_000))
    assert compared.decision == "not_faster"
    assert "peak memory grows 3.00 times (100 MB to 300 MB)" in compared.reason
    assert "--allow-memory 3.3 would accept that" in compared.reason


def test_the_flag_that_is_named_does_accept_it() -> None:
    for allowed in (3.3, 4.0):
        compared = judge(_with_peaks(100_000_000, 300_000_000, allow_memory=allowed))
        assert compared.decision == "faster", compared.reason


def test_memory_that_grows_within_the_limit_or_hardly_at_all_is_no_matter() -> None:
    assert cost(_with_peaks(100_000_000, 115_000_000)) is None
    assert cost(_with_peaks(10_000_000, 14_000_000)) is None
    assert cost(_with_peaks(10_000_000, 15_000_000)) is not None


def test_memory_that_wavers_about_the_limit_is_not_held_against_a_gain() -> None:
    assert cost(_with_peaks(100_000_000, 112_000_000, wobble=15_000_000)) is None


def test_memory_that_is_unknown_or_less_is_no_cost() -> None:
    assert cost(_with_peaks(300_000_000, 100_000_000)) is None
    unknown = timings(0.2, regime="cold", peak_rss_bytes=(None,) * PAIRS)
    assert cost(samples_of(unknown, timings(0.1, regime="cold"))) is None


def test_where_memory_is_what_is_compared_it_is_no_cost_besides() -> None:
    base, other = (
        timings_of_values([size] * PAIRS, metric="rss", peak_rss_bytes=(int(size),) * PAIRS)
        for size in (100e6, 300e6)
    )
    assert cost(samples_of(base, other)) is None


@pytest.mark.parametrize(("allowed", "accepted"), [(1.2, False), (1.7, True)])
def test_a_slower_import_is_refused_unless_it_was_allowed(allowed: float, accepted: bool) -> None:
    # The call saves far more than the import costs; otherwise it would be work that moved.
    samples = samples_of(
        timings(2.0, regime="cold", import_s=0.1),
        timings(1.0, regime="cold", import_s=0.15, seed=2),
        plan=ComparisonPlan(allow_import=allowed),
    )
    compared = judge(samples)
    assert (compared.decision == "faster") == accepted, compared.reason
    if not accepted:
        assert "importing takes 1.5" in compared.reason
        assert "--allow-import 1.7 would accept that" in compared.reason


def test_a_few_milliseconds_of_import_are_no_matter() -> None:
    samples = samples_of(
        timings(2.0, regime="cold", import_s=0.004),
        timings(1.0, regime="cold", import_s=0.008, seed=2),
    )
    assert cost(samples) is None
