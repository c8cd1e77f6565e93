"""Samples that no measurement can have left are recognized."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from perfagent.workloads.timing.decision import ComparisonPlan
from perfagent.workloads.timing.samples import Samples
from perfagent.workloads.timing.sound import flaws
from perfagent.workloads.timing.timings import Timings

from .made import PAIRS, samples_of, timings_of_values

VALUES = tuple(0.1 + 0.001 * index for index in range(PAIRS))


def timed(**changes: Any) -> Timings:
    return timings_of_values(VALUES, **changes)


def changed(**changes: Any) -> Samples:
    """Return sound samples whose candidate has some fields changed."""
    return samples_of(timed(), timed(**changes))


@pytest.mark.parametrize("regime", ["cold", "warm"])
def test_samples_as_a_session_leaves_them_have_no_flaw(regime: Any):
    loops = 100 if regime == "warm" else 0
    made = timed(regime=regime, loops=loops)
    assert flaws(samples_of(made, made)) == ()


@pytest.mark.parametrize(
    ("samples", "part"),
    [
        (changed(cpu_s=VALUES[1:]), "9 cpu_s for 10 pairs"),
        (changed(setup_s=(-1.0,) * PAIRS), "setup_s holds a value that is not possible: -1"),
        (changed(duration_s=(0.0,) * PAIRS), "duration_s"),
        (changed(disturbed_share=(1.5,) * PAIRS), "disturbed_share"),
        (changed(wall_s=(0.3,) * PAIRS), "not the seconds of the call"),
        (changed(first=(0.3,) * PAIRS), "not those of the first calls"),
        (changed(metric="cpu"), "differ in their metric"),
        (changed(machine={"processor": "another"}), "different machines"),
        (replace(changed(), baseline_first=(True,) * PAIRS), "reverse the order"),
        (replace(changed(), plan=ComparisonPlan(max_pairs=7)), "10 pairs, of 7 planned"),
        (replace(changed(), plan=ComparisonPlan(fixed=True)), "instead of the 30"),
        (replace(changed(), repeated=-1), "a count is below"),
    ],
)
def test_a_contradiction_is_said_in_words(samples: Samples, part: str):
    assert any(part in flaw for flaw in flaws(samples)), flaws(samples)


def test_a_value_outside_its_blocks_is_no_quartile_of_them():
    made = timed(regime="warm", loops=100)
    other = replace(made, blocks_s=tuple((value / 2,) for value in VALUES))
    assert flaws(samples_of(made, other)) == ("candidate: wall_s is not within its blocks",)
