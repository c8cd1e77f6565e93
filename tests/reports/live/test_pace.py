"""How long a step still takes: what was said of it, or what earlier trials of the run took."""

from __future__ import annotations

from typing import Any

from perfagent.reports.live.pace import Pace


def stage(name: str, about_s: float | None = None) -> dict[str, Any]:
    return {"event": "stage", "stage": name, "text": "x", "about_s": about_s}


def candidate(name: str, state: str) -> dict[str, Any]:
    return {"event": "candidate", "candidate_id": name, "state": state}


def test_a_step_of_known_length_counts_down_and_then_says_nothing():
    pace = Pace()
    pace.take(stage("conclude", 30.0), 100.0)
    assert pace.text(100.0) == "about 30 s left"
    assert pace.text(112.4) == "about 18 s left"
    assert pace.text(131.0) == ""


def test_a_step_of_unknown_or_short_length_says_nothing():
    pace = Pace()
    pace.take(stage("prepare"), 0.0)
    assert pace.left_s(1.0) is None
    pace.take(stage("prepare", 1.5), 2.0)
    assert pace.left_s(2.0) is None


def test_trials_tell_once_one_of_them_ended():
    pace = Pace()
    for name in "abcd":
        pace.take(candidate(name, "proposed"), 1.0)
    pace.take(stage("validate"), 2.0)
    pace.take(candidate("a", "validating"), 2.0)
    assert pace.text(5.0) == ""
    pace.take(candidate("a", "rejected"), 12.0)
    pace.take(candidate("b", "validating"), 12.0)
    assert pace.text(16.0) == "about 26 s left", "6 s of b, 10 s each for c and d"


def test_trials_side_by_side_share_what_is_left():
    pace = Pace()
    pace.take(stage("validate"), 0.0)
    for name in "abcdef":
        pace.take(candidate(name, "proposed"), 0.0)
    for name in "ab":
        pace.take(candidate(name, "validating"), 0.0)
    for name in "ab":
        pace.take(candidate(name, "accepted"), 10.0)
    assert pace.left_s(10.0) == 20.0
