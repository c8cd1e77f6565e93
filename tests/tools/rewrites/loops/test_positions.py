"""Positions: the elements come as their positions brought them."""

from __future__ import annotations

import pytest

APPLIES = {
    "statement": (
        """
        def f(rows: list[str]):
            out = []
            # each
            for i in range(len(rows)):
                if rows[i]:  # not empty
                    out.append(rows[i])
            return out
        """,
        ("f(['a', '', 'b'])", "f([])"),
    ),
    "comprehension": (
        """
        def f(xs: list[int], y: int):
            return [xs[i] + y for i in range(0, len(xs)) if xs[i]]
        """,
        ("f([1, 0, 2], 3)",),
    ),
    "attribute": (
        """
        class A:
            def __init__(self, xs):
                self.xs: list[int] = xs

            def total(self):
                n = 0
                for i in range(len(self.xs)):
                    n += self.xs[i]
                return n

        def f(xs):
            return A(xs).total()
        """,
        ("f([1, 2])",),
    ),
    "from the end": (
        """
        def f(text: str):
            out = ""
            for at in range(len(text) - 1, -1, -1):
                out += text[at]
            for at in reversed(range(len(text))):
                out += text[at]
            return out
        """,
        ("f('abc')", "f('')"),
    ),
    "two loops over it": (
        """
        def f(xs: list[int]):
            n = 0
            for i in range(len(xs)):
                for j in range(len(xs)):
                    n += xs[j]
            for i in range(3):
                n += i
            return n
        """,
        ("f([1, 2])",),
    ),
}

REFUSES = {
    "the position is used": (
        "def f(xs: list[int]):\n    return [xs[i] * i for i in range(len(xs))]\n"
    ),
    "another sequence too": (
        "def f(xs: list[int], ys):\n    return [xs[i] + ys[i] for i in range(len(xs))]\n"
    ),
    "replaced elements": (
        """
        def f(xs: list[int]):
            for i in range(len(xs)):
                xs[i] = xs[i] + 1
        """
    ),
    "a list that shrinks": (
        """
        def f(xs: list[int]):
            n = 0
            for i in range(len(xs)):
                n += xs[i]
                if n > 3:
                    xs.pop()
            return n
        """
    ),
    "another list by the same name": (
        """
        def f(xs: list[int]):
            for i in range(len(xs)):
                xs = [xs[i]] + xs
            return xs
        """
    ),
    "perhaps a dict": "def f(xs):\n    return [xs[i] for i in range(len(xs))]\n",
    "the position afterwards": (
        """
        def f(xs: list[int]):
            n = 0
            for i in range(len(xs)):
                n += xs[i]
            return n, i
        """
    ),
    "the position in a closure": (
        "def f(xs: list[int]):\n    return [lambda: xs[i] for i in range(len(xs))]\n"
    ),
    "another position by the same name": (
        """
        def f(xs: list[int]):
            return [[xs[i] for i in range(2)] for i in range(len(xs)) if xs[i]]
        """
    ),
    "a set position": (
        """
        def f(xs: list[int]):
            n = 0
            for i in range(len(xs)):
                i = 0
                n += xs[i]
            return n
        """
    ),
    "neighbours": "def f(xs: list[int]):\n    return [xs[i - 1] for i in range(len(xs))]\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_elements_are_the_same(applies, case):
    source, expressions = case
    function = "A.total" if "class A" in source else "f"
    applies("elements-for-positions", source, function, *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_position_that_is_needed_stays(refuses, source):
    refuses("elements-for-positions", source, "f")


def test_the_element_is_named_after_its_sequence(propose):
    source = "def f(rows: list):\n    return [rows[i] for i in range(len(rows))]\n"
    new = propose(source, "f", "elements-for-positions")[0].new_source
    assert "[row for row in rows]" in new
