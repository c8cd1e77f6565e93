"""Counters: a range counts what the loop counted."""

from __future__ import annotations

import pytest

APPLIES = {
    "over positions": (
        """
        def f(xs: list[int], y):
            found = []
            # start
            i = 0
            # go
            while i < len(xs):  # all
                if xs[i] == y:
                    found.append(i)
                    if len(found) > 2:
                        break
                # next
                i += 1  # one more
            return found
        """,
        ("f([1, 2, 1], 1)", "f([], 1)", "f([1] * 9, 1)"),
    ),
    "nested, bound included": (
        """
        def f(n: int):
            total = 0
            i = 1
            while i <= n:
                j = i + 1
                while j < n:
                    for k in range(3):
                        if k == j:
                            continue
                        total += i * j + k
                    j += 1
                i += 1
            return total
        """,
        ("f(5)", "f(0)", "f(-2)"),
    ),
    "the same counter again": (
        """
        def f(n: int):
            out = []
            i = 0
            while i < n:
                out.append(i)
                i += 1
            i = 5
            while i < n:
                out.append(-i)
                i += 1
            return out
        """,
        ("f(7)", "f(0)"),
    ),
}

REFUSES = {
    "read after": """
    def f(n: int):
        i = 0
        while i < n:
            print(i)
            i += 1
        return i
    """,
    "read after in an outer loop": """
    def f(n: int):
        i = 7
        for k in range(n):
            print(i)
            i = 0
            while i < n:
                print(k)
                i += 1
    """,
    "skips the counting": """
    def f(n: int):
        i = 0
        while i < n:
            if n > 3:
                continue
            i += 1
    """,
    "counts elsewhere": """
    def f(n: int):
        i = 0
        while i < n:
            if n > 3:
                i += 2
            i += 1
    """,
    "counts in steps": """
    def f(n: int):
        i = 0
        while i < n:
            print(i)
            i += 2
    """,
    "the bound changes": """
    def f(xs: list):
        i = 0
        while i < len(xs):
            xs.pop()
            i += 1
    """,
    "the bound is set": """
    def f(n: int):
        i = 0
        while i < n:
            n -= 1
            i += 1
    """,
    "perhaps no whole number": """
    def f(n):
        i = 0
        while i < n:
            print(i)
            i += 1
    """,
    "starts at a fraction": """
    def f(n: int):
        i = 0.5
        while i < n:
            print(i)
            i += 1
    """,
    "starts elsewhere": """
    def f(n: int, i: int):
        while i < n:
            print(i)
            i += 1
    """,
    "used before it counts": """
    def f(n: int):
        i = 0
        print(i)
        while i < n:
            print(i)
            i += 1
    """,
    "in a closure": """
    def f(n: int):
        i = 0
        while i < n:
            print(lambda: i)
            i += 1
    """,
    "seen by a handler": """
    def f(n: int):
        i = 0
        try:
            while i < n:
                print(i)
                i += 1
        except ValueError:
            return i
    """,
    "something else at its end": """
    def f(n: int):
        i = 0
        while i < n:
            print(i)
            i += 1
        else:
            print(n)
    """,
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_loop_runs_as_often(applies, case):
    source, expressions = case
    applies("counted-loop", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_loop_that_does_not_just_count_stays(refuses, source):
    refuses("counted-loop", source, "f")


def test_the_loop_keeps_its_body_and_comments(propose):
    source = (
        "def f(n: int):\n    i = 0\n    while i < n:  # all\n        print( i )\n        i += 1\n"
    )
    new = propose(source, "f", "counted-loop")[0].new_source
    assert new == "def f(n: int):\n    for i in range(n):  # all\n        print( i )\n"
