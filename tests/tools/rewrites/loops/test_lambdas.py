"""Lambdas: comprehensions give the elements that map and filter gave, in the same order."""

from __future__ import annotations

import pytest

APPLIES = {
    "list of a map": (
        "def f(xs):\n    x = 1\n    return list(map(lambda x: x * 2, xs)), x  # doubled\n",
        ("f([1, 2])", "f({})"),
    ),
    "two sequences": (
        "def f(xs, ys):\n    return set(map(lambda x, y: (x, y), xs, ys))\n",
        ("f([1, 2], 'abc')",),
    ),
    "filter": (
        """
        def f(xs):
            out = []
            # the odd ones
            for x in filter(lambda x: x % 2, xs):
                out.append(x)
            return out, list(filter(lambda y: y > 1 if xs else 0, xs))
        """,
        ("f([1, 2, 3])", "f([])"),
    ),
    "gathered": (
        """
        def f(xs: list[int]):
            first = tuple(map(lambda x: x + 1, xs)), sorted(map(lambda x: -x, xs), reverse=True)
            return first, ", ".join(map(lambda x: f"<{x}>", xs))
        """,
        ("f([2, 1])", "f([])"),
    ),
    "gone through": (
        """
        def f(xs):
            return sum(map(lambda x: x + 1, xs), 10), max(map(lambda x: -x, xs), default=0)
        """,
        ("f([2, 1])", "f([])"),
    ),
    "inside a comprehension": (
        "def f(xs):\n    return [y + 1 for y in map(lambda x: x * 2, xs) if y]\n",
        ("f([0, 1, 2])",),
    ),
    "the same name outside": (
        "def f(x):\n    return list(map(lambda x: x + 1, x))\n",
        ("f([1])",),
    ),
}

REFUSES = {
    "asked for later": "def f(xs):\n    return map(lambda x: x + 1, xs)\n",
    "closures of their own": "def f(xs):\n    return list(map(lambda x: lambda: x, xs))\n",
    "ends the map by itself": "def f(xs, it):\n    return list(map(lambda x: next(it), xs))\n",
    "a default": "def f(xs):\n    return list(map(lambda x, n=1: x + n, xs))\n",
    "too few arguments": "def f(xs):\n    return list(map(lambda x, y: x, xs))\n",
    "stars": "def f(xs):\n    return list(map(lambda x: x, *xs))\n",
    "named inside": "def f(xs):\n    return list(map(lambda x: (y := x), xs))\n",
    "no lambda": "def f(xs):\n    return list(map(str, xs))\n",
    "another map": "def f(xs, map):\n    return list(map(lambda x: x, xs))\n",
    "somebody else's join": "def f(path, xs):\n    return path.join(map(lambda x: x, xs))\n",
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_elements_are_the_same(applies, case):
    source, expressions = case
    applies("comprehension-for-lambda", source, "f", *expressions)


@pytest.mark.parametrize("source", REFUSES.values(), ids=REFUSES)
def test_a_lambda_whose_scope_or_time_matters_stays(refuses, source):
    refuses("comprehension-for-lambda", source, "f")
