"""The base's answer may vary in more ways than two launches show: none is held against a patch."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.agent.gate.behaviour import same_answer
from perfagent.agent.gate.judge import judge
from perfagent.agent.gate.static import applies
from perfagent.agent.steps.reference import reference
from perfagent.agent.steps.tip import tip_tree
from perfagent.agent.verdict import Verdict
from perfagent.tests.court import Court, open_court

# Every launch in one tree gives another answer, as a parser does whose states are numbered by
# addresses; only the last number is always the same.
TURNS = """
from pathlib import Path

COUNT = Path(__file__).with_name("count")


def turn():
    seen = int(COUNT.read_text()) if COUNT.exists() else 0
    COUNT.write_text(str(seen + 1))
    return [int(place == seen % 6) for place in range(6)] + [42]
"""
WORKLOAD = "from turns import turn\ndef workload():\n    return turn()\n"
STAGES = (("applies", applies), ("same answer", same_answer))


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return open_court(tmp_path, {"turns.py": TURNS}, WORKLOAD)


def judged(court: Court, text: str) -> Verdict:
    return judge(court.run, court.candidate(turns=text), tip_tree(court.run, None), stages=STAGES)


def test_an_answer_that_the_base_gives_at_times_is_no_other_one(court: Court) -> None:
    before = reference(court.run, hash_seed=0)
    verdict = judged(court, TURNS.replace("    seen =", "    # how often\n    seen ="))
    assert verdict.outcome == "accepted", verdict
    assert any("differs from run to run" in doubt for doubt in verdict.doubts)
    # The next candidate goes by what was seen for this one.
    shown = set(reference(court.run, hash_seed=0).answer["masked"]) - set(before.answer["masked"])
    assert "return value[0]" in shown


def test_an_answer_that_the_base_never_gives_is_refused(court: Court) -> None:
    verdict = judged(court, TURNS.replace("[42]", "[43]"))
    assert verdict.outcome == "rejected"
    assert "return value[6]: base 42, candidate 43" in verdict.reason
