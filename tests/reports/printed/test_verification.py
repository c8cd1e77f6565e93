"""What is printed of a verification says whether to believe it, and why not."""

from __future__ import annotations

from typing import Any

import pytest

from perfagent.reports.printed.verification import print_verification

FOUND = {"speedup": 2.0, "ci_low": 1.9, "ci_high": 2.1, "confidence": 0.95, "pairs": 12}
VERIFIED: dict[str, Any] = {
    "holds": True,
    "path": "evidence.json",
    "checks": [{"what": "digests", "ok": True, "detail": "all match [none]"}],
    "metric": "wall",
    "claim": {"outcome": "accepted", "measurement": "final"},
    "findings": {"final": FOUND, "against expert": {**FOUND, "speedup": 0.9}},
    "rerun": None,
}


def printed(
    capsys: pytest.CaptureFixture[str], *, rerun_asked: bool = False, **changes: Any
) -> str:
    print_verification({**VERIFIED, **changes}, rerun_asked=rerun_asked)
    return capsys.readouterr().out


def test_what_holds_is_told_with_its_interval(capsys: pytest.CaptureFixture[str]):
    out = printed(capsys)

    assert "ok: digests: all match [none]" in out
    assert "the evidence holds: accepted, 2.00x faster (95% CI 1.90-2.10), 12 pairs" in out
    assert "SR 0.90 of the expert" in out


def test_what_does_not_hold_shows_no_speedup_and_is_not_measured_again(
    capsys: pytest.CaptureFixture[str],
):
    check = {"what": "samples", "ok": False, "detail": "its digest differs"}
    out = printed(capsys, rerun_asked=True, holds=False, checks=[check], claim=None, findings={})

    assert "FAIL: samples: its digest differs" in out
    assert "the evidence does not hold: 1 check failed" in out
    assert "faster" not in out
    assert "not measured again" in out


def test_a_strangers_words_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]):
    check = {"what": "outcome", "ok": True, "detail": "rejected\n\x1b[2Jok: all is well"}

    assert "ok: outcome: rejected [2Jok: all is well\n" in printed(capsys, checks=[check])


def test_what_differs_between_two_machines_is_cut_where_it_gets_long(
    capsys: pytest.CaptureFixture[str],
):
    again = {
        "details": ["final: 2.000x agrees"],
        "environment": [f"package p{number}: 1 there, 2 here" for number in range(40)],
        "directory": "/runs/1",
    }
    out = printed(capsys, rerun=again)

    assert "measured again: final: 2.000x agrees" in out
    assert out.count("differs: package") == 12
    assert "and 28 differences more" in out
    assert "report: /runs/1/report.md" in out
