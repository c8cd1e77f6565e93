"""Reductions: early exits and dropped copies leave the answer as it was."""

from __future__ import annotations

import pytest

APPLIES = {
    "any": (
        "short-circuit",
        "def f(xs: list[int]):\n    # odd?\n    return any([x % 2 for x in xs]), all([x > 0 for x in xs if x])\n",
        ("f([2, 3])", "f([])"),
    ),
    "len of matches": (
        "short-circuit",
        "def f(xs: list[int]):\n    if len([x for x in xs if x > 2 or x < 0]) > 0:\n        return 1\n    return len([x for x in xs if x == 1 if x]) == 0\n",
        ("f([3])", "f([1])", "f([2])"),
    ),
    "in keys": (
        "needless-copy",
        "def f(d: dict[str, int], k: str):\n    n = 0\n    for each in d.keys():  # all\n        n += each in list(d.keys())\n    return n, k in d.keys(), len(list(d))\n",
        ("f({'a': 1}, 'a')", "f({}, 'x')"),
    ),
    "copy of a copy": (
        "needless-copy",
        "def f(xs: list[int]):\n    return sorted(list(xs)), set(sorted(xs)), sum(list(x for x in xs))\n",
        ("f([2, 1])",),
    ),
    "flag": (
        "stop-when-found",
        "def f(xs: list[int], y: int):\n    found = False\n    for x in xs:\n        if x == y:\n            found = True  # yes\n    return found\n",
        ("f([1, 2], 2)", "f([], 1)"),
    ),
    "flag over enumerate": (
        "stop-when-found",
        "def f(xs: list[int], y: int):\n    found = 'no'\n    for i, x in enumerate(xs):\n        if x == y + i:\n            found = 'yes'\n    return found\n",
        ("f([1, 2], 1)", "f([], 1)"),
    ),
    "prefixes": (
        "joined-checks",
        "def f(text: str):\n    return text.startswith('a') or text.startswith(('b', 'c')) or text.startswith('d')\n",
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
    "exact count": ("short-circuit", "def f(xs):\n    return len([x for x in xs if x]) > 1\n"),
    "keys of unknown": ("needless-copy", "def f(d, k):\n    return k in d.keys()\n"),
    "copy of an iterator": ("needless-copy", "def f(d, k):\n    return k in list(d)\n"),
    "float sum": (
        "needless-copy",
        "def f(xs: list[float]):\n    return sum(sorted(xs))\n",
    ),
    "flag depends on the element": (
        "stop-when-found",
        "def f(xs: list[int]):\n    last = None\n    for x in xs:\n        if x > 1:\n            last = x\n    return last\n",
    ),
    "loop variable used after": (
        "stop-when-found",
        "def f(xs: list[int]):\n    found = False\n    for x in xs:\n        if x > 1:\n            found = True\n    return found, x\n",
    ),
    "iterator used after": (
        "stop-when-found",
        "def f(xs):\n    it = iter(xs)\n    found = False\n    for x in it:\n        if x > 1:\n            found = True\n    return found, list(it)\n",
    ),
    "test with effects": (
        "stop-when-found",
        "def f(xs: list[int], q: list):\n    found = False\n    for x in xs:\n        if q.pop() == x:\n            found = True\n    return found\n",
    ),
    "flag in the test": (
        "stop-when-found",
        "def f(xs: list[int]):\n    on = False\n    for x in xs:\n        if not on and x:\n            on = True\n    return on\n",
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
