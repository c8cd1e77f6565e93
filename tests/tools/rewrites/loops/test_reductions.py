"""Reductions: early exits and dropped copies leave the answer as it was."""

from __future__ import annotations

import pytest

APPLIES = {
    "any": (
        "short-circuit",
        """
        def f(xs: list[int]):
            # odd?
            return any([x % 2 for x in xs]), all([x > 0 for x in xs if x])
        """,
        ("f([2, 3])", "f([])"),
    ),
    "len of matches": (
        "short-circuit",
        """
        def f(xs: list[int]):
            if len([x for x in xs if x > 2 or x < 0]) > 0:
                return 1
            return len([x for x in xs if x == 1 if x]) == 0
        """,
        ("f([3])", "f([1])", "f([2])"),
    ),
    "matches as a condition": (
        "short-circuit",
        """
        def f(xs: list[int]):
            if [x for x in xs if x > 2]:  # large
                return 1
            return 2 if not [x for x in xs if x == 1] else 3
        """,
        ("f([3])", "f([1])", "f([])"),
    ),
    "in keys": (
        "needless-copy",
        """
        def f(d: dict[str, int], k: str):
            n = 0
            for each in d.keys():  # all
                n += each in list(d.keys())
            return n, k in d.keys(), len(list(d))
        """,
        ("f({'a': 1}, 'a')", "f({}, 'x')"),
    ),
    "copy of a copy": (
        "needless-copy",
        """
        def f(xs: list[int]):
            return sorted(list(xs)), set(sorted(xs)), sum(list(x for x in xs))
        """,
        ("f([2, 1])",),
    ),
    "flag": (
        "stop-when-found",
        """
        def f(xs: list[int], y: int):
            found = False
            for x in xs:
                if x == y:
                    found = True  # yes
            return found
        """,
        ("f([1, 2], 2)", "f([], 1)"),
    ),
    "flag over enumerate": (
        "stop-when-found",
        """
        def f(xs: list[int], y: int):
            found = 'no'
            for i, x in enumerate(xs):
                if x == y + i:
                    found = 'yes'
            return found
        """,
        ("f([1, 2], 1)", "f([], 1)"),
    ),
    "prefixes": (
        "joined-checks",
        """
        def f(text: str):
            return text.startswith('a') or text.startswith(('b', 'c')) or text.startswith('d')
        """,
        ("f('bx')", "f('x')"),
    ),
    "types": (
        "joined-checks",
        "def f(x):\n    return not (isinstance(x, int) or isinstance(x, (str, bytes)))\n",
        ("f(1)", "f(1.5)"),
    ),
}

REFUSES = {
    "side effect": (
        "short-circuit",
        "def f(xs, show):\n    return any([show(x) for x in xs])\n",
    ),
    "a condition without a test": (
        "short-circuit",
        "def f(xs: list):\n    return 1 if [x for x in xs] else 2\n",
    ),
    "matches that are used": (
        "short-circuit",
        "def f(xs: list):\n    return [x for x in xs if x] or 2\n",
    ),
    "exact count": ("short-circuit", "def f(xs):\n    return len([x for x in xs if x]) > 1\n"),
    "keys of unknown": ("needless-copy", "def f(d, k):\n    return k in d.keys()\n"),
    "copy of an iterator": ("needless-copy", "def f(d, k):\n    return k in list(d)\n"),
    "float sum": (
        "needless-copy",
        "def f(xs: list[float]):\n    return sum(sorted(xs))\n",
    ),
    "flag depends on the element": (
        "stop-when-found",
        """
        def f(xs: list[int]):
            last = None
            for x in xs:
                if x > 1:
                    last = x
            return last
        """,
    ),
    "loop variable used after": (
        "stop-when-found",
        """
        def f(xs: list[int]):
            found = False
            for x in xs:
                if x > 1:
                    found = True
            return found, x
        """,
    ),
    "iterator used after": (
        "stop-when-found",
        """
        def f(xs):
            it = iter(xs)
            found = False
            for x in it:
                if x > 1:
                    found = True
            return found, list(it)
        """,
    ),
    "test with effects": (
        "stop-when-found",
        """
        def f(xs: list[int], q: list):
            found = False
            for x in xs:
                if q.pop() == x:
                    found = True
            return found
        """,
    ),
    "flag in the test": (
        "stop-when-found",
        """
        def f(xs: list[int]):
            on = False
            for x in xs:
                if not on and x:
                    on = True
            return on
        """,
    ),
    "different subjects": (
        "joined-checks",
        "def f(a, b):\n    return isinstance(a, int) or isinstance(b, int)\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_answer_is_the_same(applies, case):
    rewrite, source, expressions = case
    applies(rewrite, source, "f", *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_what_could_be_noticed_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")
