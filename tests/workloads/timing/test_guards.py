"""Gains that are not gains."""

from __future__ import annotations

import numpy as np
import pytest

from perfagent.workloads.timing.calibration import Calibration
from perfagent.workloads.timing.guards import (
    doubts_about,
    first_call_gains,
    is_uneven,
    moved_work,
    unmask,
)
from perfagent.workloads.timing.timings import Regime, Timings

PAIRS = 10
CALIBRATION = Calibration(regime="warm", loops=100, cold_s=1e-3, warm_s=1e-3, launch_s=0.1)


def _timings(
    value_s: float,
    *,
    regime: Regime = "warm",
    cold_s: float | None = None,
    mean_s: float | None = None,
    import_s: float = 0.1,
    seed: int = 1,
    noise: float = 0.01,
) -> Timings:
    rng = np.random.default_rng(seed)

    def several(center: float) -> tuple[float, ...]:
        return tuple((center * np.exp(rng.normal(0, noise, PAIRS))).tolist())

    return Timings(
        arm="base",
        values_s=several(value_s),
        mean_s=several(mean_s or value_s),
        cold_s=several(cold_s or value_s),
        import_s=several(import_s),
        setup_s=(0.0,) * PAIRS,
        cpu_s=(),
        peak_rss_bytes=None,
        loops=100,
        regime=regime,
        started_at="2024-01-01T00:00:00+00:00",
    )


def test_an_answer_kept_from_call_to_call_is_warm_only() -> None:
    base, kept = _timings(800e-6), _timings(0.3e-6, cold_s=800e-6, seed=2)
    assert first_call_gains(base, kept) == "no"
    unmasked = unmask(base, kept, 2000.0)
    assert unmasked is not None
    assert unmasked.warm_only
    assert unmasked.decision == "not_faster"
    # The real thing is faster in the first call as well.
    assert first_call_gains(base, _timings(400e-6, seed=2)) == "yes"
    assert unmask(base, _timings(400e-6, seed=2), 2.0) is None


def test_a_large_gain_that_the_noise_of_first_calls_may_belie_is_not_accepted() -> None:
    base = _timings(100e-6, cold_s=500e-6, noise=0.2)
    kept = _timings(1e-6, cold_s=520e-6, noise=0.2, seed=2)
    assert first_call_gains(base, kept) == "unlikely"
    unmasked = unmask(base, kept, 100.0)
    assert unmasked is not None
    assert unmasked.decision == "inconclusive"
    # A small one passes, with a doubt: first calls are far too coarse to show it.
    assert unmask(base, _timings(80e-6, cold_s=520e-6, noise=0.2, seed=2), 1.25) is None


def test_where_the_first_call_is_compared_there_is_nothing_to_unmask() -> None:
    cold = _timings(1.0, regime="cold")
    assert first_call_gains(cold, cold) is None


def test_work_moved_to_import_is_no_gain() -> None:
    base = _timings(0.05, regime="cold")
    moved = moved_work(base, _timings(0.01, regime="cold", import_s=0.15, seed=2))
    assert moved is not None
    assert moved.startswith("work moved to import or setup, which take")
    assert moved_work(base, _timings(0.01, regime="cold", import_s=0.11, seed=2)) is None


def test_an_import_that_wavers_is_not_held_against_a_microsecond_gain() -> None:
    base = _timings(5e-6)
    assert moved_work(base, _timings(4e-6, import_s=0.1005, seed=2)) is None


def test_work_put_off_to_every_tenth_call_is_found_in_the_mean() -> None:
    base = _timings(1e-3)
    assert is_uneven(base, _timings(0.1e-3, mean_s=1e-3, seed=2), speedup=10.0)
    assert not is_uneven(base, _timings(0.1e-3, seed=2), speedup=10.0)


def test_numbers_that_may_be_unsound_carry_their_doubts() -> None:
    first = [index % 2 == 0 for index in range(PAIRS)]
    steady = [0.5 + 0.001 * index for index in range(PAIRS)]
    calm = doubts_about(steady, first, _timings(1e-3), CALIBRATION, 0.02)
    assert not [doubt for doubt in calm if "busy" not in doubt]
    wild = doubts_about(steady, first, _timings(1e-3, noise=0.5), CALIBRATION, 0.02)
    assert any("spreads over" in doubt for doubt in wild)
    assert any("times the fastest" in doubt for doubt in wild)
    short = doubts_about(steady, first, _timings(1e-6), CALIBRATION, 0.02)
    assert any("only 100 us of work" in doubt for doubt in short)
    order = [0.5 + (0.1 if one else -0.1) + 0.001 * i for i, one in enumerate(first)]
    swayed = doubts_about(order, first, _timings(1e-3), CALIBRATION, 0.02)
    assert any("second launch of a pair differs from the first by" in d for d in swayed)


def test_a_time_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="not above zero"):
        _timings(0.0)


def test_the_middle_of_no_times_is_unknown_not_zero() -> None:
    assert _timings(1.0).median_s == pytest.approx(1.0, rel=0.05)
