"""The study of the sandboxes: what its page says of launches."""

from __future__ import annotations

import random

from perfagent.benchmarks.sandbox import Seen, false_accepts, report, spread
from perfagent.workloads.timing.decision import ComparisonPlan


def launches(count: int, *, seed: int, drift: float = 0.0) -> list[float]:
    order = random.Random(seed)
    return [0.02 * (1 + drift * (place % 2)) * order.gauss(1, 0.01) for place in range(count)]


def test_launches_of_one_version_are_hardly_ever_called_faster():
    rate = false_accepts(launches(400, seed=1), ComparisonPlan(), seed=0)
    assert rate is not None
    assert rate <= 0.03


def test_so_few_launches_are_not_decided():
    assert false_accepts([0.02] * 4, ComparisonPlan(), seed=0) is None


def test_the_page_compares_each_sandbox_with_none_and_says_what_is_missing():
    plain = Seen(call_s=launches(60, seed=1), launch_s=[0.1] * 60)
    contained = Seen(call_s=launches(60, seed=2), launch_s=[0.15] * 60)
    page = report({"none": plain, "local": contained}, {"docker": "there is no socket"}, 0.5)
    (row,) = [line for line in page.splitlines() if line.startswith("| local |")]
    assert row.split(" | ")[:4] == ["| local", "60", "150 ms", "1.50"]
    assert "docker was left out: there is no socket" in page
    assert f"{spread(plain.call_s):.1%}" in page
