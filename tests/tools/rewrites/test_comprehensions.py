"""Comprehensions, extends and counters fill what the loops filled."""

from __future__ import annotations

import pytest

APPLIES = {
    "list": (
        "fill-by-comprehension",
        "def f(xs):\n    # squares\n    out = []\n    for x in xs:\n        # even ones\n        if x % 2 == 0:\n            out.append(x * x)  # add\n    return out\n",
        ("f([1, 2, 4])", "f([])"),
    ),
    "nested": (
        "fill-by-comprehension",
        "def f(rows):\n    out: list = []\n    for row in rows:\n        if row:\n            for a, b in row:\n                out.append((a, b))\n    return out\n",
        ("f([[(1, 2)], [], [(3, 4)]])",),
    ),
    "set": (
        "fill-by-comprehension",
        "def f(xs):\n    s = set()\n    for x in xs:\n        s.add(x if x else 0)\n    return sorted(s)\n",
        ("f([1, 0, 1])",),
    ),
    "dict": (
        "fill-by-comprehension",
        "def f(xs):\n    d = {}\n    for i, x in enumerate(xs):\n        d[x] = i\n    return d\n",
        ("f(['a', 'b', 'a'])",),
    ),
    "same variable in two loops": (
        "fill-by-comprehension",
        "def f(xs):\n    a = []\n    for x in xs:\n        a.append(x + 1)\n    b = []\n    for x in a:\n        b.append(x * 2)\n    return a, b\n",
        ("f([1, 2])",),
    ),
    "extend": (
        "extend-at-once",
        "def f(xs, ys):\n    out = [0]\n    out.append(1)\n    for x in xs:\n        out.append(x)\n    for y in ys:\n        if y:\n            out.append(y + 1)  # one more\n    return out\n",
        ("f([1, 2], [0, 5])",),
    ),
    "count by get": (
        "count-at-once",
        "def f(words):\n    counts = {}\n    for word in words:\n        counts[word] = counts.get(word, 0) + 1  # one\n    return counts\n",
        ("f(['b', 'a', 'b'])", "f([])", "type(f([])).__name__"),
    ),
    "count by if": (
        "count-at-once",
        "def f(words: list[str]):\n    counts = {}\n    for word in words:\n        if word.lower() in counts:\n            counts[word.lower()] += 1\n        else:\n            counts[word.lower()] = 1\n    return counts\n",
        ("f(['B', 'a', 'b'])",),
    ),
    "count by if not": (
        "count-at-once",
        "def f(words):\n    counts = dict()\n    for word in words:\n        if word not in counts:\n            counts[word] = 0\n        counts[word] += 1\n    return counts\n",
        ("f(['B', 'a', 'B'])",),
    ),
    "count by defaultdict": (
        "count-at-once",
        "from collections import defaultdict\ndef f(rows):\n    counts = defaultdict(int)\n    for a, b in rows:\n        counts[a] += 1\n    return counts\n",
        ("f([(1, 2), (1, 3)])",),
    ),
}

REFUSES = {
    "list read in the loop": (
        "fill-by-comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        if x not in out:\n            out.append(x)\n    return out\n",
    ),
    "variable used after": (
        "fill-by-comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    return out, x\n",
    ),
    "more in the loop": (
        "fill-by-comprehension",
        "def f(xs, n):\n    out = []\n    for x in xs:\n        n += x\n        out.append(n)\n    return out\n",
    ),
    "not empty before": (
        "fill-by-comprehension",
        "def f(xs):\n    out = [0]\n    for x in xs:\n        out.append(x)\n    return out\n",
    ),
    "async": (
        "fill-by-comprehension",
        "async def f(xs):\n    out = []\n    async for x in xs:\n        out.append(x)\n    return out\n",
    ),
    "yields inside": (
        "fill-by-comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append((yield x))\n    return out\n",
    ),
    "seen by a handler": (
        "fill-by-comprehension",
        "def f(xs):\n    try:\n        out = []\n        for x in xs:\n            out.append(1 / x)\n    except ZeroDivisionError:\n        pass\n    return out\n",
    ),
    "else": (
        "fill-by-comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    else:\n        out.append(0)\n    return out\n",
    ),
    "order of effects": (
        "fill-by-comprehension",
        "def f(xs, key, value):\n    d = {}\n    for x in xs:\n        d[key(x)] = value(x)\n    return d\n",
    ),
    "default is missing": (
        "count-at-once",
        "def f(words):\n    counts = {}\n    for word in words:\n        counts[word] += 1\n    return counts\n",
    ),
    "not by one": (
        "count-at-once",
        "def f(words):\n    counts = {}\n    for word in words:\n        counts[word] = counts.get(word, 0) + len(word)\n    return counts\n",
    ),
    "parameter of unknown kind": (
        "extend-at-once",
        "def f(xs, out):\n    for x in xs:\n        out.append(x)\n",
    ),
}


@pytest.mark.parametrize("case", APPLIES.values(), ids=APPLIES)
def test_the_container_is_the_same(applies, case):
    rewrite, source, expressions = case
    applies(rewrite, source, "f", *expressions)


@pytest.mark.parametrize("case", REFUSES.values(), ids=REFUSES)
def test_a_loop_that_does_more_stays(refuses, case):
    rewrite, source = case
    refuses(rewrite, source, "f")


def test_comments_in_the_loop_move_above_it(propose):
    source = APPLIES["list"][1]
    new = propose(source, "f", "fill-by-comprehension")[0].new_source
    assert new == (
        "def f(xs):\n    # squares\n    # even ones\n    # add\n"
        "    out = [x * x for x in xs if x % 2 == 0]\n    return out\n"
    )
