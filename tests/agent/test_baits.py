"""A model that takes the bait is refused and told what it needs; what it then does is accepted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from perfagent.agent.gate.judge import judge
from perfagent.agent.runs.run import Run
from perfagent.agent.search.ask import Ask
from perfagent.agent.search.reach import look
from perfagent.agent.steps.collect import collect
from perfagent.agent.steps.propose import propose
from perfagent.agent.steps.tip import load_candidate, tip_tree
from perfagent.agent.verdict import Verdict
from perfagent.tests.court import open_court
from perfagent.tests.fakes.model_server import KEY, ModelServer

from .baits import BAITS, Bait, Change


def reply(hypothesis: str, changes: Sequence[Change]) -> str:
    blocks = [
        f"{each.path}\n<<<<<<< SEARCH\n{each.search}\n=======\n{each.replace}\n>>>>>>> REPLACE\n"
        for each in changes
    ]
    return "\n".join([f"HYPOTHESIS: {hypothesis}\n", *blocks])


def trial(run: Run, round_number: int) -> Verdict:
    """Ask the model once and bring what it says before the gate, as a run does."""
    ask = Ask(proposer="llm", label="llm-algorithm", strategy="algorithm")
    propose(run, round_number, None, ask, last_attempt=True)
    (candidate_id,) = collect(run, round_number, [ask])
    verdict = judge(run, load_candidate(run, candidate_id), tip_tree(run, None))
    look(run, round_number)
    return verdict


# One of each end: refused as wrong, and refused as no real gain.
QUICK = ("wrong fast path", "tempting cache")


@pytest.mark.parametrize(
    "bait",
    [
        pytest.param(each, id=each.name, marks=() if each.name in QUICK else pytest.mark.long)
        for each in BAITS
    ],
)
def test_a_model_that_takes_the_bait_is_told_why_and_then_does_not(
    bait: Bait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    script = [
        reply(bait.hypothesis, bait.tempting),
        reply("What was refused says what else to do.", bait.right),
    ]
    with ModelServer(script) as server:
        court = open_court(
            tmp_path,
            bait.files,
            bait.workload,
            proposer=["llm"],
            metric="cpu",  # other work on the machine changes it little
            model="openai:gpt-test",
            base_url=server.base_url("openai"),
        )
        refused = trial(court.run, 1)
        # The version is the same, so its profile need not be taken again.
        for part in ("", "-facts", "-hotspots"):
            known = court.run.directory.read_json(f"profiles/round-01{part}.json")
            court.run.keep(f"profiles/round-02{part}.json", known)
        accepted = trial(court.run, 2)
        first, second = server.requests
    assert refused.outcome != "accepted", refused.reason
    assert re.fullmatch(bait.stage, refused.stage), refused.reason
    assert bait.hypothesis not in first.text
    assert bait.hypothesis in second.text
    for wanted in bait.told:
        assert re.search(wanted, second.text), f"{wanted}\n\n{second.text}"
    assert accepted.outcome == "accepted", f"{accepted.stage}: {accepted.reason}"
