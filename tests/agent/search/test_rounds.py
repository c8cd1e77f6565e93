"""A round is planned once, the same for the same seed, and goes by what earlier rounds showed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from perfagent.agent.proposers.proposal import Proposal
from perfagent.agent.runs.budget import Budget, Spend
from perfagent.agent.runs.plain import to_plain
from perfagent.agent.runs.run import Run
from perfagent.agent.search.ask import Ask, collected_file
from perfagent.agent.search.context import tried
from perfagent.agent.search.elites import BASE, elite_of, elites
from perfagent.agent.search.reach import look, reach_of
from perfagent.agent.search.rounds import RoundPlan, plan_round, trials
from perfagent.agent.search.standing import told_budget
from perfagent.agent.search.strategies import task_text
from perfagent.agent.steps import decide
from perfagent.agent.steps.collect import collect, write_candidate
from perfagent.agent.steps.decide import stack
from perfagent.agent.steps.tip import Tip, tip_tree
from perfagent.agent.verdict import Verdict
from perfagent.profiles.facts.call_facts import RecordedFacts
from perfagent.profiles.functions import FunctionMap
from perfagent.profiles.hotspot import Hotspot
from perfagent.profiles.profile import Profile
from perfagent.tests.court import Court, open_court
from perfagent.tests.fakes.model_server import ModelServer, Text

TEXT = """def used(x):
    total = 0
    for n in range(50):
        total += n * x
    return total


def unused(x):
    y = x + 1
    return y
"""
FILES = {"shop/__init__.py": "", "shop/orders.py": TEXT}
WORKLOAD = "from shop.orders import used\n\n\ndef workload():\n    return used(3)\n"
KEPT = ("candidates", "verdicts", "proposals", "queue", "search", "reached", "calls", "profiles")
PLANS = "PLAN algorithm: used\nSum the series.\n\nPLAN lower: used\nBind less.\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(lambda request: Text(PLANS)) as serving:
        yield serving


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, server: ModelServer) -> Court:
    return open_court(
        tmp_path_factory.mktemp("court"),
        FILES,
        WORKLOAD,
        proposer=["llm"],
        model="openai-compatible:scripted",
        base_url=server.base_url("openai-compatible"),
        width=4,
        search="evolve",
    )


@pytest.fixture
def court(opened: Court) -> Iterator[Court]:
    for name in KEPT:
        shutil.rmtree(opened.run.directory.path / name, ignore_errors=True)
    return opened


def seed_profile(run: Run, name: str) -> None:
    """Write a profile in which `used` takes all the time, so that none has to be taken."""
    functions = FunctionMap.read(tip_tree(run, None) / "shop/orders.py")
    span = functions.spans[0]
    spot = Hotspot(
        function=span.qualname,
        path="shop/orders.py",
        first_line=span.first_line,
        last_line=span.last_line,
        self_share=0.8,
        own_share=0.8,
        total_share=0.8,
        max_speedup=5.0,
        owner="repository",
        callers=(),
        lines=(),
        source=functions.source(span),
        covering_tests=(),
        worthwhile=True,
        note=None,
    )
    profile = Profile(
        stacks=(),
        samples=0,
        rate_hz=250,
        recorder="py-spy",
        native=False,
        errors=0,
        duration_s=1.0,
        note=None,
    )
    run.keep(f"profiles/{name}.json", profile.to_json())
    run.keep(f"profiles/{name}-hotspots.json", [to_plain(spot)])
    run.keep(f"profiles/{name}-facts.json", to_plain(RecordedFacts()))


def judged(
    court: Court,
    old: str,
    new: str,
    *,
    number: int = 1,
    strategy: str = "avoid",
    parent: str | None = None,
    **verdict: Any,
) -> str:
    """Write a judged candidate of a model and return its id."""
    made = replace(
        court.candidate(shop__orders=TEXT.replace(old, new)),
        origin=f"llm/scripted/{strategy}",
        round=number,
        parent_id=parent,
        fingerprint=new,
        hypothesis=f"{new.strip()} is faster",
        kind="avoid",
    )
    write_candidate(court.run, made)
    fields = {"outcome": "accepted", "stage": "full suite", "reason": "1.50x faster"} | verdict
    told = Verdict(candidate_id=made.candidate_id, **fields)
    court.run.keep(f"verdicts/{made.candidate_id}.json", to_plain(told))
    return made.candidate_id


def planned(court: Court, number: int, *profiles: str) -> RoundPlan:
    for name in profiles:
        seed_profile(court.run, name)
    return plan_round(court.run, number, None, last_attempt=True)


def forget(run: Run, number: int) -> None:
    (run.directory.path / f"search/{number:02d}.json").unlink()


def test_a_round_is_spread_over_kinds_and_carries_the_plans(court: Court) -> None:
    found = planned(court, 1, "round-01")
    assert len({ask.strategy for ask in found.asks}) == len(found.asks) == 4
    plans = {ask.strategy: ask.plan for ask in found.asks if ask.plan}
    assert plans.get("algorithm", "used. Sum the series.") == "used. Sum the series."
    assert plans
    assert "Budget: this is round 1 of 4" in found.budget[0]


def test_a_killed_round_is_planned_the_same_and_no_call_is_paid_twice(
    court: Court, server: ModelServer
) -> None:
    first = planned(court, 1, "round-01")
    asked = len(server.requests)
    forget(court.run, 1)
    assert planned(court, 1) == first
    assert len(server.requests) == asked
    assert planned(court, 1) == first


def test_another_seed_asks_something_else(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {str([ask.label for ask in planned(court, 1, "round-01").asks])}
    for seed in range(5):
        forget(court.run, 1)
        monkeypatch.setattr(Run, "seed_for", lambda self, *parts, seed=seed: seed)
        found.add(str([ask.label for ask in planned(court, 1).asks]))
    assert len(found) > 2


def test_moves_follow_from_what_was_refused_and_are_not_repeated_for_ever(court: Court) -> None:
    wrong = judged(
        court,
        "range(50)",
        "range(49)",
        outcome="rejected",
        stage="covering tests",
        reason="1 test(s) no longer pass",
        evidence=("test_used: failed", "assert 3675 == 3528"),
    )
    slow = judged(
        court,
        "y = x + 1",
        "y = 1 + x",
        outcome="rejected",
        stage="quick timing",
        reason="not faster",
        speedup=0.99,
        ci_low=0.95,
        ci_high=1.01,
    )
    seen: dict[tuple[str, str], int] = {}
    for number in range(2, 9):
        found = planned(court, number, f"round-{number:02d}")
        for ask in found.asks:
            for about in ask.about:
                seen[ask.strategy, about] = seen.get((ask.strategy, about), 0) + 1
    assert set(seen) <= {("repair", wrong), ("another", slow)}
    assert seen
    assert max(seen.values()) <= 2
    repair = task_text(court.run, Ask(proposer="llm", label="x", strategy="repair", about=(wrong,)))
    assert "assert 3675 == 3528" in repair
    assert "+    for n in range(49):" in repair
    told = tried(court.run, 2)
    assert any("assert 3675 == 3528" in entry for entry in told)
    assert any("measured 0.990x (0.950-1.010)" in entry for entry in told)
    assert tried(court.run, 1) == [], "a round does not see what it tried itself"


def test_a_change_that_was_not_reached_is_told_so(court: Court) -> None:
    verdict = {"outcome": "rejected", "stage": "quick timing", "reason": "not faster"}
    unused = judged(court, "y = x + 1", "y = 1 + x", **verdict)
    used = judged(court, "total += n * x", "total += x * n", **verdict)
    judged(court, "y = x + 1", "y = 2 + x", outcome="rejected", stage="same answer", reason="")
    look(court.run, 1)
    found = reach_of(court.run, unused)
    assert found is not None
    assert found.text() == "Its changed line of code did not run in the workload's call."
    reached = reach_of(court.run, used)
    assert reached is not None
    assert "`used` 1 of 1, one of them 50 times" in reached.text()
    assert len(list((court.run.directory.path / "reached").iterdir())) == 2
    another = Ask(proposer="llm", label="x", strategy="another", about=(unused,))
    assert "Its changed line of code did not run" in task_text(court.run, another)
    assert any("Its changed line of code did not run" in entry for entry in tried(court.run, 2))


def test_the_budget_follows_what_gained(court: Court) -> None:
    gained = judged(court, "range(50)", "range(0, 50)", speedup=1.5, ci_low=1.3, ci_high=1.7)
    first = planned(court, 1, "round-01")
    answers = {ask.label: {"candidates": [], "repeats": [], "tokens": 1000} for ask in first.asks}
    answers[first.asks[0].label]["candidates"] = [gained]
    court.run.keep(collected_file(1), answers)
    found = trials(court.run, 2)
    assert [trial.gain > 0 for trial in found] == [True, False, False, False]
    assert all(trial.cost == pytest.approx(1.1) for trial in found)


def test_a_proposal_that_means_the_same_is_not_tried_and_named(court: Court) -> None:
    run = court.run
    earlier = judged(court, "total = 0", "total = 1", outcome="rejected", stage="same answer")
    ask = Ask(proposer="llm", label="llm-1-avoid", strategy="avoid")
    renamed = TEXT.replace("total", "summed").replace("summed = 0", "summed = 0  # the sum")
    new = TEXT.replace("range(50)", "range(1, 50)")
    proposals = [
        Proposal(origin="llm/x/avoid", hypothesis="h", sources={"shop/orders.py": text})
        for text in (renamed, new, new.replace("n *", "n  *"))
    ]
    run.keep(ask.file(2), [each.to_json() for each in proposals])
    (queued,) = collect(run, 2, [ask])
    answer = run.directory.read_json(collected_file(2))[ask.label]
    assert answer["candidates"] == [queued]
    assert answer["repeats"] == ["the original", queued]
    assert queued != earlier


def test_a_lineage_is_held_by_its_lower_bound(court: Court) -> None:
    sure = judged(court, "range(50)", "range(0, 50)", speedup=1.3, ci_low=1.28, ci_high=1.32)
    judged(court, "x + 1", "1 + x", speedup=2.0, ci_low=1.05, ci_high=3.0)
    found = elites(court.run)
    assert found[0].candidate_id == sure
    assert found[-1] == BASE
    assert elite_of(court.run, sure).cell == "shop/orders.py avoid"


def test_the_budget_is_told_in_every_currency() -> None:
    budget = Budget(max_usd=5.0, max_tokens=None, max_wall_s=600, max_rounds=4)
    spend = Spend(rounds=1, usd=0.5, tokens=12_345, wall_s=61.2, model_calls=3)
    (line,) = told_budget(budget, spend, {"workload": 20.0, "tests": 5.0, "model": 30.0})
    assert line == (
        "Budget: this is round 2 of 4; 12,345 tokens (no limit) are used; $0.50 of $5.00 is "
        "spent; 61 s of 600 s have passed, 25 s of it in tests and timings."
    )
    unknown = Spend(usd=None)
    assert "an unknown sum of $5.00" in told_budget(budget, unknown, {})[0]


def test_a_version_on_another_branch_becomes_the_tip_only_when_it_surely_gains_more(
    court: Court,
) -> None:
    tip = judged(court, "range(50)", "range(0, 50)", speedup=1.3, ci_low=1.28, ci_high=1.32)
    other = judged(court, "x + 1", "1 + x", speedup=1.2, ci_low=1.18, ci_high=1.22)
    sure = {"number": 2, "parent": other, "speedup": 1.3, "ci_low": 1.28, "ci_high": 1.33}
    better = judged(court, "n * x", "x * n", **sure)
    found = stack(court.run, 2, Tip(candidate_id=tip, speedup=1.3))
    assert found.candidate_id == better
    assert found.speedup == pytest.approx(1.56)
    assert elite_of(court.run, better).low > elite_of(court.run, tip).low


def test_a_lucky_version_on_another_branch_does_not_replace_the_tip(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = judged(court, "range(50)", "range(0, 50)", speedup=1.3, ci_low=1.28, ci_high=1.32)
    other = judged(court, "x + 1", "1 + x", speedup=1.2, ci_low=1.03, ci_high=1.4)
    lucky = {"number": 2, "parent": other, "speedup": 1.9, "ci_low": 1.04, "ci_high": 3.0}
    judged(court, "n * x", "x * n", **lucky)
    monkeypatch.setattr(decide, "_combined", lambda *_: None)
    assert stack(court.run, 2, Tip(candidate_id=tip, speedup=1.3)).candidate_id == tip
