"""Pairs: each element's work is done once and meets every partner as before."""

from __future__ import annotations

import pytest

APPLIES = {
    "own function": (
        """
        def norm(v: list[float]) -> float:
            return sum(x * x for x in v) ** 0.5

        def f(a: list[list[float]], b: list[list[float]]):
            out = []
            for x in a:
                # each partner
                for y in b:
                    out.append(x[0] * y[0] / norm(y))  # scaled
            return out
        """,
        ("f([[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0]])", "f([], [])"),
    ),
    "string method": (
        """
        def f(words: list[str], others: list[str]):
            n = 0
            for word in words:
                for other in others:
                    if word == other.lower().strip():
                        n += 1
            return n
        """,
        ("f(['a', 'b'], ['A ', 'c'])",),
    ),
}

REFUSES = {
    "depends on both": (
        """
        def g(a, b):
            return sum(a) + sum(b)
        def f(xs: list, ys: list):
            for x in xs:
                for y in ys:
                    print(g(x, y) + 1)
        """
    ),
    "element changes": (
        """
        def g(y):
            return sum(y)
        def f(xs: list, ys: list):
            n = 0
            for x in xs:
                for y in ys:
                    n += g(y) + 1
                    y.append(x)
            return n
        """
    ),
    "one-shot iterable": (
        """
        def g(y):
            return sum(y)
        def f(xs: list, ys):
            n = 0
            for x in xs:
                for y in ys:
                    n += g(y) + 1
            return n
        """
    ),
    "impure": (
        """
        def g(y):
            print(y)
            return 1
        def f(xs: list, ys: list):
            n = 0
            for x in xs:
                for y in ys:
                    n += g(y) + 1
            return n
        """
    ),
}


CONSTANT = """
import re

# short and full
NAMES = {"a": "x", "b": "y"}

def f(text: str) -> str:
    for short, full in NAMES.items():
        # whole words
        word = re.compile(rf"\\b{short}\\b", re.I)
        text = word.sub(full, text)  # each
    return text
"""


def test_a_constants_entries_are_worked_out_once(applies):
    new = applies("once-per-constant", CONSTANT, "f", "f('a b A ab')", "f('')").new_source
    assert new.index("_F_WORDS = [") < new.index("def f")


@pytest.mark.parametrize(
    "change",
    ["def g():\n    NAMES['c'] = 'z'\n", "def g():\n    global NAMES\n    NAMES = {}\n"],
)
def test_a_constant_that_changes_is_read_in_every_call(refuses, change):
    refuses("once-per-constant", CONSTANT + change, "f")


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_every_pair_gets_the_same_answer(applies, case):
    source, expressions = case
    applies("once-per-element", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_work_that_differs_between_partners_stays(refuses, source):
    refuses("once-per-element", source, "f")
