"""Rounds of launches: which count, which are taken again, and when it ends; launches are faked."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from perfagent.repos import locks
from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.launch import Launch, LaunchPlan
from perfagent.workloads.target import Target
from perfagent.workloads.timing import session as session_module
from perfagent.workloads.timing.compare import Trial, compare, compare_all
from perfagent.workloads.timing.decision import ComparisonPlan
from perfagent.workloads.timing.judge import judge
from perfagent.workloads.timing.session import Session

from ..conftest import MakeTarget
from .made import COLD, WARM

TREES = {"base": Path("base"), "candidate": Path("candidate")}
PLAN = ComparisonPlan(max_pairs=10, warm_up=False)
ONCE = LaunchPlan()
FakeLaunch = Callable[[str, int], Launch]
"""Makes the launch of a version, by its name and by how many launches there were before."""


class Machine:
    """A machine on which launches take what a function says.

    Attributes:
        launched: The version of each launch, in order.
        plans: What each launch was for.
        clock_s: The seconds that they took together.
    """

    def __init__(self, make: FakeLaunch) -> None:
        self.make = make
        self.clock_s = 0.0
        self.launched: list[str] = []
        self.plans: list[LaunchPlan] = []

    def launch(self, target: Target, tree: Path, plan: LaunchPlan = ONCE) -> Launch:
        """Stand in for `launch.launch`."""
        made = self.make(tree.name, len(self.launched))
        self.clock_s += made.duration_s
        self.launched.append(tree.name)
        self.plans.append(plan)
        return made


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeLaunch], Machine]:
    """Return a function that puts a machine in place of real launches."""

    def use(make: FakeLaunch) -> Machine:
        made = Machine(make)
        monkeypatch.setattr(session_module, "launch", made.launch)
        monkeypatch.setattr(session_module, "own_time", lambda: made.clock_s)
        return made

    return use


@pytest.fixture
def target(make_target: MakeTarget) -> Target:
    return make_target(script="def workload():\n    pass\n")


def _took(seconds: float, **changes: float) -> Launch:
    return replace(Launch(cold_s=seconds, duration_s=seconds + 0.1), **changes)


def _session(target: Target, plan: ComparisonPlan = PLAN) -> Session:
    return Session(target, TREES, COLD, plan, random.Random(1))


def test_a_disturbed_round_is_taken_again_and_its_values_take_no_part(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    # The third launch waits for its core, and so takes fifty times as long.
    made = machine(lambda _, n: _took(5.0, waited_share=0.9) if n == 2 else _took(0.1))
    session = _session(target)
    while session.rounds < 5:
        assert session.run_round()
    samples = session.samples("base", "candidate", "pairs")
    assert samples.repeated == 1
    assert samples.disturbed == 0
    assert len(made.launched) == 2 * 6
    assert set(samples.baseline.values + samples.candidate.values) == {0.1}
    assert len(samples.baseline.values) == len(samples.baseline_first) == 5


@pytest.mark.parametrize("version", ["base", "candidate"])
def test_either_version_being_disturbed_repeats_the_pair(
    machine: Callable[[FakeLaunch], Machine], target: Target, version: str
) -> None:
    made = machine(
        lambda name, n: _took(0.1, steal_share=0.5 if name == version and n < 2 else 0.0)
    )
    session = _session(target)
    assert session.run_round()
    assert (session.repeated, len(made.launched)) == (1, 4)


def test_a_machine_that_is_always_busy_repeats_the_plan_once_and_no_more(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    made = machine(lambda *_: _took(0.1, waited_share=0.5))
    session = _session(target)
    while session.rounds < PLAN.max_pairs:
        assert session.run_round()
    samples = session.samples("base", "candidate", "pairs")
    assert samples.repeated == PLAN.max_pairs
    assert samples.disturbed == PLAN.max_pairs
    assert len(made.launched) == 2 * 2 * PLAN.max_pairs
    assert samples.baseline.disturbed_share == (0.5,) * PLAN.max_pairs


@pytest.mark.parametrize(("metric", "repeats"), [("wall", 5), ("cpu", 0), ("rss", 0)])
def test_what_waiting_cannot_change_is_not_measured_again(
    machine: Callable[[FakeLaunch], Machine], target: Target, metric: str, repeats: int
) -> None:
    machine(lambda *_: _took(0.1, waited_share=0.5, cold_cpu_s=0.1, peak_rss_bytes=9_000_000))
    session = _session(replace(target, metric=metric), replace(PLAN, max_pairs=5))
    for _ in range(5):
        assert session.run_round()
    assert session.repeated == repeats


def test_repeating_cannot_make_identical_code_faster(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    accepted = repeated = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)

        def make(name: str, n: int, rng: np.random.Generator = rng) -> Launch:
            waited = float(rng.random() * (rng.random() < 0.3))
            return _took(0.1 * (1 + waited) * float(rng.lognormal(0, 0.02)), waited_share=waited)

        machine(make)
        compared = compare(
            target, *TREES.values(), plan=PLAN, seed=seed, calibration=COLD
        ).comparison
        accepted += compared.decision == "faster"
        repeated += compared.samples.repeated
    assert repeated > 60
    assert accepted == 0


def test_orders_alternate_and_the_hash_seed_is_shared_by_a_round(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    made = machine(lambda *_: _took(0.1))
    session = _session(target)
    for _ in range(8):
        assert session.run_round()
    rounds = [tuple(made.launched[n : n + 2]) for n in range(0, 16, 2)]
    assert all(set(one) == set(TREES) for one in rounds)
    assert all(rounds[n] == tuple(reversed(rounds[n + 1])) for n in range(0, 8, 2))
    seeds = [plan.hash_seed for plan in made.plans]
    assert seeds[0::2] == seeds[1::2]
    assert len(set(seeds)) == 8
    samples = session.samples("base", "candidate", "pairs")
    assert samples.baseline_first == tuple(one[0] == "base" for one in rounds)


def test_what_was_warmed_up_takes_no_part(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    machine(lambda _, n: _took(9.0 if n < 2 else 0.1))
    trial = compare(
        target, *TREES.values(), plan=replace(PLAN, warm_up=True), seed=1, calibration=COLD
    )
    assert max(trial.comparison.baseline.values) == 0.1


def test_a_large_gain_of_warm_calls_is_measured_on_until_first_calls_show_it(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    rng = np.random.default_rng(4)

    def make(name: str, _: int) -> Launch:
        warm = 1e-3 if name == "base" else 0.2e-3
        first = (3e-3 if name == "base" else 2.2e-3) + float(rng.normal(0, 0.6e-3))
        return Launch(cold_s=first, warm_s=(warm, warm * 1.01), duration_s=0.1 + first + 100 * warm)

    machine(make)
    plan = replace(PLAN, max_pairs=30)
    compared = compare(target, *TREES.values(), plan=plan, seed=3, calibration=WARM).comparison
    assert compared.pairs > 5
    assert compared.decision == "faster", compared.reason


def test_the_reading_that_is_asked_for_is_asked_of_every_launch(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    made = machine(lambda *_: _took(0.1, cold_instructions=1e9))
    counted = replace(target, metric="instructions", instructions_by="callgrind")
    compared = compare(counted, *TREES.values(), plan=PLAN, seed=1, calibration=COLD).comparison
    assert {(plan.metric, plan.instructions_by) for plan in made.plans} == {
        ("instructions", "callgrind")
    }
    assert compared.baseline.unit == "instructions"
    assert compared.decision == "not_faster"


@pytest.mark.parametrize(("fast_s", "pairs"), [(0.01, 5), (0.45, 3)])
def test_a_clear_case_gets_the_time_for_five_pairs(
    machine: Callable[[FakeLaunch], Machine], target: Target, fast_s: float, pairs: int
) -> None:
    machine(lambda name, _: _took(0.5 if name == "base" else fast_s))
    plan = replace(PLAN, max_wall_s=3.7 if fast_s > 0.1 else 2.5)
    compared = compare(target, *TREES.values(), plan=plan, seed=5, calibration=COLD).comparison
    assert compared.pairs == pairs
    assert compared.decision == ("faster" if pairs == 5 else "inconclusive")
    assert compared.samples.ended == ("decided" if pairs == 5 else "time")


THREE = {"fast": Path("fast"), "same": Path("same"), "slow": Path("slow")}


def test_candidates_share_the_launches_of_base_and_expert_and_leave_when_decided(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    rng = np.random.default_rng(7)
    times = {"base": 0.1, "fast": 0.02, "same": 0.1, "slow": 0.13, "expert": 0.021}
    made = machine(lambda name, _: _took(times[name] * float(rng.lognormal(0, 0.05))))
    plan = replace(PLAN, max_pairs=40, max_wall_s=1e6)
    found = compare_all(
        target,
        Path("base"),
        THREE,
        plan=plan,
        seed=2,
        expert=Path("expert"),
        calibration=COLD,
    )
    trials = {name: each for name, each in found.items() if isinstance(each, Trial)}
    assert {name: each.comparison.decision for name, each in trials.items()} == {
        "fast": "faster",
        "same": "not_faster",
        "slow": "not_faster",
    }
    pairs = {name: each.comparison.pairs for name, each in trials.items()}
    assert pairs["fast"] == 5 < pairs["same"]
    # Base and expert are launched once for all of them.
    assert {name: made.launched.count(name) for name in times} == {
        **pairs,
        "fast": pairs["fast"] + 1,  # whether a second call is suspiciously short
        "base": max(pairs.values()),
        "expert": max(pairs.values()),
    }
    for name, each in trials.items():
        assert each.against_expert is not None
        assert each.against_expert.pairs == pairs[name]
        assert each.comparison.speedup == pytest.approx(0.1 / times[name], rel=0.15)
        assert judge(each.comparison.samples) == each.comparison


def test_a_candidate_that_fails_leaves_the_others_measured(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    def make(name: str, n: int) -> Launch:
        if name == "same" and n > 6:
            raise WorkloadFailed("it gave up", detail="")
        return _took(0.1 if name != "fast" else 0.02)

    machine(make)
    found = compare_all(target, Path("base"), THREE, plan=PLAN, seed=2, calibration=COLD)
    failed, fast = found["same"], found["fast"]
    assert isinstance(failed, WorkloadFailed)
    assert (failed.arm, failed.summary) == ("same", "it gave up")
    assert isinstance(fast, Trial)
    assert fast.comparison.decision == "faster"
    assert fast.comparison.pairs == 5


def test_a_base_that_fails_is_nobodys_fault(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    def make(name: str, n: int) -> Launch:
        if name == "base" and n > 6:
            raise WorkloadFailed("it gave up", detail="")
        return _took(0.1)

    machine(make)
    with pytest.raises(WorkloadFailed, match="base: it gave up"):
        compare_all(target, Path("base"), THREE, plan=PLAN, seed=2, calibration=COLD)


def test_each_candidate_brings_the_time_of_a_comparison(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    made = machine(lambda *_: _took(0.9))
    plan = replace(PLAN, max_wall_s=20.0, max_pairs=99)
    for candidates in (1, 3):
        began = made.clock_s
        some = dict(list(THREE.items())[:candidates])
        compare_all(target, Path("base"), some, plan=plan, seed=2, calibration=COLD)
        assert made.clock_s - began <= 20.0 * candidates


def test_identical_candidates_beside_each_other_are_accepted_no_more_often_than_alone(
    machine: Callable[[FakeLaunch], Machine], target: Target
) -> None:
    """The base's noise is shared; each candidate's error stays the plan's 1 % all the same."""
    accepted = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        machine(lambda _, n, rng=rng: _took(0.1 * float(rng.lognormal(0, 0.05))))
        found = compare_all(target, Path("base"), THREE, plan=PLAN, seed=seed, calibration=COLD)
        accepted += sum(
            isinstance(each, Trial) and each.comparison.decision == "faster"
            for each in found.values()
        )
    assert accepted <= 600 * 0.02


def test_waiting_for_ones_turn_takes_no_time_of_the_comparison(
    machine: Callable[[FakeLaunch], Machine], target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = machine(lambda name, _: _took(0.5 if name == "base" else 0.45, duration_s=10.0))
    # Of the ten seconds that each launch takes, nine are another run's on the same core.
    clock = SimpleNamespace(monotonic=lambda: made.clock_s)
    monkeypatch.setattr(locks, "time", clock)
    monkeypatch.setattr(locks, "waited_s", lambda: 0.9 * made.clock_s)
    monkeypatch.setattr(session_module, "own_time", locks.own_time)
    plan = replace(PLAN, max_wall_s=12.0, max_pairs=5)
    compared = compare(target, *TREES.values(), plan=plan, seed=5, calibration=COLD).comparison
    assert compared.pairs == 5
    assert made.clock_s >= 100
