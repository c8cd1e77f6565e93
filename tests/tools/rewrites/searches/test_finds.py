"""Firsts: a loop that ends at its first find meets the same element without a sort."""

from __future__ import annotations

import pytest

APPLIES = {
    "items by key": (
        """
        def f(terms: dict, limit):
            found = None
            # by name
            for v, c in sorted(terms.items(), key=lambda x: x[0]):
                # candidate?
                if c < limit:
                    found = v  # take it
                    break
            return found
        """,
        ("f({'b': 1, 'a': 1, 'c': 9}, 5)", "f({'b': 1}, 0)", "f({}, 1)"),
    ),
    "returned, the largest first": (
        """
        def f(xs: list[tuple[int, str]], wanted):
            for number, name in sorted(xs, key=lambda x: x[0], reverse=True):
                if name == wanted:
                    return number, name
            return None
        """,
        ("f([(1, 'a'), (3, 'a'), (2, 'b')], 'a')", "f([], 'a')"),
    ),
    "ties": (
        """
        def f(words):
            for word in sorted(words, key=len):
                if "a" in word:
                    break
            else:
                return "none"
            return "some"
        """,
        ("f(['ba', 'ab', 'cde'])", "f(['b'])"),
    ),
    "raised": (
        """
        def f(values: list[int]):
            for value in sorted(values):
                if value > 2:
                    raise ValueError(value)
            return 0

        def g(values):
            try:
                return f(values)
            except ValueError as error:
                return str(error)
        """,
        ("g([5, 3, 1])", "g([1])"),
    ),
}

REFUSES = {
    "goes on": ("def f(xs):\n    for x in sorted(xs):\n        if x > 1:\n            print(x)\n"),
    "the test may change things": (
        "def f(xs, g):\n    for x in sorted(xs):\n        if g(x):\n            return x\n"
    ),
    "the key may change things": (
        "def f(xs, g):\n    for x in sorted(xs, key=g):\n        if x:\n            return x\n"
    ),
    "an iterator that others may read": (
        "def f(xs):\n    ys = iter(xs)\n    for x in sorted(ys):\n        if x:\n"
        "            return x\n"
    ),
    "the loop's variable is read after it": (
        """
        def f(xs):
            x = None
            for x in sorted(xs):
                if x > 1:
                    break
            return x
        """
    ),
    "an else of the test": (
        """
        def f(xs):
            for x in sorted(xs):
                if x > 1:
                    return x
                else:
                    print(x)
        """
    ),
    "elements that are taken apart but are no tuples": (
        """
        def f(xs):
            for a, b in sorted(xs, key=lambda x: x[0]):
                if a > 1:
                    return b
        """
    ),
    "the direction is not known": (
        "def f(xs, r):\n    for x in sorted(xs, reverse=r):\n        if x:\n            return x\n"
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_first_to_pass_is_the_same_one(applies, case):
    source, expressions = case
    applies("first-of-sorted", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_loop_that_would_notice_goes_on_sorting(refuses, source):
    refuses("first-of-sorted", source, "f")


def test_the_test_is_asked_once(propose):
    source = APPLIES["items by key"][0]
    new = propose(source, "f", "first-of-sorted")[0].new_source
    assert "nsmallest(1, [(v, c) for v, c in terms.items() if c < limit], key=" in new
    assert new.count("c < limit") == 1
