"""What counts as something else having had the core."""

from __future__ import annotations

import pytest

from perfagent.workloads.launch import Launch
from perfagent.workloads.timing.noise import changed_speed, disturbance, is_disturbed

LAUNCH = Launch(cold_s=0.1, duration_s=2.0, waited_share=0.1, steal_share=0.05, throttled_s=0.5)


@pytest.mark.parametrize(
    ("metric", "share"),
    [("wall", 0.4), ("energy", 0.4), ("cpu", 0.05), ("instructions", 0.0), ("rss", 0.0)],
)
def test_each_metric_is_disturbed_by_what_can_change_it(metric: str, share: float) -> None:
    assert disturbance(LAUNCH, metric) == pytest.approx(share)  # type: ignore[arg-type]


def test_a_share_is_never_more_than_all_and_unknown_is_none() -> None:
    assert disturbance(Launch(cold_s=0.1, duration_s=0.1, throttled_s=5.0, waited_share=0.5)) == 1.0
    assert disturbance(Launch(cold_s=0.1)) == 0.0


def test_what_could_feign_the_smallest_gain_is_worth_repeating() -> None:
    assert is_disturbed(0.03, 0.02)
    assert not is_disturbed(0.02, 0.02)
    # A smallest gain of nothing does not make every launch one to be repeated.
    assert not is_disturbed(0.01, 0.0)
    assert not is_disturbed(0.04, 0.05)


def test_a_core_whose_speed_changes_within_a_pair_is_noticed_by_the_probe() -> None:
    assert changed_speed([1.0, 1.01, 2.1, 2.0])
    assert not changed_speed([2.1, 2.05, 2.0, 2.1])
    assert not changed_speed([1.0, 2.0], "instructions")
    assert not changed_speed([])
