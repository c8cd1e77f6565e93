"""The recorder's parts: values told apart without asking them, bounded tables, failures."""

from __future__ import annotations

import collections
import dataclasses
import enum
import fractions
import gc
import sys
from array import array
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy
import pytest

from perfagent.profiles.facts.distinct import Sample

from .recorder import load

OWN = str(Path(__file__).parent) + "/"
tables = load("perfagent_tables")


@pytest.fixture
def values() -> Any:
    return load("perfagent_values").Values([OWN], load("perfagent_members"))


def told(values: Any, value: object) -> tuple[int | None, bool]:
    return values.tell(value, values.kind(value))


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass(frozen=True)
class Point:
    x: object
    y: int = 0


@dataclasses.dataclass
class Mutable:
    x: int


class Pair(collections.namedtuple("Pair", "one other")):
    pass


class Loud:
    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        raise AssertionError("it was asked")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was asked")


DISTINCT = [
    *(0, 1, -1, -2, 2**80, 1.5, float("inf"), "a", b"bytes", None, 2j),
    *((), (1,), (-1,), (-2,), (1, (2,)), [], [1], [-1], [-2], [1, [2]], list(range(50))),
    *({}, {1: 2}, {1: [2]}, {(1,): 2}, {1, 2}, {2, 3}, frozenset((1,)), bytearray(b"x")),
    *(collections.deque([1]), collections.Counter("ab"), array("i", [1]), array("d", [1])),
    *(numpy.arange(3), numpy.arange(3.0), numpy.zeros((2, 2)), numpy.zeros(4)),
    *(Color.RED, Color.BLUE, Point(1), Point(2), Mutable(1), Mutable(2), Pair(1, 2), Pair(2, 1)),
    *(fractions.Fraction(1, 2), range(3), range(4), Loud(1), Loud(2), len, sys.exit, Path("a")),
]


def test_different_values_have_different_numbers_and_the_same_ones_have_one(values: Any) -> None:
    keys = [told(values, value)[0] for value in DISTINCT]
    assert None not in keys
    assert len(set(keys)) == len(DISTINCT)
    assert [told(values, value)[0] for value in DISTINCT] == keys
    again = [Point(1), Mutable(1), Loud(1), Pair(1, 2), [1, [2]], {1: [2]}, numpy.arange(3)]
    assert {told(values, value)[0] for value in again} <= set(keys)


def test_what_a_cache_takes_for_the_same_has_one_number(values: Any) -> None:
    assert len({told(values, value)[0] for value in (1, 1.0, True)}) == 1
    assert told(values, (1, "a"))[0] == told(values, (True, "a"))[0]
    nan = float("nan")
    assert told(values, nan)[0] == told(values, float("nan"))[0]


@pytest.mark.parametrize(
    ("value", "hashable"),
    [
        *((1, True), ("a", True), ((1, (2,)), True), (frozenset((1,)), True), (Color.RED, True)),
        *((Point(1), True), (object(), True), (len, True)),
        *(([], False), ((1, []), False), ({}, False), (Mutable(1), False), (Point([]), False)),
        (numpy.zeros(2), False),
    ],
)
def test_whether_a_cache_could_hold_it_is_told(values: Any, value: object, hashable: bool) -> None:
    assert told(values, value)[1] is hashable


def test_what_cannot_be_told_apart_is_said_to_be(values: Any) -> None:
    loop: list[object] = []
    loop.append(loop)
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    untold = [loop, deep, iter([]), list(range(200_000)), numpy.zeros(10**6)]
    untold += [numpy.array([object()]), [iter([])]]
    assert [told(values, value)[0] for value in untold] == [None] * len(untold)


def test_an_address_that_is_used_again_is_another_object(values: Any) -> None:
    class Thing:
        pass

    numbers = {values.identity(Thing()) for _ in range(50)}
    assert len(numbers) == 50
    gc.collect()
    assert values._births == {}
    kept = Thing()
    assert values.identity(kept) == values.identity(kept)


def test_a_change_shows_in_a_snapshot(values: Any) -> None:
    class Slotted:
        __slots__ = ("__hidden", "rows", "unset")

        def __init__(self) -> None:
            self.rows: list[int] = []
            self.__hidden = 1

        def change(self) -> None:
            self.__hidden = 2

    thing, kind = Slotted(), values.kind(Slotted())
    before = values.snapshot(thing, kind)
    assert set(before) == {"rows", "_Slotted__hidden"}
    assert values.snapshot(thing, kind) == before
    thing.rows.append(1)
    grown = values.snapshot(thing, kind)
    assert grown["rows"] != before["rows"]
    thing.change()
    assert values.snapshot(thing, kind)["_Slotted__hidden"] == 2


def test_a_hundred_thousand_values_are_estimated_within_a_bound() -> None:
    keys = tables.Keys()
    for number in range(100_000):
        keys.add(hash((2 * number,)))
    for number in range(0, 100_000, 2):
        keys.add(hash((2 * number,)))
    report = keys.report()
    assert report["kept"] <= tables.MOST_KEYS
    assert len(keys._counts) <= tables.MOST_KEYS
    assert report["told"] == 150_000
    sample = Sample(
        calls=150_000,
        looked_at=report["told"],
        kept=report["kept"],
        once=report["once"],
        twice=report["twice"],
        halvings=report["halvings"],
    )
    assert not sample.is_whole
    assert sample.distinct() == pytest.approx(100_000, rel=0.03)
    assert report["once"] == pytest.approx(report["twice"], rel=0.06)


def test_tables_of_times_sizes_and_names_stop_growing() -> None:
    times, sizes, names = tables.EvenPart(), tables.Sizes(), tables.Counts()
    for number in range(20_000):
        times.add(float(number))
        sizes.add(number)
        sizes.add_time(number, 1.0)
        names.add(f"name {number}")
    assert len(times.numbers) <= tables.MOST_NUMBERS
    assert times.middle() == pytest.approx(10_000, rel=0.01)
    smallest, _, largest = sizes.report()
    assert (smallest, largest) == (0, 19_999)
    assert len(sizes.times()) == tables.MOST_SIZES
    assert len(names.table) == tables.MOST_NAMES


@pytest.fixture
def facts() -> ModuleType:
    return load("perfagent_facts")


def _work(number: int) -> int:
    return number + 1


def recorder_of(facts: ModuleType) -> Any:
    code = _work.__code__
    wanted = {"file": Path(__file__).name, "line": code.co_firstlineno, "function": "_work"}
    folder = str(Path(__file__).parent)
    functions = [wanted | {"has_receiver": False}]
    return facts.Recorder({"functions": functions, "modules": []}, folder, __file__)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="the interpreter tells of calls itself")
def test_what_fails_while_looking_ends_the_recording_and_not_the_workload(
    facts: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = recorder_of(facts)
    code = _work.__code__
    recorder.start()
    assert _work.__code__ is not code
    assert _work(1) == 2

    def broken(value: object) -> None:
        raise OSError("no such kind")

    monkeypatch.setattr(recorder.values, "kind", broken)
    assert [_work(number) for number in range(5)] == [1, 2, 3, 4, 5]
    recorder.stop()
    assert _work.__code__ is code
    report = recorder.report()
    assert report["problem"] == "OSError: no such kind"
    assert report["functions"][0]["calls"] == 2
    assert not report["functions"][0]["calls_are_exact"]


def test_a_recorder_that_cannot_start_says_so_and_records_nothing(
    facts: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = recorder_of(facts)

    def no_tools() -> None:
        raise ValueError("all tools are taken")

    monkeypatch.setattr(recorder.source, "prepare", no_tools)
    recorder.prepare()
    recorder.start()
    assert _work(1) == 2
    recorder.stop()
    report = recorder.report()
    assert report["problem"] == "ValueError: all tools are taken"
    assert report["functions"][0]["calls"] == 0


@pytest.mark.parametrize("usual_s", [0.01, 0.06, 1.0])
def test_a_workload_of_any_length_takes_at_most_three_times_as_long(usual_s: float) -> None:
    budgets = load("perfagent_budget")
    spots = load("perfagent_spot")
    wanted = {"files": ["a.py"], "line": 1, "function": "work", "has_receiver": False}
    watched = [spots.Spot(wanted, None, tables) for _ in range(4)]
    budget = budgets.Budget(watched, lambda spot: None, spots.LONGEST_STRIDE, usual_s)
    now = 0.0
    budget._cpu_clock = lambda: now
    budget.clock = lambda: now
    budget.start()
    for number in range(round(usual_s / 10e-6)):  # a call takes 10 us, a look 400 us
        spot = watched[number % len(watched)]
        now += 10e-6
        spot.calls += 1
        if spot.calls >= spot.next and budget.wants(spot, now):
            now += 400e-6
            budget.spend(spot, 400e-6)
    assert now <= 3 * usual_s
    assert budget.looked_s > usual_s / 4


def test_looks_are_thinned_out_and_counting_stops_when_they_cost_too_much() -> None:
    budgets = load("perfagent_budget")
    spots = load("perfagent_spot")
    wanted = {"files": ["a.py"], "line": 1, "function": "work", "has_receiver": False}
    spot = spots.Spot(wanted, None, tables)
    given_up: list[object] = []

    def give_up(spot: Any) -> None:
        spot.is_counted = False
        given_up.append(spot)

    budget = budgets.Budget([spot], give_up, spots.LONGEST_STRIDE)
    now = 0.0
    budget._cpu_clock = lambda: now
    budget.clock = lambda: now
    budget.start()
    looks, calls = 0, 0
    for _ in range(30_000):  # a call takes 10 us, a look 100 us
        now += 10e-6
        spot.calls += 1
        calls += 1
        if spot.calls >= spot.next and budget.wants(spot, now):
            looks += 1
            now += 100e-6
            budget.spend(spot, 100e-6)
    assert looks < calls / 3
    assert now <= 3 * calls * 10e-6 + budgets.SLACK_S
    assert not given_up
    spot.unit_s = 20e-6
    for _ in range(200_000):
        now += 10e-6 + spot.unit_s
        spot.calls += 1
        if spot.calls >= spot.next and spot.is_counted:
            budget.wants(spot, now)
    assert given_up == [spot]


def test_looking_at_an_object_does_not_slow_it_down_for_the_rest_of_its_life(values: Any) -> None:
    # One whose `__dict__` was asked for refers to a dict from then on, and answers more slowly.
    looked_at = Mutable([1])  # pyright: ignore[reportArgumentType]
    key = told(values, looked_at)[0]
    assert values.snapshot(looked_at, values.kind(looked_at)) == {"x": values.mark(looked_at.x)}
    assert not any(isinstance(each, dict) for each in gc.get_referents(looked_at))
    asked = Mutable([1])  # pyright: ignore[reportArgumentType]
    vars(asked)
    assert told(values, asked)[0] == key


def test_attributes_that_no_method_binds_are_seen_too(values: Any) -> None:
    before, after = Mutable(1), Mutable(1)
    after.added = 2  # pyright: ignore[reportAttributeAccessIssue]
    assert told(values, before)[0] != told(values, after)[0]
    snapshot = values.snapshot(after, values.kind(after))
    assert snapshot == {"x": 1, "added": 2}


def test_the_order_in_which_attributes_were_bound_does_not_count(values: Any) -> None:
    one, other = Mutable(1), Mutable(1)
    for each, names in ((one, "ab"), (other, "ba")):
        for name in names:
            setattr(each, name, name)
    assert told(values, one)[0] == told(values, other)[0]
