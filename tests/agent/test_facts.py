"""Call facts in a run: recorded once a round, never in the way, and handed on to proposers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from perfagent.agent.proposers.briefing import case_text, command_prompt
from perfagent.agent.runs.plain import to_plain
from perfagent.agent.runs.record import hotspot_lines
from perfagent.agent.search.ask import Ask
from perfagent.agent.steps import localize as localizing
from perfagent.agent.steps.localize import find_facts
from perfagent.agent.steps.propose import propose
from perfagent.agent.steps.tip import tip_tree
from perfagent.errors import InfrastructureError
from perfagent.profiles.facts.call_facts import RecordedFacts
from perfagent.profiles.facts.facts import CallFacts, ValueFacts
from perfagent.profiles.profile import Profile
from perfagent.tests.court import Court, open_court

from .conftest import HotspotMaker

PRICES = '''"""Prices."""


def price(code: int) -> int:
    total = 0
    for number in range(code):
        total += number * number % 7
    return total
'''
WORKLOAD = """from shop.prices import price


def workload():
    return [price(code % DISTINCT) for code in range(40)]
"""
FILES = {"shop/__init__.py": "", "shop/prices.py": PRICES}


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return open_court(tmp_path, FILES, WORKLOAD.replace("DISTINCT", "4"))


@pytest.fixture
def no_launch(monkeypatch: pytest.MonkeyPatch) -> None:
    def launched(*_: object, **__: object) -> None:
        raise AssertionError("the workload was run again")

    monkeypatch.setattr(localizing, "record_facts", launched)


def facts_of(court: Court, hotspot_in: HotspotMaker) -> tuple[CallFacts, ...]:
    tree = tip_tree(court.run, None)
    spot = hotspot_in(tree, "price", path="shop/prices.py")
    return find_facts(court.run, "round-01", [spot], tree)


def notes(court: Court) -> list[str]:
    lines = (court.run.directory.path / "trajectory.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return [event["text"] for event in events if event["event"] == "note"]


def with_settings(court: Court, **changes: Any) -> Court:
    request = court.run.request
    court.run.request = replace(request, settings=request.settings.model_copy(update=changes))
    return court


def test_a_round_looks_into_the_calls_once(
    court: Court, hotspot_in: HotspotMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (facts,) = facts_of(court, hotspot_in)
    assert (facts.calls, facts.distinct, facts.repeat_share) == (40, 4, 0.9)
    monkeypatch.setattr(localizing, "record_facts", None)
    assert facts_of(court, hotspot_in) == (facts,)


@pytest.mark.usefixtures("no_launch")
def test_nobody_looks_when_it_is_off_or_of_no_use(court: Court, hotspot_in: HotspotMaker) -> None:
    assert facts_of(with_settings(court, facts=False), hotspot_in) == ()
    assert facts_of(with_settings(court, facts=True, proposer=["command"]), hotspot_in) == ()
    assert notes(court) == []


@pytest.mark.usefixtures("no_launch")
def test_a_long_workload_is_not_run_once_more(court: Court, hotspot_in: HotspotMaker) -> None:
    court.run.use(replace(court.run.prepared, baseline_s=61.0))
    assert facts_of(court, hotspot_in) == ()
    assert notes(court) == ["call facts: none, as the workload takes 61 s"]


def test_a_machine_that_fails_is_a_note_and_the_run_goes_on(
    court: Court, hotspot_in: HotspotMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise InfrastructureError("no process could be started")

    monkeypatch.setattr(localizing, "record_facts", fail)
    assert facts_of(court, hotspot_in) == ()
    assert notes(court) == ["call facts: no process could be started"]


def proposals(court: Court, hotspot_in: HotspotMaker, facts: CallFacts) -> set[str]:
    """Return what the rewrites propose for a round whose profile and facts are known."""
    run, tree = court.run, tip_tree(court.run, None)
    spot = hotspot_in(tree, "price", path="shop/prices.py")
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
    run.keep("profiles/round-01.json", profile.to_json())
    run.keep("profiles/round-01-hotspots.json", [to_plain(spot)])
    run.keep("profiles/round-01-facts.json", to_plain(RecordedFacts(facts=(facts,))))
    propose(run, 1, None, ASK, last_attempt=True)
    made = run.directory.read_json(ASK.file(1))
    return {proposal["origin"] for proposal in made}


ASK = Ask(proposer="rewrites", label="rewrites")
FACTS = CallFacts(
    path="shop/prices.py",
    function="price",
    calls=40,
    looked_at=40,
    seconds_per_call=1e-3,
    distinct=4,
    distinct_is_exact=True,
    repeat_share=0.9,
    parameters=(ValueFacts(name="code", types=(("int", 1.0),), hashable=True),),
)


@pytest.mark.parametrize(("repeat_share", "is_tried"), [(0.9, True), (0.0, False)])
def test_a_round_proposes_a_cache_only_where_calls_repeat(
    court: Court, hotspot_in: HotspotMaker, repeat_share: float, is_tried: bool
) -> None:
    facts = replace(FACTS, repeat_share=repeat_share)
    found = proposals(court, hotspot_in, facts)
    assert ("rewrites/memoize" in found) is is_tried
    (line,) = hotspot_lines(court.run, "round-01")
    assert line["facts"]["calls"] == 40
    assert line["facts_text"].startswith("called 40 times with 4 distinct")
    assert "source" not in line


def test_a_model_and_an_agent_are_told_what_was_seen(
    tmp_path: Path, hotspot_in: HotspotMaker
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "prices.py").write_text(PRICES)
    spots = [hotspot_in(tmp_path, "price", path="shop/prices.py")]
    told: dict[str, Any] = {"tree": tmp_path, "workload_text": "", "tried": []}
    told["call_facts"] = [FACTS]
    for text in (case_text(spots, **told, max_tokens=4000), command_prompt(spots, **told)):
        (row,) = [line for line in text.splitlines() if line.startswith("1. `price`")]
        assert "called 40 times with 4 distinct arguments, 90 % repeats, no writes seen" in row
