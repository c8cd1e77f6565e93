"""Firsts: the first few are the same, and none raises what it raised."""

from __future__ import annotations

import pytest

APPLIES = {
    "of a dict": (
        """
        def f(d: dict[str, int]):
            # any
            return list(d)[0], list(d.keys())[1], list(d.items())[:2]  # some
        """,
        ("f({'a': 1, 'b': 2, 'c': 3})",),
    ),
    "of a set and of pairs": (
        """
        import itertools

        def f(s: set[int], xs: list[int]):
            return list(s)[0], list(enumerate(xs))[1], list(zip(xs, s))[:5]
        """,
        ("f({1}, [4, 5])",),
    ),
    "of matches": (
        """
        def f(xs: list[int], y: int):
            return [x * 2 for x in xs if x > y][0], [
                x for x in xs if x > y
            ][:1]
        """,
        ("f([1, 2, 3], 1)",),
    ),
}

REFUSES = {
    "the last": "def f(d: dict):\n    return list(d)[-1]\n",
    "not from the start": "def f(d: dict):\n    return list(d)[1:2]\n",
    "known later": "def f(d: dict, k):\n    return list(d)[k]\n",
    "perhaps an iterator": "def f(d):\n    return list(d)[0]\n",
    "an iterator that others hold": (
        "def f(xs):\n    d = iter(xs)\n    return list(d)[0], list(d)\n"
    ),
    "pairs from an iterator": "def f(xs):\n    return list(zip(xs, 'ab'))[0]\n",
    "work that is noticed": "def f(xs: list, run):\n    return [run(x) for x in xs][0]\n",
    "perhaps matches of an iterator": "def f(xs):\n    return [x for x in xs if x][0]\n",
    "set there": "def f(d: dict):\n    list(d)[0] = 1\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_first_are_the_same(applies, case):
    source, expressions = case
    applies("first-without-list", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_whole_list_that_is_needed_stays(refuses, source):
    refuses("first-without-list", source, "f")


def test_nothing_at_the_start_raises_as_before(propose):
    source = "def f(d: dict[str, int]):\n    return list(d)[0]\n"
    after: dict = {}
    exec(propose(source, "f", "first-without-list")[0].new_source, after)
    with pytest.raises(IndexError):
        after["f"]({})
