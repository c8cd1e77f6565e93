"""Sums: near misses come back together, on the tip, once, and the same after a resume."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from perfagent.agent.proposers.pairs import PAIR
from perfagent.agent.runs.budget import Budget
from perfagent.agent.runs.plain import to_plain
from perfagent.agent.runs.run import Run
from perfagent.agent.search.ask import Ask
from perfagent.agent.search.rounds import plan_round
from perfagent.agent.steps import conclude, sums
from perfagent.agent.steps.collect import collect, write_candidate
from perfagent.agent.steps.decide import stack, stop_reason
from perfagent.agent.steps.propose import propose
from perfagent.agent.steps.tip import Tip, load_candidate
from perfagent.agent.verdict import Outcome, Verdict
from perfagent.tests.court import Court, open_court

TEXT = "\n".join(f"def f{number}(x):\n    return x + {number}\n\n" for number in range(6))
FILES = {"shop/__init__.py": "", "shop/orders.py": TEXT}
WORKLOAD = "from shop.orders import f0\n\n\ndef workload():\n    return f0(1)\n"
KEPT = ("candidates", "verdicts", "proposals", "sums", "queue", "search")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Court:
    return open_court(tmp_path_factory.mktemp("court"), FILES, WORKLOAD, proposer=["rewrites"])


@pytest.fixture
def court(opened: Court) -> Iterator[Court]:
    yield opened
    for name in KEPT:
        shutil.rmtree(opened.run.directory.path / name, ignore_errors=True)


def judged(
    court: Court,
    *edits: tuple[str, str],
    stage: str = "full timing",
    outcome: Outcome = "inconclusive",
    speedup: float | None = 1.015,
    ci_high: float = 1.03,
    round_number: int = 1,
    origin: str = "rewrites/memoize",
    parent: str | None = None,
) -> str:
    """Write a judged candidate that makes some edits, and return its id."""
    text = TEXT
    for old, new in edits:
        text = text.replace(old, new)
    made = court.candidate(shop__orders=text)
    made = replace(
        made,
        origin=origin,
        round=round_number,
        fingerprint=made.candidate_id,
        hypothesis=f"{edits[0][1]} is faster",
        parent_id=parent,
    )
    write_candidate(court.run, made)
    verdict = Verdict(
        candidate_id=made.candidate_id,
        outcome=outcome,
        stage=stage,
        reason="",
        speedup=speedup,
        ci_low=0.99,
        ci_high=ci_high,
    )
    court.run.keep(f"verdicts/{made.candidate_id}.json", to_plain(verdict))
    return made.candidate_id


def edit(number: int) -> tuple[str, str]:
    return f"x + {number}\n", f"{number} + x\n"


def ask_pairs(run: Run, round_number: int = 2, tip: str | None = None) -> list[str]:
    """Propose and collect a round of sums, and return the candidates to try."""
    ask = Ask(proposer="pairs", label="pairs", parent=tip)
    propose(run, round_number, tip, ask, last_attempt=True)
    return collect(run, round_number, [ask])


def asked(run: Run, round_number: int, **how: bool) -> list[str]:
    """Plan a round on the base and return whom it asks."""
    planned = plan_round(run, round_number, None, last_attempt=True, **how)
    (run.directory.path / f"search/{round_number:02d}.json").unlink()
    return [ask.proposer for ask in planned.asks]


def test_two_near_misses_become_one_candidate_with_both_changes(court):
    judged(court, edit(0))
    judged(court, edit(5))
    (queued,) = ask_pairs(court.run)
    candidate = load_candidate(court.run, queued)
    assert candidate.origin == PAIR
    assert candidate.parent_id is None
    assert "0 + x" in candidate.patch.diff
    assert "5 + x" in candidate.patch.diff
    assert "0 + x" in candidate.hypothesis
    assert "5 + x" in candidate.hypothesis


@pytest.mark.parametrize(
    "verdict",
    [
        {"stage": "same answer", "outcome": "rejected"},
        {"stage": "same answer", "outcome": "rejected", "speedup": None},
        {"stage": "full timing", "outcome": "infrastructure"},
        {"speedup": 0.99},
        {"speedup": 1.002, "ci_high": 1.008},
        {"origin": PAIR},
        {"round_number": 2},
        {"parent": "somebody"},
    ],
    ids=["wrong", "unmeasured", "machine", "slower", "no gain", "sum", "same round", "other tip"],
)
def test_only_right_changes_that_seem_to_gain_are_put_together(court, verdict):
    judged(court, edit(0))
    judged(court, edit(5), **verdict)
    assert sums.untried_sums(court.run, 2, None) == []


def test_a_small_gain_that_is_sure_counts_though_it_is_below_the_smallest(court):
    for number in (0, 5):
        judged(court, edit(number), outcome="rejected", speedup=1.013, ci_high=1.016)
    assert len(sums.untried_sums(court.run, 2, None)) == 1


def test_changes_that_conflict_are_not_put_together(court):
    judged(court, edit(0))
    judged(court, (edit(0)[0], "x + 0 + 0\n"))
    assert sums.untried_sums(court.run, 2, None)
    assert ask_pairs(court.run) == []


def test_one_more_round_is_given_for_sums_and_no_other_proposer_is_asked_in_it(court):
    run, tip = court.run, Tip(candidate_id=None, speedup=1.0)
    assert stop_reason(run, 1, 1, tip) == "no further progress"
    judged(court, edit(0))
    judged(court, edit(5))
    assert stop_reason(run, 1, 1, tip) is None
    assert asked(run, 2, only_sums=True) == ["pairs"]
    assert asked(run, 2) == ["pairs", "rewrites"]
    ask_pairs(run)
    assert stop_reason(run, 2, 2, tip) == "no further progress"


def test_the_first_round_asks_no_pairs(court):
    assert asked(court.run, 1) == ["rewrites"]


def test_a_round_that_was_killed_proposes_the_same_sums_again(court):
    judged(court, edit(0))
    judged(court, edit(3))
    judged(court, edit(5))
    first = ask_pairs(court.run)
    proposals = court.run.directory.read_json("proposals/02/pairs.json")
    for name in ("proposals", "queue"):
        shutil.rmtree(court.run.directory.path / name)
    for queued in first:
        (court.run.directory.path / f"candidates/{queued}.json").unlink()
    assert ask_pairs(court.run) == first
    assert court.run.directory.read_json("proposals/02/pairs.json") == proposals
    assert len(first) == 4


def test_sums_are_put_on_a_tip_that_grew_meanwhile(court):
    tip = judged(court, edit(2), outcome="accepted", stage="full suite", speedup=1.5)
    judged(court, edit(0), speedup=1.007, ci_high=1.03)
    judged(court, edit(5), speedup=1.007, ci_high=1.03)
    assert sums.untried_sums(court.run, 2, None) == []
    (queued,) = ask_pairs(court.run, tip=tip)
    candidate = load_candidate(court.run, queued)
    assert candidate.parent_id == tip
    assert all(f"{number} + x" in candidate.patch.diff for number in (0, 2, 5))


def test_what_is_in_the_tip_already_is_not_put_on_it_again(court):
    tip = judged(court, edit(0), edit(5), outcome="accepted", stage="full suite", origin=PAIR)
    judged(court, edit(0))
    judged(court, edit(3))
    assert sums.untried_sums(court.run, 2, tip) == []


def test_the_hunks_of_a_sum_are_not_taken_apart_again(court, monkeypatch):
    tip = judged(court, edit(0), edit(5), outcome="accepted", stage="full suite", origin=PAIR)
    seen: list[set[str]] = []
    monkeypatch.setattr(
        conclude, "minimize", lambda run, candidate, proven: seen.append(proven) or candidate
    )
    conclude._minimized(court.run, tip)
    assert len(seen[0]) == 2


def test_what_was_accepted_is_kept_when_the_time_is_up(
    court: Court, monkeypatch: pytest.MonkeyPatch
):
    accepted = [judged(court, edit(number), outcome="accepted") for number in (0, 1)]
    spent = Budget(max_usd=None, max_tokens=None, max_wall_s=1e-9, max_rounds=4)
    monkeypatch.setattr(Run, "budget", spent)
    tip = stack(court.run, 1, Tip(candidate_id=None, speedup=1.0))
    assert tip.candidate_id == min(accepted), "judging the other one on top would take time"
