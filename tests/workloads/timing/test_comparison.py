"""The decision rule, by simulation: how often it errs, how often it finds, when it stops."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from perfagent.workloads.timing.comparison import ComparisonPlan, decide

Noise = Callable[[np.random.Generator, int], np.ndarray]

PLAN = ComparisonPlan()


def _lognormal(sigma: float) -> Noise:
    """Times whose logarithm is normal; 0.02 is a quiet machine, 0.1 a busy one."""
    return lambda rng, n: rng.normal(0, sigma, n)


def _spiky(rng: np.random.Generator, n: int) -> np.ndarray:
    """One launch in ten takes up to several times as long."""
    return rng.normal(0, 0.02, n) + (rng.random(n) < 0.1) * rng.exponential(0.5, n)


def _skewed(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.log1p(rng.lognormal(-3, 1.0, n))


def _two_modes(rng: np.random.Generator, n: int) -> np.ndarray:
    """A layout or a frequency that comes in two kinds."""
    return rng.normal(0, 0.01, n) + 0.15 * (rng.random(n) < 0.5)


def _log_ratios(rng: np.random.Generator, noise: Noise, gain: float, drift: float) -> np.ndarray:
    """Draw the pairs of a comparison as `compare` orders them: A B, B A in blocks of two."""
    pairs = PLAN.max_pairs
    walk = np.cumsum(rng.normal(drift / 10, drift, 2 * pairs))
    times = noise(rng, 2 * pairs) + walk
    first, second = times[0::2], times[1::2]
    coins = np.repeat(rng.random(pairs // 2) < 0.5, 2)
    base_first = coins ^ (np.arange(pairs) % 2 == 1)
    return gain + np.where(base_first, first - second, second - first)


@dataclass
class _Rates:
    decisions: dict[str, float]
    coverage: float
    pairs: float


def _simulate(
    noise: Noise,
    *,
    gain: float = 0.0,
    drift: float = 0.0,
    plan: ComparisonPlan = PLAN,
    runs: int = 1200,
) -> _Rates:
    rng = np.random.default_rng(20)
    decisions: Counter[str] = Counter()
    covered = pairs = 0
    for _ in range(runs):
        ratios = _log_ratios(rng, noise, gain, drift).tolist()
        for look in plan.planned_looks:
            standing = decide(ratios[:look], plan)
            if standing.decision is not None:
                break
        assert standing.decision is not None
        assert standing.ci_low is not None
        assert standing.ci_high is not None
        decisions[standing.decision] += 1
        covered += math.log(standing.ci_low) <= gain <= math.log(standing.ci_high)
        pairs += look
    rates = {name: count / runs for name, count in decisions.items()}
    return _Rates(decisions=rates, coverage=covered / runs, pairs=pairs / runs)


NOISES = [
    pytest.param(_lognormal(0.02), 0.0, id="quiet"),
    pytest.param(_lognormal(0.30), 0.0, id="loud"),
    pytest.param(_spiky, 0.0, id="spikes"),
    pytest.param(_skewed, 0.0, id="skewed"),
    pytest.param(_two_modes, 0.0, id="two modes"),
    pytest.param(_lognormal(0.02), 0.05, id="drift"),
]


@pytest.mark.parametrize(("noise", "drift"), NOISES)
def test_identical_code_is_hardly_ever_called_faster(noise: Noise, drift: float) -> None:
    rates = _simulate(noise, drift=drift)
    # Half of alpha is the bound; three standard errors of 1200 runs are about 1.3 %.
    assert rates.decisions.get("faster", 0.0) <= 0.025 + 0.013
    assert rates.coverage >= 0.95 - 0.019


def test_the_overall_error_is_kept_with_no_smallest_effect_to_hide_behind() -> None:
    plan = ComparisonPlan(min_effect=0.0, futility=False)
    rates = _simulate(_lognormal(0.05), plan=plan, runs=2000)
    assert rates.coverage >= 0.95 - 0.015


def test_a_clear_case_ends_at_five_pairs() -> None:
    rates = _simulate(_lognormal(0.03), gain=math.log(2), runs=400)
    assert rates.decisions == {"faster": 1.0}
    assert rates.pairs <= 5.1


def test_a_gain_of_ten_percent_is_found_on_a_quiet_machine() -> None:
    rates = _simulate(_lognormal(0.02), gain=math.log(1.10), runs=400)
    assert rates.decisions["faster"] >= 0.99
    assert rates.coverage >= 0.93


def test_no_gain_is_given_up_before_the_last_pair() -> None:
    with_futility = _simulate(_lognormal(0.01), runs=400)
    assert with_futility.decisions["not_faster"] >= 0.95
    assert with_futility.pairs < 15
    without = _simulate(_lognormal(0.01), plan=ComparisonPlan(futility=False), runs=400)
    assert with_futility.pairs < without.pairs


def test_a_busy_machine_gives_inconclusive() -> None:
    rates = _simulate(_lognormal(0.30), gain=math.log(1.05), runs=400)
    assert rates.decisions["inconclusive"] >= 0.7


def test_futility_gives_up_few_real_gains() -> None:
    rates = _simulate(_lognormal(0.03), gain=math.log(1.05), runs=600)
    assert rates.decisions.get("not_faster", 0.0) <= PLAN.beta


def test_a_slower_candidate_is_told_to_be_slower() -> None:
    standing = decide([-0.5, -0.51, -0.49, -0.5, -0.5], PLAN)
    assert standing.decision == "not_faster"
    assert "slower" in standing.reason


def test_fewer_than_five_pairs_decide_nothing_however_large_the_gain() -> None:
    assert decide([2.0] * 4, PLAN).decision is None
    stopped = decide([2.0] * 4, PLAN, final=True)
    assert stopped.decision == "inconclusive"
    assert stopped.speedup is None
    assert "4 of the 5 pairs" in stopped.reason


def test_between_looks_nothing_is_decided_and_no_interval_shown() -> None:
    standing = decide([0.7] * 6, PLAN)
    assert standing.decision is None
    assert standing.ci_low is None
    assert standing.speedup == pytest.approx(math.exp(0.7))
    # Out of time, the six pairs get all the error that is left.
    assert decide([0.69, 0.7, 0.71] * 2, PLAN, final=True).decision == "faster"


def test_a_gain_below_the_smallest_effect_is_not_accepted() -> None:
    tight = [0.0099, 0.01, 0.0101] * 10
    assert decide(tight, PLAN).decision == "not_faster"
    assert decide(tight, ComparisonPlan(min_effect=0.005)).decision == "faster"


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": 0.0}, {"max_pairs": 4}, {"looks": (3, 5)}, {"looks": (7, 5)}, {"min_effect": -1.0}],
)
def test_a_plan_that_cannot_hold_its_error_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must"):
        ComparisonPlan(**wrong)  # type: ignore[arg-type]
