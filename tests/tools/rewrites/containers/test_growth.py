"""Growth: containers changed in place hold what the copies held."""

from __future__ import annotations

import pytest

APPLIES = {
    "list": (
        "grow-in-place",
        """
        def f(xs):
            out = []
            for x in xs:
                out = out + [x * 2]  # one
                out = out + [x, x]
                out = [*out, 0]
            return out
        """,
        "f",
        ("f([1, 2])", "f([])"),
    ),
    "dict": (
        "grow-in-place",
        """
        def f(xs):
            d = {"n": 0}
            for x in xs:
                d = {**d, x: 1, "n": x}
            return d
        """,
        "f",
        ("f([1, 2])",),
    ),
    "set": (
        "grow-in-place",
        """
        def f(xs):
            s = set()
            for x in xs:
                s = s | {x}
            return sorted(s)
        """,
        "f",
        ("f([2, 1, 2])",),
    ),
    "union": (
        "grow-in-place",
        """
        def f(rows):
            met = set()
            for row in rows:
                # all of it
                met = met.union(row)  # so far
                met = met.union(row[:1], "z")
            return sorted(met)
        """,
        "f",
        ("f(['ab', 'bc'])", "f([])"),
    ),
    "tuple": (
        "tuple-growth",
        """
        def f(xs):
            t = (0,)
            for x in xs:
                # more
                t += (x, x)
                if x:
                    t = t + (9,)
            return t
        """,
        "f",
        ("f([2, 0])", "f([])"),
    ),
    "flat": (
        "flatten-by-chain",
        """
        import functools, operator
        def f(rows):
            # flat
            a = sum(rows, [])
            b = sum((row[:1] for row in rows), [])
            return a, b, functools.reduce(operator.add, rows, [])
        """,
        "f",
        ("f([[1, 2], [3]])", "f([])"),
    ),
}

REFUSES = {
    "kept on the way": (
        "grow-in-place",
        """
        def f(xs):
            out = []
            all_ = []
            for x in xs:
                out = out + [x]
                all_.append(out)
            return all_
        """,
    ),
    "parameter": (
        "grow-in-place",
        "def f(xs, out):\n    for x in xs:\n        out = out + [x]\n    return out\n",
    ),
    "another name": (
        "grow-in-place",
        """
        def f(xs):
            first = out = [1]
            for x in xs:
                out = out + [x]
            return first, out
        """,
    ),
    "iterated over while it grows": (
        "grow-in-place",
        """
        def f(n):
            out = [1]
            for x in out:
                if x < n:
                    out = out + [x + 1]
            return out
        """,
    ),
    "united with what is made of it on the way": (
        "grow-in-place",
        """
        def f(xs):
            met = {1}
            for x in xs:
                met = met.union(x + each for each in met)
            return met
        """,
    ),
    "yielded": (
        "grow-in-place",
        "def f(xs):\n    out = []\n    for x in xs:\n        out = out + [x]\n        yield out\n",
    ),
    "numbers": (
        "grow-in-place",
        "def f(xs):\n    out = 0\n    for x in xs:\n        out = out + x\n    return out\n",
    ),
    "tuple read in the loop": (
        "tuple-growth",
        "def f(xs):\n    t = ()\n    for x in xs:\n        t += (x, len(t))\n    return t\n",
    ),
    "sum of numbers": ("flatten-by-chain", "def f(xs):\n    return sum(xs, 0)\n"),
    "sum from something": ("flatten-by-chain", "def f(xs, start):\n    return sum(xs, [start])\n"),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_growing_in_place_gives_the_same_container(applies, case):
    rewrite, source, function, expressions = case
    applies(rewrite, source, function, *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_container_that_somebody_may_hold_is_still_copied(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
