"""Nothing of an answer is compared loosely unless it was asked for by name."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from perfagent.errors import UserError
from perfagent.settings import load_settings
from perfagent.workloads.answers.answer import Answer, compare_answers, stable_answer
from perfagent.workloads.answers.loosening import Loosening
from perfagent.workloads.inside.perfagent_answer import encode


def _answer(value: object, printed: str = "", **files: str) -> Answer:
    made = {
        "parts": {"value": encode(value)},
        "stdout": encode(printed.splitlines()),
        "files": {name: {"size": len(t), "lines": t.split("\n")} for name, t in files.items()},
    }
    return json.loads(json.dumps(made))


class Private:
    def __init__(self, value: int) -> None:
        self._value = value


SHARED = [1]
# What differs, and the option under which it may.
LOOSENED = [
    ("float-rel=1e-3", _answer(1.0), _answer(1.0001)),
    ("float-rel=1e-3", _answer(np.array([1.0])), _answer(np.array([1.0001]))),
    ("float-abs=1e-6", _answer(0.0), _answer(1e-9)),
    ("key-order", _answer({"a": 1, "b": 2}), _answer({"b": 2, "a": 1})),
    ("key-order", _answer({(1, 2): 1, (0, 1): 2}), _answer({(0, 1): 2, (1, 2): 1})),
    ("messages", _answer(ValueError("a")), _answer(ValueError("b"))),
    ("aliasing", _answer([SHARED, SHARED]), _answer([[1], [1]])),
    ("stdout", _answer(1, "a"), _answer(1, "b")),
    ("files", _answer(1, out="a"), _answer(1, out="b")),
    ("dtype", _answer(np.int32(1)), _answer(np.int64(1))),
    ("dtype", _answer(np.array([1], "i4")), _answer(np.array([1], "f8"))),
    ("private", _answer(Private(1)), _answer(Private(2))),
]
# What no such option lets through.
KEPT = [
    ("float-rel=1e-3", _answer(1.0), _answer(1.1)),
    ("key-order", _answer({"a": 1, "b": 2}), _answer({"b": 1, "a": 2})),
    ("key-order", _answer({(1, 2): 1, (0, 1): 2}), _answer({(0, 1): 1, (1, 2): 2})),
    ("messages", _answer(ValueError("a")), _answer(KeyError("a"))),
    ("aliasing", _answer([SHARED, SHARED]), _answer([[1], [2]])),
    ("dtype", _answer(np.array([1], "i4")), _answer(np.array([2], "i8"))),
    ("dtype", _answer(np.array([1], "i4")), _answer(np.array(["1"]))),
    ("private", _answer([Private(1)]), _answer([])),
]


@pytest.mark.parametrize(("name", "base", "candidate"), LOOSENED)
def test_only_the_option_of_that_name_lets_a_difference_pass(
    name: str, base: Answer, candidate: Answer
) -> None:
    assert compare_answers(base, candidate) is not None
    others = {option.partition("=")[0] for option, _, _ in LOOSENED} - {name.partition("=")[0]}
    rest = [other for other in others if not other.startswith("float")]
    assert compare_answers(base, candidate, Loosening.parse(rest)) is not None
    assert compare_answers(base, candidate, Loosening.parse([name])) is None


@pytest.mark.parametrize(("name", "base", "candidate"), KEPT)
def test_an_option_lets_nothing_else_pass(name: str, base: Answer, candidate: Answer) -> None:
    assert compare_answers(base, candidate, Loosening.parse([name])) is not None


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("key-ordr", "did you mean key-order?"),
        ("everything", "choose from float-rel, float-abs, key-order"),
        ("float-rel", "such as float-rel=1e-6"),
        ("float-abs=-1", "at least 0"),
        ("float-rel=nan", "at least 0"),
        ("stdout=1", "write stdout"),
    ],
)
def test_a_misspelt_option_is_told_with_what_to_write(option: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        Loosening.parse([option])
    assert option in str(caught.value)
    assert hint in str(caught.value)


def test_what_is_loosened_is_said() -> None:
    assert Loosening().note is None
    note = Loosening.parse(["key-order", "float-rel=1e-6"]).note
    assert note == "answers compared loosely: key-order, float-rel=1e-6"


def test_a_workload_that_only_prints_leaves_nothing_once_that_is_loosened() -> None:
    printed = {"parts": {}, "stdout": encode(["a"]), "doubts": []}
    assert not stable_answer(printed, printed)["doubts"]
    loose = stable_answer(printed, printed, Loosening.parse(["stdout"]))
    assert loose["doubts"] == ["the workload leaves nothing that could be compared"]


def test_a_target_cannot_loosen_the_check_of_its_own_answer(tmp_path: Path) -> None:
    text = '[tool.perfagent]\nloosen = ["stdout"]\n'
    with pytest.raises(UserError, match="'loosen' may not come from"):
        load_settings({}, working_dir=tmp_path, environ={}, target_pyproject=text)
