"""A workload that returns nothing still has an answer: what it binds, discards and changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from perfagent.workloads.answers.answer import Answer, compare_answers, doubts_of, stable_answer
from perfagent.workloads.answers.capture import capture_answer
from perfagent.workloads.inside import perfagent_observer
from perfagent.workloads.inside.perfagent_answer import encode
from perfagent.workloads.script import parse_script

from ..conftest import MakeTarget, MakeTree


def _f(number: int) -> int:
    return number * 10


def _wrong_in_the_middle(number: int) -> int:
    return 11 if number == 1 else number * 10


def _observed(text: str, function: Callable[..., object], **names: object) -> Answer:
    """Run `workload()` of a script, in which `f` is the function under test."""
    namespace: dict[str, object] = {"f": function, **names}
    observer = perfagent_observer.Observer(encode)
    exec(observer.compile(text, "job.py", namespace), namespace)
    workload = namespace["workload"]
    observer.note_globals(workload, namespace)
    result = workload()  # type: ignore[operator]
    return json.loads(json.dumps({"parts": observer.parts(result, namespace)}))


LOST = {
    "for x in range(3): _ = f(x)": "value 2 of _ in line 2: base 10, candidate 11",
    "for x in range(3): y = f(x)": "value 2 of y in line 2: base 10, candidate 11",
    "for x in range(3): f(x)": "value 2 discarded in line 2: base 10, candidate 11",
    "x = 0\n    while x < 3:\n        y: int = f(x)\n        x += 1": "value 2 of y in line 4",
    "_ = f(0); _ = f(1); _ = f(2)": "value 2 of _ in line 2: base 10, candidate 11",
    "_ = f(1); _ = f(2)\n    return 5": "value 1 of _ in line 2: base 10",
    "_ = f(1)\n    return 5": "value 1 of _ in line 2: base 10",
    "for y in map(f, range(3)): pass": "value 2 of y in line 2: base 10, candidate 11",
    "for i, y in enumerate(map(f, range(3))): pass": "value 2 of i, y in line 2[1]: base 10",
    "any((y := f(x)) < 0 for x in range(3))": "value 2 of y in line 2: base 10",
    "a, b = f(0), f(1)\n    a, b = 1, 2": "value 1 of a, b in line 2[1]: base 10",
    "for x in range(3):\n        if x:\n            _, z = x, f(x)": "value 1 of _, z in line 4[1]",
    "_ = f(1)": "locals['_']: base 10, candidate 11",
    "_ = (f(x) for x in range(3))": "locals['_'][1]: base 10, candidate 11",
    "return map(f, range(3))": "return value[1]: base 10, candidate 11",
    "with open('/dev/null'): f(1)": "value 1 discarded in line 2: base 10",
    "[f(x) for x in range(3)]": "value 1 discarded in line 2[1]: base 10",
}


@pytest.mark.parametrize("body", LOST)
def test_a_wrong_answer_in_the_middle_is_seen(body: str) -> None:
    text = f"def workload():\n    {body}\n"
    base, wrong = (_observed(text, function) for function in (_f, _wrong_in_the_middle))
    assert compare_answers(base, base) is None
    assert (compare_answers(base, wrong) or "").startswith(LOST[body])


def test_a_script_does_what_it_did_without_being_watched() -> None:
    text = '''
def workload():
    """Its own docstring."""
    global total
    total = 0
    for number in (n for n in range(5)):
        if number == 3:
            break
        _ = total = total + f(number)
    else:
        raise AssertionError
    def nested():
        1 + 1
        return [f(1)]
    kept = lambda: nested()
    try:
        raise KeyError("x")
    except KeyError as error:
        seen = str(error)
    (a, *rest), b = (1, 2, 3), seen
    return total, kept(), a, rest, b, workload.__doc__, sorted(locals())[:3]
'''
    plain: dict[str, object] = {"f": _f}
    exec(text, plain)
    expected = plain["workload"]()  # type: ignore[operator]
    watched: dict[str, object] = {"f": _f}
    exec(perfagent_observer.Observer(encode).compile(text, "job.py", watched), watched)
    assert watched["workload"]() == expected  # type: ignore[operator]


def test_a_changed_argument_is_told_with_who_changes_it() -> None:
    def changing(numbers: list[int]) -> int:
        numbers[1] = 0
        return 6

    def sparing(numbers: list[int]) -> int:
        return sum(numbers)

    text = "def workload():\n    return f(data)\n"
    base = _observed(text, sparing, data=[1, 2, 3])
    wrong = _observed(text, changing, data=[1, 2, 3])
    assert compare_answers(base, wrong) == (
        "globals['data'][1]: base 2, candidate 0 (only the candidate changes it)"
    )
    assert (compare_answers(wrong, base) or "").endswith("(only the base changes it)")
    assert compare_answers(wrong, wrong) is None


def test_an_argument_that_nobody_changes_may_be_built_differently() -> None:
    text = "def workload():\n    return f(data)\n"
    base = _observed(text, len, data=[1, 2, 3])
    other = _observed(text, len, data=[1, 2, 4])
    assert compare_answers(base, other) is None


def test_inputs_alone_are_nothing_that_could_be_compared() -> None:
    text = "def workload():\n    f(data)\n"
    seen = _observed(text, lambda numbers: None, data=[1])
    assert "the workload leaves nothing that could be compared" in doubts_of(
        stable_answer(seen, seen)
    )


def test_a_long_loop_is_kept_in_part_and_compared_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(perfagent_observer, "MOST_NOTED", 10)
    text = "def workload():\n    for x in range(150): _ = f(x)\n"
    base = _observed(text, _f)
    late = _observed(text, lambda x: 1 if x == 100 else x * 10)
    assert "further values of _ in line 2" in (compare_answers(base, late) or "")
    assert compare_answers(base, _observed(text, _f)) is None
    assert len(base["parts"]) < 15
    endless = _observed(text.replace("150", "500"), _f)
    assert "only the first 200 values of _ in line 2 are compared" in doubts_of(endless)


def test_an_endless_generator_is_compared_as_far_as_it_is_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(perfagent_observer, "MOST_YIELDED", 5)
    text = "import itertools\ndef workload():\n    return map(f, itertools.count())\n"
    base, wrong = (_observed(text, function) for function in (_f, _wrong_in_the_middle))
    assert compare_answers(base, wrong) == "return value[1]: base 10, candidate 11"
    assert "only the first 5 items of return value are compared" in doubts_of(base)


def test_a_generator_that_yields_one_list_again_and_again_or_fails_is_read_item_by_item() -> None:
    def growing(last: int) -> object:
        kept: list[int] = []
        for number in (1, 2, last):
            kept.append(number)
            yield kept
            kept.pop()
        raise ValueError(last)

    text = "def workload():\n    return f()\n"
    base, wrong = (_observed(text, lambda n=n: growing(n)) for n in (3, 4))
    assert compare_answers(base, wrong) == "return value[2][0]: base 3, candidate 4"
    assert base["parts"]["return value[3]"]["nodes"][0][1] == "ValueError"


PUBLISHED = """
import timeit
import statistics
from shapes import squares

def helper(n):
    return squares(n)

def setup():
    global n
    n = 4

def workload():
    global n
    for k in range(n):
        _ = helper(k)

runtimes = timeit.repeat(workload, number=1, repeat=10, setup=setup)

print("Mean:", statistics.mean(runtimes))
print("Std Dev:", statistics.stdev(runtimes))
"""


def test_a_published_script_is_watched_through_its_helpers(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    assert "timeit.repeat" not in parse_script(PUBLISHED, "job.py").text
    target = make_target(script=PUBLISHED)
    wrong_code = (
        "fail = 0\ndef squares(n):\n    return [9] if n == 2 else [k * k for k in range(n)]"
    )
    base, wrong = (
        capture_answer(target, tree) for tree in (make_tree(), make_tree("wrong", wrong_code))
    )
    difference = compare_answers(base, wrong) or ""
    assert re.match(r"value 3 of _ in line \d+: base has 2 items, candidate 1", difference)
