"""Experience: what worked comes first, what was wrong comes last, and a resume sees the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from perfagent.agent.memory.experience import learn, posterior_ratio, recall, weigher
from perfagent.agent.memory.memory import Memory, Tally, add_to_memory, read_memory
from perfagent.agent.runs.plain import to_plain
from perfagent.agent.runs.run import Run
from perfagent.agent.steps.collect import write_candidate
from perfagent.agent.verdict import Outcome, Verdict
from perfagent.tests.court import Court, open_court

TEXT = "def total(xs):\n    return sum(x for x in xs)\n\n\n" + "\n\n".join(
    f"def f{number}(x):\n    return x + {number}\n" for number in range(6)
)
FILES = {"shop/__init__.py": "", "shop/orders.py": TEXT}
WORKLOAD = "from shop.orders import total\n\n\ndef workload():\n    return total([1])\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Court:
    return open_court(tmp_path_factory.mktemp("court"), FILES, WORKLOAD)


@pytest.fixture
def court(opened: Court) -> Iterator[Court]:
    yield opened
    for name in ("candidates", "verdicts", "experience.json"):
        path = opened.run.directory.path / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    shutil.rmtree(opened.run.settings.cache_dir / "experience", ignore_errors=True)


def judged(
    court: Court,
    number: int,
    outcome: Outcome,
    stage: str,
    *,
    origin: str = "rewrites/memoize",
    hotspot: str = "shop/orders.py:total",
) -> None:
    text = TEXT.replace(f"x + {number}\n", f"{number} + x\n")
    made = replace(court.candidate(shop__orders=text), origin=origin, hotspot=hotspot)
    write_candidate(court.run, made)
    verdict = Verdict(
        candidate_id=made.candidate_id, outcome=outcome, stage=stage, reason="", speedup=1.5
    )
    court.run.keep(f"verdicts/{made.candidate_id}.json", to_plain(verdict))


def memory_of(run: Run) -> Path:
    (file,) = (run.settings.cache_dir / "experience").glob("*.json")
    return file


def test_trials_move_a_promise_towards_what_they_showed():
    assert posterior_ratio(0.5, successes=0, failures=0) == 1.0
    assert posterior_ratio(0.5, successes=4, failures=0) == pytest.approx(0.75 / 0.5)
    assert posterior_ratio(0.5, successes=0, failures=4) == pytest.approx(0.25 / 0.5)
    assert posterior_ratio(0.1, successes=90, failures=0) * 0.1 < 1
    ratios = [posterior_ratio(0.3, successes=0, failures=count) for count in range(5)]
    assert ratios == sorted(ratios, reverse=True)


def test_a_rewrite_that_was_wrong_in_this_run_loses_rank_and_one_that_was_slow_does_not(court):
    judged(court, 0, "rejected", "same answer")
    judged(court, 1, "rejected", "covering tests")
    judged(court, 2, "rejected", "full timing", origin="rewrites/hoist-call")
    judged(court, 3, "infrastructure", "covering tests", origin="rewrites/deque-for-list")
    judged(court, 4, "accepted", "full suite", origin="rewrites/set-before-loop")
    weigh = weigher(court.run)
    assert weigh("memoize", "loop", 0.6) == pytest.approx(4 / 6)
    assert weigh("hoist-call", "loop", 0.8) == 1.0
    assert weigh("deque-for-list", "loop", 0.7) == 1.0
    assert weigh("set-before-loop", "leaf", 0.5) > 1.0


def test_what_a_run_taught_is_kept_by_rewrite_and_shape(court):
    judged(court, 0, "accepted", "full suite")
    judged(court, 1, "inconclusive", "full timing")
    judged(court, 2, "rejected", "same answer", hotspot="shop/orders.py:f0")
    judged(court, 3, "infrastructure", "imports")
    judged(court, 4, "accepted", "full suite", origin="llm/openai:x/batch")
    judged(court, 5, "accepted", "full suite", hotspot="shop/gone.py:f")
    learn(court.run)
    learn(court.run)
    known = read_memory(memory_of(court.run))
    assert known.tally("memoize", "loop").tried == 2
    assert known.tally("memoize", "loop").accepted == 1
    assert known.tally("memoize", "loop").log_gain == pytest.approx(0.405, abs=1e-3)
    assert known.tally("memoize", "leaf") == Tally(tried=1)
    assert set(known.tallies) == {"memoize"}


def test_a_resumed_run_goes_by_what_was_known_when_it_began(court):
    judged(court, 0, "accepted", "full suite")
    learn(court.run)
    first = recall(court.run)
    before = weigher(court.run)("memoize", "loop", 0.6)
    add_to_memory(
        memory_of(court.run), "another run", {("memoize", "loop"): Tally(tried=9, accepted=0)}
    )
    resumed = Run(request=court.run.request, directory=court.run.directory)
    assert recall(resumed) == first
    assert weigher(resumed)("memoize", "loop", 0.6) == before
    (court.run.directory.path / "experience.json").unlink()
    assert weigher(resumed)("memoize", "loop", 0.6) < before


def test_no_learn_neither_reads_nor_writes(court):
    judged(court, 0, "accepted", "full suite")
    learn(court.run)
    settings = court.run.settings.model_copy(update={"learn": False})
    run = Run(
        request=replace(court.run.request, settings=settings, run_id="other"),
        directory=court.run.directory,
    )
    written = memory_of(run).read_bytes()
    learn(run)
    assert memory_of(run).read_bytes() == written
    assert recall(run) == Memory()


def test_a_cache_that_cannot_be_written_costs_the_run_nothing(court):
    judged(court, 0, "accepted", "full suite")
    folder = court.run.settings.cache_dir / "experience"
    folder.write_text("in the way")
    said: list[str] = []
    run = Run(
        request=court.run.request,
        directory=court.run.directory,
        listener=lambda event: said.append(event.get("text", "")),
    )
    learn(run)
    folder.unlink()
    assert any("was not kept for later runs" in text for text in said)
