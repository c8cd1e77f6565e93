"""OpenEvolve's files: the program round-trips, and the score says what the gate said."""

from __future__ import annotations

import pytest

from perfagent.agent.openevolve import END, START, champion_diff, marked, score
from perfagent.errors import InfrastructureError
from perfagent.tests.hotspots import hotspot

SOURCE = "import os\n\n\nclass A:\n    @property\n    def f(self):\n        return 1\n\n    x = 2\n"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_program_that_only_has_the_marks_changes_nothing(newline: str, end: str):
    source = (SOURCE.rstrip("\n") + end).replace("\n", newline)
    program = marked(source, hotspot("pkg/a.py", "A.f", 5, 7))

    assert f"    {START}{newline}    @property" in program
    assert f"return 1{newline}    {END}{newline}" in program
    assert champion_diff(source, program, "pkg/a.py") == ""


def test_a_change_becomes_a_diff_without_the_marks():
    program = marked(SOURCE, hotspot("pkg/a.py", "A.f", 5, 7)).replace("return 1", "return 7")
    diff = champion_diff(SOURCE, program, "pkg/a.py")
    assert "-        return 1\n+        return 7\n" in diff
    assert START not in diff


def test_marks_of_the_repository_s_own_stay():
    source = f"{START}\nx = 1\n{END}\n"
    assert marked(source, hotspot("pkg/a.py", "A.f", 2, 2)) == source
    assert champion_diff(source, source.replace("1", "2"), "a.py").count("EVOLVE") == 2


def record(outcome: str, stage: str, speedup: float | None) -> dict[str, object]:
    judged = {"outcome": outcome, "stage": stage, "reason": "why", "speedup": speedup}
    return {
        "outcome": outcome if outcome == "accepted" else "no_improvement",
        "speedup": {"ci_low": 1.7, "speedup": 2.0} if outcome == "accepted" else None,
        "candidates": [{**judged, "evidence": ["line"]}],
    }


@pytest.mark.parametrize(
    ("judged", "combined", "right"),
    [
        (("accepted", "full suite", 2.0), 1.7, 1),
        (("rejected", "full timing", 0.9), 0.9, 1),
        (("rejected", "quick timing", 1.01), 1.0, 1),
        (("inconclusive", "full timing", 1.4), 1.0, 1),
        (("rejected", "same answer", None), 0.0, 0),
        (("rejected", "full suite", 3.0), 0.0, 0),
    ],
)
def test_only_what_the_gate_accepted_scores_above_one(
    judged: tuple[str, str, float | None], combined: float, right: int
):
    found = score(record(*judged))
    assert found["metrics"] == {"combined_score": combined, "right": right}
    assert "why" in found["artifacts"]["verdict"]


def test_a_failing_machine_says_nothing_about_a_program():
    with pytest.raises(InfrastructureError, match="why"):
        score(record("infrastructure", "imports", None))
