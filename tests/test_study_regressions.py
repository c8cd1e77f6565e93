"""The study of the app's checks: what is left to measure, and what its page says."""

from __future__ import annotations

from typing import Any

from benchmarks.regressions import SLOW, SLOW_LINE, planned, report


def record(kind: str, number: int, conclusion: str, **more: Any) -> dict[str, Any]:
    measured = {"title": "", "line": None, "slowdown": 1.0, "ci_low": 0.9, "ci_high": 1.1}
    return {
        "kind": kind,
        "number": number,
        "conclusion": conclusion,
        **measured,
        "pairs": 9,
        "seconds": 8.0,
        **more,
    }


def test_what_has_a_record_is_not_measured_again():
    everything = planned(20, [])
    assert len(everything) == 25
    assert len(set(everything)) == 25
    done = [record(kind, number, "success") for kind, number in everything[:10]]
    assert planned(20, done) == everything[10:]


def test_the_page_counts_false_alarms_and_the_planted_line():
    line = SLOW.splitlines().index(SLOW_LINE) + 1
    same = [record("changes nothing", n, "success" if n else "failure") for n in range(20)]
    slower = [
        record("is slower", n, "failure", line=line + bool(n), slowdown=2.0) for n in range(5)
    ]
    page = report(same + slower)
    assert "| changes nothing | 20 | 1 | 19 | 0 | - |" in page
    assert "| is slower | 5 | 5 | 0 | 0 | 1 |" in page
    assert "1 of 20, so fewer than 22%" in page
    assert "2.00 to 2.00" in page
