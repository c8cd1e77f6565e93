"""A gain has to be there with other inputs too, or the two numbers say that it is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from perfagent.agent.gate import inputs
from perfagent.workloads.variants import Variant
from perfagent.workloads.workload import Workload

VARIANT = Variant(workload=Workload(name="job", kind="script", text=""), change="3000 becomes 3093")


def measured(speedup: float, *, low: float, high: float, base_s: float = 1.0) -> Any:
    return SimpleNamespace(
        decision="faster",
        speedup=speedup,
        ci_low=low,
        ci_high=high,
        pairs=5,
        baseline=SimpleNamespace(median=base_s),
    )


def asked(monkeypatch: pytest.MonkeyPatch, exact: Any, other: Any) -> tuple[Any, list[str]]:
    """Return what the check says of two measurements, and its doubts."""
    monkeypatch.setattr(inputs, "_compared", lambda case, target: other)
    case: Any = SimpleNamespace(comparison=exact, doubts=[])
    target: Any = None
    return inputs._slower(case, target, VARIANT), case.doubts


def test_a_gain_for_the_exact_inputs_alone_is_refused_with_both_numbers(
    monkeypatch: pytest.MonkeyPatch,
):
    exact, other = measured(40.0, low=35, high=45), measured(1.01, low=0.98, high=1.04)
    refused, _ = asked(monkeypatch, exact, other)
    assert refused.reason == (
        "fast for the exact inputs only: 40.00x on the workload, 1.01x (0.98-1.04) when "
        "3000 becomes 3093"
    )


def test_nearly_the_same_gain_and_one_that_is_lost_in_noise_pass(monkeypatch: pytest.MonkeyPatch):
    exact = measured(4.0, low=3.5, high=4.5)
    for other in (measured(3.1, low=2.9, high=3.3), measured(1.5, low=0.9, high=2.5)):
        assert asked(monkeypatch, exact, other) == (None, [])


def test_inputs_that_make_another_amount_of_work_decide_nothing(monkeypatch: pytest.MonkeyPatch):
    exact = measured(4.0, low=3.5, high=4.5)
    refused, doubts = asked(monkeypatch, exact, measured(1.0, low=0.9, high=1.1, base_s=2.5))
    assert refused is None
    assert "another amount of work" in doubts[0]


def test_a_patch_that_is_not_timed_is_not_timed_with_other_inputs(monkeypatch: pytest.MonkeyPatch):
    assert asked(monkeypatch, None, None) == (None, [])
