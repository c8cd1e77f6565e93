"""Callers and callees as a profile saw them."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.profiles.places import Places
from perfagent.profiles.profile import Frame, Owner, Profile
from perfagent.profiles.views.edges import callees_seen, callers_seen

CODE = "def top():\n    low()\n    low()\n\n\ndef low():\n    return [n for n in range(3)]\n"


def frame(function: str, line: int, path: str = "a.py", owner: Owner = "repository") -> Frame:
    return Frame(function=function, path=path, line=line, owner=owner)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "a.py").write_text(CODE)
    return Places(tmp_path)


def profile(*stacks: tuple[tuple[Frame, ...], int]) -> Profile:
    return Profile(
        stacks=stacks,
        samples=sum(count for _, count in stacks),
        rate_hz=100,
        recorder="py-spy",
        native=False,
        errors=0,
        duration_s=1.0,
        note=None,
    )


WORK = frame("workload", 3, path="/home/someone/work.py", owner="workload")
TOP, LOW, INNER = frame("top", 2), frame("low", 7), frame("<listcomp>", 7)


def test_a_caller_has_the_share_of_its_calls_and_a_comprehension_is_no_callee(places: Places):
    seen = profile(((WORK, TOP, LOW, INNER), 6), ((WORK, TOP), 3), ((WORK, LOW), 1))
    callers = callers_seen(seen, places, "a.py", "low")
    assert [(edge.path, edge.function, edge.share) for edge in callers] == [
        ("a.py", "top", 0.6),
        ("work.py", "workload", 0.1),
    ]
    callees = callees_seen(seen, places, "a.py", "top")
    assert [(edge.function, edge.share) for edge in callees] == [("low", 0.6)]
    assert callees_seen(seen, places, "a.py", "low") == []


def test_recursion_counts_once(places: Places):
    seen = profile(((WORK, TOP, LOW, TOP, LOW), 4), ((WORK,), 4))
    assert [(e.function, e.share) for e in callers_seen(seen, places, "a.py", "low")] == [
        ("top", 0.5)
    ]
