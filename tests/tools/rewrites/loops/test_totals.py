"""Totals: the sum is the one that the loop added up."""

from __future__ import annotations

import pytest

APPLIES = {
    "numbers": (
        """
        def f(xs: list[int]):
            total = 0
            # add
            for x in xs:
                total += x  # each
            return total
        """,
        ("f([1, 2, 3])", "f([])", "f([True])"),
    ),
    "lengths": (
        """
        def f(words):
            n = 1
            for word in words:
                n += len(word)
            for word in words:
                n += len(word)
            return n
        """,
        ("f(['a', 'bc'])", "f([])"),
    ),
    "fractions from where they start": (
        """
        def f(xs: list[float], start: float):
            total = start
            for x in xs:
                total += x
            return total
        """,
        ("f([0.5, 0.25], 1e3)", "f([], 0.1)"),
    ),
}

REFUSES = {
    "texts": "def f(xs: list[str]):\n    t = ''\n    for x in xs:\n        t += x\n    return t\n",
    "anything": "def f(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t\n",
    "added to an array": (
        "def f(xs: list[int], t):\n    for x in xs:\n        t += x\n    return t\n"
    ),
    "the last is used": (
        "def f(xs: list[int]):\n    t = 0\n    for x in xs:\n        t += x\n    return t, x\n"
    ),
    "some": (
        "def f(xs: list[int]):\n    t = 0\n    for x in xs:\n        if x:\n            t += x\n"
        "    return t\n"
    ),
    "worked out": (
        "def f(xs: list[int]):\n    t = 0\n    for x in xs:\n        t += x * x\n    return t\n"
    ),
    "seen by a handler": """
    def f(xs: list[int]):
        try:
            t = 0
            for x in xs:
                t += x
        except TypeError:
            return t
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_sum_is_the_same(applies, case):
    source, expressions = case
    applies("sum-for-loop", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_loop_that_adds_something_else_stays(refuses, source):
    refuses("sum-for-loop", source, "f")


def test_only_whole_numbers_are_surely_exact(propose):
    source = "def f(xs: list[{}]):\n    t = 0\n    for x in xs:\n        t += x\n    return t\n"
    assert propose(source.format("int"), "f", "sum-for-loop")[0].risk == "low"
    assert propose(source.format("float"), "f", "sum-for-loop")[0].risk == "medium"
