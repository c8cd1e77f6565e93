"""Equalities: what was found element by element is found by `in`."""

from __future__ import annotations

import pytest

APPLIES = {
    "any and all": (
        """
        def f(xs: list[str], y: str):
            # there?
            if not any(x == "z" for x in xs) and y:
                return None
            return any(x == y for x in xs), all("a" != x for x in xs), any([y == x for x in xs])
        """,
        ("f(['a', 'b'], 'b')", "f(['z'], 'b')", "f([None], '')"),
    ),
    "values and characters": (
        """
        def f(d: dict[str, int], s: str, n: int):
            return any(each == n for each in d.values()) and any(c == "x" for c in s)
        """,
        ("f({'a': 1}, 'ax', 1)", "f({'a': 1}, 'x', 2)", "f({'a': 1}, '', True)"),
    ),
    "a loop": (
        """
        def f(xs: tuple[int, ...], y: int) -> bool:
            # look
            for x in xs:
                if x == y:  # here
                    return True
            # nowhere
            return False
        """,
        ("f((1, 2), 2)", "f((), 2)", "f((1.0, 3), 1)"),
    ),
    "a loop for the opposite": (
        """
        def f(xs: set[int], y: int):
            for x in xs:
                if y == x:
                    return False
            return True
        """,
        ("f({1, 2}, 2)", "f({1, 2}, 3)"),
    ),
}

REFUSES = {
    "perhaps not equal to itself": (
        "def f(xs: list[float], y: float):\n    return any(x == y for x in xs)\n"
    ),
    "anything": "def f(xs: list, y):\n    return any(x == y for x in xs)\n",
    "an unknown container": "def f(xs, y: int):\n    return any(x == y for x in xs)\n",
    "parts of a string": "def f(s: str, y: str):\n    return any(c == y for c in s)\n",
    "several characters": "def f(s: str):\n    return any(c == 'ab' for c in s)\n",
    "a part of the element": ("def f(xs: list, y: int):\n    return any(x.n == y for x in xs)\n"),
    "some elements": "def f(xs: list, y: int):\n    return any(x == y for x in xs if x)\n",
    "all equal": "def f(xs: list, y: int):\n    return all(x == y for x in xs)\n",
    "another answer": """
    def f(xs: list, y: int):
        for x in xs:
            if x == y:
                return x
        return False
    """,
    "more after the loop": """
    def f(xs: list, y: int):
        for x in xs:
            if x == y:
                return True
        print(y)
        return False
    """,
    "more in the loop": """
    def f(xs: list, y: int):
        for x in xs:
            print(x)
            if x == y:
                return True
        return False
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_same_is_found(applies, case):
    source, expressions = case
    applies("membership-for-any", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_search_for_something_else_stays(refuses, source):
    refuses("membership-for-any", source, "f")
