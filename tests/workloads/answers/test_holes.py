"""Wrong results that published tools accept as equal; each is told here in words."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pytest

from perfagent.workloads.answers.answer import compare_answers
from perfagent.workloads.answers.capture import capture_answer
from perfagent.workloads.inside.perfagent_answer import encode

from ..conftest import MakeTarget, MakeTree

SHARED = [0]


def _caused(cause: str) -> Exception:
    try:
        raise ValueError("bad") from KeyError(cause)
    except ValueError as error:
        return error


HOLES: dict[str, tuple[object, object, str]] = {
    "integers that differ by one": (
        np.array([3, 10**7]),
        np.array([3, 10**7 + 1]),
        "value: 1 of 2 elements differ; [1]: base 10000000, candidate 10000001",
    ),
    "other text in a buffer": (
        io.StringIO("first\n"),
        io.StringIO("other\n"),
        r"value.content: base 'first\n', candidate 'other\n'",
    ),
    "aliasing": (
        [SHARED, SHARED],
        [[0], [0]],
        "value[1]: in the base this is the same object as value[0], in the candidate another",
    ),
    "type of an exception": (
        KeyError("x"),
        RuntimeError("got KeyError('x')"),
        "value: base a KeyError, candidate a RuntimeError",
    ),
    "message": (
        ValueError("no such name: 'a'"),
        ValueError("no such name"),
        "value.args[0]: base \"no such name: 'a'\", candidate 'no such name'",
    ),
    "cause": (_caused("a"), _caused("b"), "value.cause.args[0]: base 'a', candidate 'b'"),
    "order of keys": (
        {"b": 1, "a": 2},
        {"a": 2, "b": 1},
        "value: the order of the keys differs",
    ),
}


@pytest.mark.parametrize("hole", HOLES)
def test_a_known_hole_is_closed_and_told_in_words(hole: str) -> None:
    base, candidate, difference = HOLES[hole]
    answers = [
        json.loads(json.dumps({"parts": {"value": encode(side)}})) for side in (base, candidate)
    ]
    assert compare_answers(*answers) == difference
    assert compare_answers(answers[0], answers[0]) is None


def _lambda(text: str) -> Callable[[int], int]:
    return eval(text)


def test_two_different_lambdas_are_told_apart() -> None:
    base, wrong, alike = (
        {"parts": {"value": encode(_lambda(text))}}
        for text in ("lambda n: n + 1", "lambda n: n + 2", "(lambda n: n + 1)")
    )
    assert "value.code: base '" in (compare_answers(base, wrong) or "")
    assert compare_answers(base, alike) is None


def test_an_argument_that_is_changed_on_the_way_is_told(
    make_tree: MakeTree, make_target: MakeTarget
) -> None:
    script = (
        "from shapes import squares\nnumbers = [3, 1, 2]\n"
        "def workload():\n    return squares(numbers)\n"
    )
    sparing = "fail = 0\ndef squares(numbers):\n    return sorted(numbers)\n"
    changing = "fail = 0\ndef squares(numbers):\n    numbers.sort()\n    return list(numbers)\n"
    base, wrong = (
        capture_answer(make_target(script=script), make_tree(name, code))
        for name, code in (("base", sparing), ("wrong", changing))
    )
    assert compare_answers(base, wrong) == (
        "globals['numbers'][0]: base 3, candidate 1 (only the candidate changes it)"
    )
