"""Comparing answers: what counts as the same, and what must not pass for it."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import functools
import io
import json
import random
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from perfagent.workloads.answers.answer import (
    LOOKS,
    QUIET,
    Answer,
    compare_again,
    compare_answers,
    doubts_of,
    stable_answer,
)
from perfagent.workloads.answers.loosening import Loosening
from perfagent.workloads.failure import WorkloadFailed
from perfagent.workloads.inside import perfagent_answer
from perfagent.workloads.inside.perfagent_answer import encode
from perfagent.workloads.launch import LaunchPlan, launch

from ..conftest import MakeTarget, MakeTree


def _answer(value: object, printed: str = "") -> Answer:
    parts = {"return value": encode(value, "/trees/a")}
    answer = {"parts": parts, "stdout": encode(printed.splitlines()), "doubts": []}
    return json.loads(json.dumps(answer))


def _difference(base: object, candidate: object, *loosen: str) -> str | None:
    return compare_answers(_answer(base), _answer(candidate), Loosening.parse(loosen))


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: float
    tags: list[str] = dataclasses.field(default_factory=list)


class Slotted:
    __slots__ = ("_cache", "_left", "right")

    def __init__(self, left: object, right: object) -> None:
        self._left = left
        self.right = right

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class Liar(list[Any]):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


class Lazy:
    def __init__(self, size: int) -> None:
        self.size = size

    @functools.cached_property
    def total(self) -> int:
        return sum(range(self.size))


class Expression:
    """Like sympy's: a tree of class and arguments, with caches in private slots."""

    def __init__(self, *args: object, name: str = "") -> None:
        self.args = args
        self.name = name
        self._assumptions: dict[str, object] = {}

    @property
    def func(self) -> type:
        return type(self)

    def __str__(self) -> str:
        return self.name


Pair = collections.namedtuple("Pair", "a b")


class Held:
    def __init__(self, value: int) -> None:
        self.value = value


class Day(datetime.date):
    pass


class Length(float):
    unit: str

    def __new__(cls, value: float, unit: str) -> Length:
        made = super().__new__(cls, value)
        made.unit = unit
        return made


def _cycle(last: object) -> list[Any]:
    ring: list[Any] = [1, last]
    ring.append(ring)
    return ring


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


SAME = [
    (None, None),
    ([1, 2.0, "a", b"b", None, True, 1j, ...], [1, 2.0, "a", b"b", None, True, 1j, ...]),
    (float("nan"), float("nan")),
    (0.0, -0.0),
    (1.0, 1.0 + 1e-12),
    ([0.1] * 100, [0.1 + 1e-14] * 100),
    ({1, 2, 3}, {3, 2, 1}),
    (frozenset({("a", 1), ("b", 2)}), frozenset({("b", 2), ("a", 1)})),
    (object(), object()),
    ([object()], [object()]),
    (len, len),
    (Point, Point),
    (Colour.RED, Colour.RED),
    (Point(1.0, ["a"]), Point(1.0 + 1e-13, ["a"])),
    (KeyError("x"), KeyError("x")),
    (lambda x: x + 1, lambda x: x + 1),
    (_cycle(2), _cycle(2)),
    (_nested(5000), _nested(5000)),
    (10**6000, 10**6000),
    (decimal.Decimal("1.0"), decimal.Decimal("1.0")),
    (datetime.date(2020, 1, 2), datetime.date(2020, 1, 2)),
    (np.array([1.0, np.nan, np.inf]), np.array([1.0 + 1e-12, np.nan, np.inf])),
    (np.array([1, 2], dtype=">i4"), np.array([1, 2], dtype="<i4")),
    ([np.float64(1.5)] * 2, [np.float64(1.5), np.float64(1.5)]),
    (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    ("/trees/a/x.py", "/trees/a/x.py"),
    ({Point: 1}.keys(), {Point: 1}.keys()),
    ({Held(1), Held(2), Held(3)}, {Held(3), Held(2), Held(1)}),
    (Length(1.0, "m"), Length(1.0, "m")),
    (random.Random(1), random.Random(1)),
]

DIFFERENT = [
    (1, 1.0, "base 1, candidate 1.0"),
    (1, True, "base 1, candidate True"),
    (10**7, 10**7 + 1, "base 10000000, candidate 10000001"),
    (list(range(10**7, 10**7 + 50)), [*range(10**7, 10**7 + 49), 0], "1 of 50 elements differ"),
    (list(range(50)), [*range(49), 49.0], "return value[49]: base 49, candidate 49.0"),
    ((0.5,) * 50, (*(0.5,) * 49, None), "return value[49]: base 0.5, candidate None"),
    ([1, 2], [1, 2, 3], "base has 2 items, candidate 3"),
    ([1, 2, 3], [1, 4], "from [1] on: base 2, candidate 4"),
    ([1], (1,), "base a list, candidate a tuple"),
    (1.0, 1.0 + 1e-6, "base 1.0, candidate 1.000001"),
    (float("nan"), 0.0, "base nan"),
    (float("inf"), float("-inf"), "base inf"),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "the order of the keys differs"),
    ({"a": 1}, {"b": 1}, "only the base has the key 'a'"),
    ({1, 2}, {1, 3}, "return value[1]: base 2, candidate 3"),
    ("a" * 30_000, "a" * 29_999 + "b", "base digest"),
    (b"ab", b"ac", "base bytes"),
    (KeyError("x"), KeyError("y"), ".args[0]: base 'x', candidate 'y'"),
    (KeyError("x"), RuntimeError("x"), "base a KeyError, candidate a RuntimeError"),
    (io.StringIO("a"), io.StringIO("b"), ".content: base 'a', candidate 'b'"),
    (lambda x: x + 1, lambda x: x + 2, ".code"),
    (functools.partial(len, "a"), functools.partial(len, "b"), "base 'a', candidate 'b'"),
    (Point(1.0, ["a"]), Point(1.0, ["b"]), "return value.tags[0]: base 'a', candidate 'b'"),
    (Slotted(1, 2), Slotted(1, 3), ".right: base 2, candidate 3"),
    (Slotted(1, 2), Slotted(4, 2), "._left: base 1, candidate 4"),
    (Liar([1]), Liar([2]), "return value[0]: base 1, candidate 2"),
    (_cycle(2), _cycle(3), "return value[1]: base 2, candidate 3"),
    (collections.deque([1]), collections.deque([2]), "base 1, candidate 2"),
    (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1), "order of the keys"),
    (decimal.Decimal("1.0"), decimal.Decimal("1.00"), "Decimal('1.0')"),
    (np.array([1.0, 2.0]), np.array([1.0, 2.1]), "1 of 2 elements differ; [1]"),
    (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), "[1]: base inf, candidate -inf"),
    (np.array([1, 2]), np.array([1.0, 2.0]), "candidate <f8 of shape (2,)"),
    (np.zeros((2, 3)), np.zeros((3, 2)), "of shape (2, 3)"),
    (np.zeros(2_000_000), np.ones(2_000_000), "2000000 of 2000000 elements differ"),
    (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[1, 0]), ".mask"),
    (Expression(Expression(name="x")), Expression(Expression(name="y")), "args[0]"),
    (b"a", bytearray(b"a"), "candidate bytearray"),
    (
        np.array(["NaT", "2020-01-01"], "M8[D]"),
        np.array(["NaT", "2020-01-02"], "M8[D]"),
        "1 of 2 elements differ; [1]: base 2020-01-01",
    ),
    (Length(1.0, "m"), Length(1.0, "s"), ".unit: base 'm', candidate 's'"),
    (Length(1.0, "m"), Length(2.0, "m"), ".value: base 1.0, candidate 2.0"),
    ({1: 2}.values(), {1: 3}.values(), "[0]: base 2, candidate 3"),
    ({Held(1), Held(2)}, {Held(1), Held(3)}, "value: base"),
    (random.Random(1), random.Random(2), "of 625 elements differ"),
    (Day(2020, 1, 1), Day(2020, 1, 2), ".state"),
    (ExceptionGroup("g", [KeyError(1)]), ExceptionGroup("g", [KeyError(2)]), "base 1, candidate 2"),
    (lambda *, a=1: a, lambda *, a=2: a, ".defaults"),
    ({(1, 2): 1}, {(1, 3): 1}, "(key)[1]: base 2, candidate 3"),
    (Pair(1, 2), (1, 2), "candidate a tuple"),
    (Pair(1, 2), Pair(1, 3), "[1]: base 2, candidate 3"),
    (types.MappingProxyType({1: 2}), types.MappingProxyType({1: 3}), "mappingproxy({1: 2})"),
]


@pytest.mark.parametrize(("base", "candidate"), SAME, ids=lambda value: type(value).__name__)
def test_the_same_answer_is_not_rejected(base: object, candidate: object) -> None:
    assert _difference(base, candidate) is None


@pytest.mark.parametrize(
    ("base", "candidate", "text"), DIFFERENT, ids=lambda value: type(value).__name__
)
def test_a_different_answer_is_told_with_its_place(
    base: object, candidate: object, text: str
) -> None:
    difference = _difference(base, candidate)
    assert difference is not None
    assert text in difference
    assert difference.startswith("return value")
    assert _difference(base, base) is None


def test_one_list_twice_is_not_two_equal_lists() -> None:
    shared = [1]
    one, two = [shared, shared], [shared, [1]]
    assert "same object as return value[0]" in (_difference(one, two) or "")
    assert "same object as return value[0]" in (_difference(two, one) or "")
    # Sharing what cannot be told apart is what a good patch may do.
    point = Point(1.0, ["a"])
    assert _difference([point, point], [point, Point(1.0, ["a"])]) is None
    pair = (1, 2)
    assert _difference([pair, pair], [pair, tuple(iter([1, 2]))]) is None


def test_what_a_faster_version_keeps_for_later_is_not_part_of_the_answer() -> None:
    filled, empty = Lazy(10), Lazy(10)
    assert filled.total == 45
    assert _difference(empty, filled) is None
    cached = Slotted(1, 2)
    cached._cache = {1: 2}
    assert _difference(Slotted(1, 2), cached) is None
    known = Expression(name="x")
    known._assumptions["real"] = True
    assert _difference(Expression(name="x"), known) is None


def test_a_private_attribute_of_one_side_only_is_how_it_is_made() -> None:
    one, two = Point(1.0), Point(1.0)
    two.__dict__["_prepared"] = [1]
    assert _difference(one, two) is None
    two.__dict__["shown"] = 1
    assert "only the candidate has the attribute shown" in (_difference(one, two) or "")


def test_a_generator_is_left_alone_and_named_as_a_doubt() -> None:
    numbers = (n for n in [1, 2])
    answer = _answer(numbers)
    assert list(numbers) == [1, 2]
    assert any("compared by its type alone" in doubt for doubt in doubts_of(answer))


def test_the_tolerance_is_the_callers_to_loosen() -> None:
    assert _difference(1.0, 1.01) is not None
    assert _difference(1.0, 1.01, "float-rel=0.02") is None
    assert _difference(np.array([0.0]), np.array([1e-6]), "float-abs=1e-5") is None


def test_a_huge_answer_is_cut_but_still_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfagent_answer, "MOST_NODES", 1000)
    big = [[str(n)] for n in range(2000)]
    other = [*big[:-1], ["x"]]
    difference = _difference(big, other)
    assert difference is not None
    assert "beyond what is kept" in difference


def _slices(shared: bool) -> list[tuple[tuple[str, slice], ...]]:
    """Return 2,000 pairs of parts, each part made once or made anew for each pair."""

    def part(n: int) -> tuple[str, slice]:
        return (str(n), slice(n, n + 7))

    parts = {n: part(n) for n in range(50)}
    numbers = range(2000)
    return [
        tuple(parts[each] if shared else part(each) for each in (n % 50, n % 40)) for n in numbers
    ]


def test_beyond_what_is_kept_it_does_not_count_which_immutable_objects_are_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(perfagent_answer, "MOST_NODES", 100)
    first, second = _slices(shared=False), _slices(shared=True)
    assert first == second
    assert _answer(first)["parts"]["return value"]["rest"] is not None
    assert _difference(first, second) is None
    assert _difference(second, first) is None
    second[1999] = (*second[1999][:1], ("39", slice(39, 47)))
    assert _difference(first, second) is not None


def test_beyond_what_is_kept_it_counts_which_lists_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perfagent_answer, "MOST_NODES", 100)
    one: list[int] = []
    apart = [(n, ([], [])) for n in range(200)]
    assert _difference(apart, [(n, ([], [])) for n in range(200)]) is None
    assert _difference(apart, [*apart[:-1], (199, (one, one))]) is not None


def test_tuples_in_tuples_without_end_are_read() -> None:
    deep: tuple[Any, ...] = ()
    for _ in range(5000):
        deep = (deep,)
    assert _difference(deep, deep) is None
    assert _difference(deep, (deep,)) is not None


def test_the_path_of_a_tree_is_no_difference() -> None:
    one = {"parts": {"value": encode(["/trees/a/x"], "/trees/a")}}
    two = {"parts": {"value": encode(["/trees/b/x"], "/trees/b")}}
    assert compare_answers(one, two) is None


def test_what_is_printed_counts() -> None:
    assert compare_answers(_answer(1, "one\ntwo"), _answer(1, "one\nthree")) == (
        "output[1]: base 'two', candidate 'three'"
    )


def test_what_differs_from_run_to_run_is_set_aside_and_said() -> None:
    first, second = (_answer({"time": t, "sum": 3}) for t in (0.1, 0.2))
    reference = stable_answer(first, second)
    assert any("'time'" in doubt for doubt in doubts_of(reference))
    assert compare_answers(reference, _answer({"time": 9.9, "sum": 3})) is None
    assert compare_answers(reference, _answer({"time": 9.9, "sum": 4})) is not None
    hopeless = stable_answer(_answer(0.1), _answer(0.2))
    assert any("nothing that could be compared" in doubt for doubt in doubts_of(hopeless))


def _counted(*answers: object) -> tuple[Callable[[], Answer], list[object]]:
    """Return a base that gives these answers, the last one for ever, and what it was asked."""
    left, asked = list(answers), []

    def again() -> Answer:
        asked.append(left[0] if len(left) == 1 else left.pop(0))
        return _answer(asked[-1])

    return again, asked


def test_what_two_launches_of_the_base_did_not_show_is_no_change_of_the_candidate() -> None:
    known = stable_answer(_answer([0, 0, 0, 7]), _answer([1, 0, 0, 7]))
    again, asked = _counted([0, 1, 0, 7], [0, 0, 1, 7])
    known, difference = compare_again(known, _answer([0, 0, 2, 7]), again)
    assert (difference, len(asked)) == (None, 2)
    assert known["masked"] == [f"return value[{place}]" for place in range(3)]
    assert any("return value[2]" in doubt for doubt in doubts_of(known))
    # What the base never varies still counts, and what is known is not asked again.
    again, asked = _counted([0, 0, 0, 7])
    known, difference = compare_again(known, _answer([0, 0, 0, 8]), again)
    assert difference == "return value[3]: base 7, candidate 8"
    _, same = compare_again(known, _answer([0, 0, 0, 8]), lambda: pytest.fail("asked again"))
    assert same == difference


def test_a_base_that_always_answers_alike_is_asked_a_few_times_and_no_more() -> None:
    again, asked = _counted([1, 2])
    known, difference = compare_again(
        stable_answer(_answer([1, 2]), _answer([1, 2])), _answer([1, 3]), again
    )
    assert difference == "return value[1]: base 2, candidate 3"
    assert len(asked) == QUIET - 1
    assert not known["masked"]


def test_a_base_that_never_ends_varying_is_left_after_a_while() -> None:
    names = iter("bcdefghijklmnopqrstuvwxyz")
    answer = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", 0)

    def again() -> Answer:
        return _answer(answer | {next(names): 1})

    known = stable_answer(_answer(answer), again())
    known, difference = compare_again(known, _answer(answer | {"a": 5}), again)
    assert difference == "return value['a']: base 0, candidate 5"
    assert known["looks"] == LOOKS


def test_the_base_is_asked_longest_about_an_element_whose_neighbours_vary() -> None:
    known = stable_answer(_answer([0, 0, 7]), _answer([1, 0, 7]))
    again, asked = _counted(*[[0, 0, 7]] * 15, [0, 1, 7])
    known, difference = compare_again(known, _answer([0, 1, 7]), again)
    assert (difference, len(asked)) == (None, 16)
    # One that never varies is no such element for its neighbours' sake.
    again, asked = _counted([0, 0, 7])
    known, difference = compare_again(known, _answer([0, 0, 8]), again)
    assert (difference, known["looks"]) == ("return value[2]: base 7, candidate 8", LOOKS)


def test_a_base_that_fails_when_it_is_asked_again_excuses_nothing() -> None:
    def again() -> Answer:
        raise WorkloadFailed("killed")

    known = stable_answer(_answer([1]), _answer([1]))
    assert compare_again(known, _answer([2]), again) == (
        known,
        "return value[0]: base 1, candidate 2",
    )


def test_the_same_code_is_hardly_ever_told_to_have_another_answer() -> None:
    chance = random.Random(7)

    def base() -> Answer:  # the states of a parser, numbered by addresses
        order = chance.sample(range(8), 8)
        return _answer([{"state": number, "used": number < 4} for number in order])

    refused = refused_by_two = 0
    for _ in range(200):
        known, candidate = stable_answer(base(), base()), base()
        refused_by_two += compare_answers(known, candidate) is not None
        refused += compare_again(known, candidate, base)[1] is not None
    assert refused_by_two > 150
    assert refused <= 4


def test_a_part_that_varies_all_over_hides_no_other_part() -> None:
    def base(number: int) -> Answer:
        answer, other = _answer([0, 42]), _answer({f"n{place}": number for place in range(300)})
        answer["parts"]["return value"] = encode([number, 42], "")
        return answer | {"parts": answer["parts"] | {"locals": other["parts"]["return value"]}}

    known = stable_answer(base(1), base(2))
    assert known["masked"] == ["return value[0]", "locals"]
    wrong = base(3)
    wrong["parts"]["return value"] = encode([3, 43], "")
    known, difference = compare_again(known, wrong, lambda: base(4))
    assert difference == "return value[1]: base 42, candidate 43"


def test_an_answer_of_another_shape_is_a_difference() -> None:
    empty: Answer = {"parts": {}}
    assert compare_answers(_answer(1), empty) == "return value: only the base has it"
    assert compare_answers(empty, _answer(1)) == "return value: only the candidate has it"


SCRIPTS = {
    "returned": "def workload():\n    return squares(4)\n",
    "bound": "def workload():\n    _ = squares(4)\n",
    "discarded": "def workload():\n    for _ in range(1):\n        squares(4)\n",
    "global": "def workload():\n    global found\n    found = squares(4)\n",
    "changed in place": "kept = []\ndef workload():\n    kept.extend(squares(4))\n",
    "printed": "def workload():\n    print(squares(4))\n",
    "plain": "found = squares(4)\n",
    "plain, printed": "print(squares(4))\n",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_wrong_answer_is_seen_wherever_a_workload_leaves_it(
    make_tree: MakeTree, make_target: MakeTarget, name: str
) -> None:
    target = make_target(script="from shapes import squares\n" + SCRIPTS[name])
    base, wrong = (
        launch(target, tree, LaunchPlan(capture_answer=True)).answer
        for tree in (
            make_tree("base"),
            make_tree("wrong", "fail = 0\ndef squares(n):\n    return [0, 1, 4, 8]\n"),
        )
    )
    assert base is not None
    assert wrong is not None
    assert compare_answers(base, wrong) is not None
    assert compare_answers(base, base) is None


def test_the_reference_leaves_out_what_cannot_be_reproduced_but_not_unseeded_numbers(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = (
        "import random, time\nfrom shapes import squares\n"
        "chances = [random.random()]\n"
        "def workload():\n"
        "    stamp = time.time_ns()\n    chance = random.SystemRandom().random()\n"
        "    seeded = random.random(), chances\n    found = squares(3)\n"
    )
    target, tree = make_target(script=script), make_tree()
    plan = LaunchPlan(capture_answer=True, pinned=False)
    one, two = (launch(target, tree, plan).answer or {} for _ in range(2))
    reference = stable_answer(one, two)
    assert reference["masked"] == ["locals['stamp']", "locals['chance']"]
