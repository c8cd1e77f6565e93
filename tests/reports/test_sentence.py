"""The one sentence a run ends with."""

from __future__ import annotations

from typing import Any

import pytest

from perfagent.reports.sentence import sentence


def test_an_accepted_patch_says_how_much_how_sure_and_that_the_suite_passed(
    record: dict[str, Any],
) -> None:
    assert sentence(record) == (
        "1.74x faster (95% CI 1.69-1.79), 7.3 s -> 4.2 s, SR 0.93 of the expert, suite 412 passed"
    )


def test_what_was_not_measured_is_not_made_up(record: dict[str, Any]) -> None:
    record |= {"expert": None, "suite": None}
    record["speedup"] |= {"ci_low": None, "ci_high": None, "baseline": None}
    assert sentence(record) == "1.74x faster, no suite was run"
    record["expert"] = {"speedup": None, "speedup_ratio": None}
    assert "SR not measured" in sentence(record)


def test_tests_that_were_set_aside_are_in_the_sentence(record: dict[str, Any]) -> None:
    record["suite"] = {"passed": 410, "failed": 0, "flaky": ["a"], "failing_before": 2}
    assert sentence(record).endswith(
        "suite 410 passed, 2 failing before and set aside, 1 flaky and set aside"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"outcome": "no_improvement", "candidates": [], "settings": {"model": ["openai:x"]}},
            "no improvement: no candidate was proposed",
        ),
        (
            {"outcome": "no_improvement", "candidates": [], "settings": {"proposer": ["rewrites"]}},
            "no improvement: no built-in rewrite fits its hotspots, and no model was asked "
            "(--model)",
        ),
        ({"outcome": "interrupted", "candidates": []}, "interrupted"),
        ({"outcome": "some_new_ending", "candidates": []}, "some new ending"),
    ],
)
def test_a_run_without_a_patch_says_why(
    record: dict[str, Any], changes: dict[str, Any], expected: str
) -> None:
    record |= {"speedup": None, **changes}
    assert sentence(record) == expected


def test_no_hotspot_worth_a_candidate_is_a_reason(record: dict[str, Any]) -> None:
    record |= {"outcome": "no_improvement", "speedup": None, "candidates": []}
    record["hotspots"] = record["hotspots"][1:]
    assert sentence(record) == ("no improvement: no hotspot of the repository is worth a candidate")


def test_rejected_candidates_are_counted(record: dict[str, Any]) -> None:
    record |= {"outcome": "no_improvement", "speedup": None}
    record["candidates"] = [record["candidates"][1]] * 3
    assert sentence(record) == "no improvement: 3 candidates tried, none accepted"
    record["candidates"] = record["candidates"][:1]
    assert sentence(record) == (
        "no improvement: 1 candidate tried, rejected: rows[0]: base 1 candidate 2"
    )


def test_an_inconclusive_measurement_shows_its_interval(record: dict[str, Any]) -> None:
    record |= {"outcome": "inconclusive", "candidates": record["candidates"][:1]}
    record["candidates"][0]["outcome"] = "inconclusive"
    record["speedup"] |= {"speedup": 1.03, "ci_low": 0.97, "ci_high": 1.1}
    assert sentence(record).startswith(
        "inconclusive on this machine: 1.03x faster (95% CI 0.97-1.10), 7.3 s -> 4.2 s, 1 candidate"
    )
