"""Generators: a container filled or copied at once holds what the generator gave."""

from __future__ import annotations

import pytest

APPLIES = {
    "set": (
        "comprehension-for-generator",
        "def f(xs):\n    return set(x % 3 for x in xs), set([x for x in xs if x])  # few\n",
        ("f([1, 4, 5, 0])",),
    ),
    "dict": (
        "comprehension-for-generator",
        """
        def f(xs):
            return dict((x, x + 1 if x else 0) for x in xs), dict([((x), (x, 1)) for x in xs])
        """,
        ("f([1, 0, 2])", "f([])"),
    ),
    "list and tuple": (
        "comprehension-for-generator",
        """
        def f(xs):
            first = list(x * 2 for x in xs), tuple((x, 1) for x in xs if x)
            return first, sorted((-x for x in xs), reverse=True)
        """,
        ("f([2, 0, 1])",),
    ),
    "join": (
        "comprehension-for-generator",
        """
        def f(rows):
            return "".join(
                str(x)
                for row in rows
                for x in row
            )
        """,
        ("f([[1, 2], [], [3]])",),
    ),
    "copied list": (
        "copy-for-comprehension",
        """
        def f(xs):
            ys = [x for x in xs]
            ys.append(1)
            return ys, xs, {y for y in ys}
        """,
        ("f([3, 2])", "f((1, 1))"),
    ),
    "copied dict": (
        "copy-for-comprehension",
        """
        from collections import defaultdict

        def f(pairs):
            d = defaultdict(int)
            for k, v in pairs:
                d[k] += v
            return {k: v for k, v in d.items()}, {a: b for a, b in zip("ab", pairs)}
        """,
        ("f([(1, 2), (1, 3), (0, 1)])", "f([])"),
    ),
}

REFUSES = {
    "no pairs": ("comprehension-for-generator", "def f(xs):\n    return dict(x for x in xs)\n"),
    "starred pairs": (
        "comprehension-for-generator",
        "def f(xs):\n    return dict((*x, 1) for x in xs)\n",
    ),
    "may stop early": (
        "comprehension-for-generator",
        "def f(xs):\n    return any(x for x in xs), sum(x for x in xs)\n",
    ),
    "asked for later": ("comprehension-for-generator", "def f(xs):\n    return (x for x in xs)\n"),
    "somebody else's join": (
        "comprehension-for-generator",
        "def f(path, xs):\n    return path.join(x for x in xs)\n",
    ),
    "another set": (
        "comprehension-for-generator",
        "def f(xs, set):\n    return set(x for x in xs)\n",
    ),
    "asynchronous": (
        "comprehension-for-generator",
        "async def f(xs):\n    return set([x async for x in xs])\n",
    ),
    "not as they are": (
        "copy-for-comprehension",
        "def f(xs):\n    return [x + 1 for x in xs], [x for x in xs if x], [y for y, in xs]\n",
    ),
    "swapped": (
        "copy-for-comprehension",
        "def f(d):\n    return {v: k for k, v in d.items()}\n",
    ),
    "perhaps a mapping of pairs": (
        "copy-for-comprehension",
        "def f(d):\n    return {k: v for k, v in d}\n",
    ),
    "asynchronous copy": (
        "copy-for-comprehension",
        "async def f(xs):\n    return [x async for x in xs]\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_container_is_the_same(applies, case):
    rewrite, source, expressions = case
    applies(rewrite, source, "f", *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_what_is_more_than_a_filling_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
