"""Comprehensions, extends and counters fill what the loops filled."""

from __future__ import annotations

import pytest

APPLIES = {
    "list": (
        "fill-by-comprehension",
        """
        def f(xs):
            # squares
            out = []
            for x in xs:
                # even ones
                if x % 2 == 0:
                    out.append(x * x)  # add
            return out
        """,
        ("f([1, 2, 4])", "f([])"),
    ),
    "nested": (
        "fill-by-comprehension",
        """
        def f(rows):
            out: list = []
            for row in rows:
                if row:
                    for a, b in row:
                        out.append((a, b))
            return out
        """,
        ("f([[(1, 2)], [], [(3, 4)]])",),
    ),
    "set": (
        "fill-by-comprehension",
        """
        def f(xs):
            s = set()
            for x in xs:
                s.add(x if x else 0)
            return sorted(s)
        """,
        ("f([1, 0, 1])",),
    ),
    "dict": (
        "fill-by-comprehension",
        "def f(xs):\n    d = {}\n    for i, x in enumerate(xs):\n        d[x] = i\n    return d\n",
        ("f(['a', 'b', 'a'])",),
    ),
    "same variable in two loops": (
        "fill-by-comprehension",
        """
        def f(xs):
            a = []
            for x in xs:
                a.append(x + 1)
            b = []
            for x in a:
                b.append(x * 2)
            return a, b
        """,
        ("f([1, 2])",),
    ),
    "extend": (
        "extend-at-once",
        """
        def f(xs, ys):
            out = [0]
            out.append(1)
            for x in xs:
                out.append(x)
            for y in ys:
                if y:
                    out.append(y + 1)  # one more
            return out
        """,
        ("f([1, 2], [0, 5])",),
    ),
    "count by get": (
        "count-at-once",
        """
        def f(words):
            counts = {}
            for word in words:
                counts[word] = counts.get(word, 0) + 1  # one
            return counts
        """,
        ("f(['b', 'a', 'b'])", "f([])", "type(f([])).__name__"),
    ),
    "count by if": (
        "count-at-once",
        """
        def f(words: list[str]):
            counts = {}
            for word in words:
                if word.lower() in counts:
                    counts[word.lower()] += 1
                else:
                    counts[word.lower()] = 1
            return counts
        """,
        ("f(['B', 'a', 'b'])",),
    ),
    "count by if not": (
        "count-at-once",
        """
        def f(words):
            counts = dict()
            for word in words:
                if word not in counts:
                    counts[word] = 0
                counts[word] += 1
            return counts
        """,
        ("f(['B', 'a', 'B'])",),
    ),
    "count by defaultdict": (
        "count-at-once",
        """
        from collections import defaultdict
        def f(rows):
            counts = defaultdict(int)
            for a, b in rows:
                counts[a] += 1
            return counts
        """,
        ("f([(1, 2), (1, 3)])",),
    ),
}

REFUSES = {
    "list read in the loop": (
        "fill-by-comprehension",
        """
        def f(xs):
            out = []
            for x in xs:
                if x not in out:
                    out.append(x)
            return out
        """,
    ),
    "variable used after": (
        "fill-by-comprehension",
        "def f(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    return out, x\n",
    ),
    "more in the loop": (
        "fill-by-comprehension",
        """
        def f(xs, n):
            out = []
            for x in xs:
                n += x
                out.append(n)
            return out
        """,
    ),
    "not empty before": (
        "fill-by-comprehension",
        "def f(xs):\n    out = [0]\n    for x in xs:\n        out.append(x)\n    return out\n",
    ),
    "async": (
        "fill-by-comprehension",
        """
        async def f(xs):
            out = []
            async for x in xs:
                out.append(x)
            return out
        """,
    ),
    "yields inside": (
        "fill-by-comprehension",
        """
        def f(xs):
            out = []
            for x in xs:
                out.append((yield x))
            return out
        """,
    ),
    "seen by a handler": (
        "fill-by-comprehension",
        """
        def f(xs):
            try:
                out = []
                for x in xs:
                    out.append(1 / x)
            except ZeroDivisionError:
                pass
            return out
        """,
    ),
    "else": (
        "fill-by-comprehension",
        """
        def f(xs):
            out = []
            for x in xs:
                out.append(x)
            else:
                out.append(0)
            return out
        """,
    ),
    "order of effects": (
        "fill-by-comprehension",
        """
        def f(xs, key, value):
            d = {}
            for x in xs:
                d[key(x)] = value(x)
            return d
        """,
    ),
    "default is missing": (
        "count-at-once",
        """
        def f(words):
            counts = {}
            for word in words:
                counts[word] += 1
            return counts
        """,
    ),
    "not by one": (
        "count-at-once",
        """
        def f(words):
            counts = {}
            for word in words:
                counts[word] = counts.get(word, 0) + len(word)
            return counts
        """,
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


def test_a_long_comprehension_is_laid_out_as_the_file_is_indented(propose):
    value = (
        "sum(x * weight for weight in weights if weight) + max(x * factor for factor in factors)"
    )
    source = (
        "def f(xs, weights, factors):\n\tout = []\n\tfor x in xs:\n"
        f"\t\tout.append({value})\n\treturn out\n"
    )
    new = propose(source, "f", "fill-by-comprehension")[0].new_source
    assert new == (
        "def f(xs, weights, factors):\n\tout = [\n"
        f"\t\t{value}\n\t\tfor x in xs\n\t]\n\treturn out\n"
    )
