"""The exponent of growth, and how many distinct values a sample stands for."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from perfagent.profiles.facts.distinct import Sample
from perfagent.profiles.facts.growth import growth

SIZES = (4, 8, 20, 50, 100, 400)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0])
def test_a_power_law_is_found_exactly(exponent: float) -> None:
    found = growth({"rows": [(size, 3e-7 * size**exponent) for size in SIZES]})
    assert found is not None
    assert found.exponent == pytest.approx(exponent, abs=1e-9)
    assert found.ci_low == pytest.approx(exponent, abs=1e-6)
    assert found.ci_high == pytest.approx(exponent, abs=1e-6)
    assert (found.parameter, found.smallest, found.largest, found.sizes) == ("rows", 4, 400, 6)


def test_the_interval_holds_the_exponent_as_often_as_it_says() -> None:
    rng = random.Random(7)
    held = 0
    for _ in range(400):
        points = [(size, 1e-6 * size**1.5 * rng.lognormvariate(0, 0.2)) for size in SIZES]
        found = growth({"rows": points})
        assert found is not None
        held += found.ci_low <= 1.5 <= found.ci_high
    assert 0.92 <= held / 400 <= 0.98


def test_nothing_is_said_of_few_sizes_or_of_sizes_that_hardly_differ() -> None:
    assert growth({}) is None
    assert growth({"rows": [(1, 1.0), (10, 2.0), (100, 3.0)]}) is None
    assert growth({"rows": [(10, 1.0), (11, 1.1), (12, 1.2), (13, 1.3)]}) is None
    assert growth({"rows": [(0, 1.0), (4, 1.0), (8, 1.0), (16, 0.0), (32, 1.0)]}) is None


def test_the_parameter_that_explains_the_time_is_named() -> None:
    found = growth(
        {
            "label": [(size, 1.0 + index % 2) for index, size in enumerate(SIZES)],
            "rows": [(size, 1e-6 * size**2) for size in SIZES],
        }
    )
    assert found is not None
    assert found.parameter == "rows"


def sample(values: list[int], share: float, *, seed: int = 3) -> Sample:
    """Return what is left of values when only a share of them is looked at."""
    looked = random.Random(seed).sample(values, round(share * len(values)))
    counts = Counter(looked)
    return Sample(
        calls=len(values),
        looked_at=len(looked),
        kept=len(counts),
        once=sum(1 for count in counts.values() if count == 1),
        twice=sum(1 for count in counts.values() if count == 2),
    )


@pytest.mark.parametrize("times", [1, 2, 5, 50])
@pytest.mark.parametrize("share", [1.0, 0.3, 0.1])
def test_distinct_values_are_estimated_from_a_part_of_the_calls(times: int, share: float) -> None:
    values = [number for number in range(20_000 // times) for _ in range(times)]
    found = sample(values, share)
    assert found.is_whole == (share == 1.0)
    assert found.distinct() == pytest.approx(20_000 // times, rel=0.0 if share == 1 else 0.1)


def test_a_halved_table_counts_double() -> None:
    halved = Sample(calls=1000, looked_at=1000, kept=100, once=0, twice=10, halvings=2)
    assert halved.distinct() == 400
    assert not halved.is_whole


def test_there_are_never_more_values_than_calls() -> None:
    assert Sample(calls=100, looked_at=50, kept=50, once=50, twice=0).distinct() == 100
    assert Sample(calls=1, looked_at=1, kept=1, once=1, twice=0).distinct() == 1
