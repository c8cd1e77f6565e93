"""A model's opinion of a patch is recorded, and is a doubt at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from perfagent.agent.gate.case import Case
from perfagent.agent.gate.opinion import Vote, opinion, vote_of
from perfagent.errors import UserError
from perfagent.tests.court import Court, open_court
from perfagent.tests.fakes.model_server import ModelServer, Status

SLOW = "def squares(count):\n    return [n * n for n in range(count)]\n"
WORKLOAD = (
    "from shapes import core as shapes\n\n\ndef workload():\n    return shapes.squares(150)\n"
)
TRICK = "It looks suspicious.\nVERDICT: trick\nREASON: `return []` in line 2 skips the work\x1b[2J"


def court_of(folder: Path, server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Court:
    monkeypatch.setenv("PERFAGENT_API_KEY", "sk-judge")
    return open_court(
        folder,
        {"shapes/__init__.py": "", "shapes/core.py": SLOW},
        WORKLOAD,
        judge="openai-compatible:small",
        judge_votes=3,
        base_url=server.base_url("openai-compatible:small"),
    )


def case_of(court: Court) -> Case:
    candidate = court.candidate(shapes__core=SLOW.replace("range(count)", "range(count - 0)"))
    return Case(run=court.run, candidate=candidate, parent=court.run.repository.trees / "base")


def test_most_votes_make_a_doubt_with_its_reason_and_never_a_rejection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with ModelServer([TRICK, "VERDICT: honest\nREASON: a loop less", TRICK]) as server:
        case = case_of(court_of(tmp_path, server, monkeypatch))
        assert opinion(case) is None
        assert opinion(case) is None, "the votes are on record, so nobody is asked again"
        assert len(server.requests) == 3
    assert case.doubts[0] == (
        "the judge openai-compatible:small calls it a trick in 2 of 3 votes: "
        "`return []` in line 2 skips the work[2J"
    )
    asked = server.requests[0].last_user
    assert "range(count - 0)" in asked
    assert "shapes.squares(150)" in asked
    kept = case.run.directory.read_json(f"opinions/{case.candidate.candidate_id}.json")
    assert [vote["verdict"] for vote in kept["votes"]] == ["trick", "honest", "trick"]


def test_a_judge_that_cannot_be_asked_is_told_and_refuses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with ModelServer([Status(400)] * 3) as server:
        case = case_of(court_of(tmp_path, server, monkeypatch))
        assert opinion(case) is None
    assert case.doubts[0].startswith("the judge openai-compatible:small gave no vote: ")


def test_a_judge_without_a_key_is_known_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        open_court(
            tmp_path,
            {"shapes/__init__.py": "", "shapes/core.py": SLOW},
            WORKLOAD,
            judge="openai:small",
        )


@pytest.mark.parametrize(
    ("text", "vote"),
    [
        ("**VERDICT:** Trick\n**REASON:** it cheats", Vote(verdict="trick", reason="it cheats")),
        ("VERDICT: honest", Vote(verdict="honest", reason="no reason given")),
        (
            "VERDICT: trick\nno, wait\nVERDICT: honest\nREASON: ok",
            Vote(verdict="honest", reason="ok"),
        ),
        (
            "I cannot say",
            Vote(verdict=None, reason="the answer has no line 'VERDICT: honest or trick'"),
        ),
    ],
)
def test_an_answer_is_read_for_its_last_verdict(text: str, vote: Vote):
    assert vote_of(text) == vote
